"""An e-mail made from a message: for its reader, in their language, with the headers by which it threads and by which it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import TYPE_CHECKING

from flask import Flask, g, render_template, url_for
from flask_babel import gettext as _

from app.core.mail_threads import reply_address, ticket_root
from app.mail.letter import Letter
from app.mail.letters import letter_of
from app.store import contacts, outbox, tickets, users
from app.web.context import sealer, settings

if TYPE_CHECKING:
    from app.store.models_mail import OutMessage

POLICY = SMTP.clone(max_line_length=100)


class CannotOpen(Exception):
    """The reader's address was sealed under another secret."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished e-mail and where it goes."""

    message: EmailMessage
    recipient: str


def compose(app: Flask, message: OutMessage, now: datetime) -> Mail | None:
    """The e-mail of a message; None when there is nothing left to say. Raises CannotOpen.

    It is rendered like a page of its reader's, in contexts of its own, so that nothing of one letter is left for the next.
    """
    contact = contacts.of_user(message.user_id) if message.user_id else contacts.of_guest(message.ticket_id or 0)
    if contact is None or contact.failed_at is not None:
        return None
    with app.app_context(), app.test_request_context(base_url=app.extensions["settings"].public_url):
        recipient = sealer().open(contact.address)
        if recipient is None:
            raise CannotOpen
        g.page_language = _language(message)
        letter = letter_of(message, now)
        return Mail(_email(letter, message, recipient, now), recipient) if letter else None


def _language(message: OutMessage) -> str:
    """The account's language, else that of the ticket, else English."""
    reader = users.by_id(message.user_id) if message.user_id else None
    ticket = tickets.by_id(message.ticket_id) if message.ticket_id else None
    return (reader.language if reader else None) or (ticket.language if ticket else None) or "en"


def _email(letter: Letter, message: OutMessage, recipient: str, now: datetime) -> EmailMessage:
    """Both bodies and every header."""
    email = EmailMessage(policy=POLICY)
    desk = settings().mail_from
    email["Subject"] = " ".join(letter.subject.split())
    email["From"] = formataddr((f"{settings().gateway_name} · {_('support')}", desk))
    email["To"] = recipient
    email["Date"] = format_datetime(now)
    _thread(email, message, desk)
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "All"
    if message.user_id:
        email["List-Unsubscribe"] = f"<{url_for('auth.own_settings', _external=True)}>"
    email.set_content(render_template("mail/letter.txt", letter=letter), cte="quoted-printable")
    email.add_alternative(render_template("mail/letter.html", letter=letter), subtype="html", cte="quoted-printable")
    email["Content-Language"] = "zh-Hans" if g.page_language == "zh" else "en"  # last: setting the content clears such headers
    return email


def _thread(email: EmailMessage, message: OutMessage, desk: str) -> None:
    """What it belongs to: the ticket's root and the message before; and the address by which an answer finds its ticket."""
    domain = desk.partition("@")[2]
    email["Message-ID"] = f"<{message.message_id}@{domain}>"
    email["List-Id"] = f"<desk.{domain}>"
    if message.ticket_id is None:
        return
    root, before = ticket_root(message.ticket_id, sealer(), domain), outbox.earlier(message)
    earlier = f"<{before}@{domain}>" if before else root
    email["In-Reply-To"] = earlier
    email["References"] = " ".join(dict.fromkeys((root, earlier)))
    if settings().mail_replies:
        email["Reply-To"] = reply_address(desk, message.ticket_id, message.user_id, sealer())
