"""What each kind of e-mail says, in the language of the page being rendered; runs inside a request of its reader's."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext as _

from app.core.mail_kinds import TO_REQUESTERS
from app.core.roles import Audience, Role, admits, sees_amounts
from app.core.ticket import State
from app.mail.digest import digest_letter
from app.mail.letter import Letter, LetterList
from app.operations.links import mail_link
from app.store import outbox, replies, tickets, users
from app.store.mail_rules import mail_book
from app.store.service_rules import service_book
from app.web.context import redactor, sealer, settings
from app.web.desk.list_words import about_words, notice_words
from app.web.i18n import ui_language
from app.web.notice_pages import page_of
from app.web.reports.review_digest import digest_of

if TYPE_CHECKING:
    from app.store.models import Ticket, User
    from app.store.models_mail import OutMessage

STILL = {"solved": State.SOLVED, "waiting": State.PENDING}


def letter_of(message: OutMessage, now: datetime) -> Letter | None:
    """The letter of a message; None when there is nothing left to say."""
    reader = users.by_id(message.user_id) if message.user_id else None
    ticket = tickets.by_id(message.ticket_id) if message.ticket_id else None
    if (message.user_id and (reader is None or not reader.is_active)) or (message.ticket_id and ticket is None):
        return None
    if ticket and message.kind in TO_REQUESTERS and message.user_id == ticket.requester_id:
        return _to_requester(message, ticket, now)
    if reader is None or Role(reader.role) is Role.USER:
        return None
    if message.kind == "digest":
        return digest_letter(reader, now)
    if message.kind == "review_closed":
        return _review_letter(message.about_id, Role(reader.role))
    return _to_staff(message, reader, ticket) if outbox.is_unread(message) else None


def may_show(ticket: Ticket) -> bool:
    """Whether e-mail about this ticket may carry its public words."""
    return service_book().of(ticket.queue).mail == "content"


def _to_requester(message: OutMessage, ticket: Ticket, now: datetime) -> Letter | None:
    if message.about == "ticket" and message.kind in STILL and ticket.state != STILL[message.kind]:
        return None
    reply = replies.by_id(message.about_id) if message.about == "reply" else None
    if message.about == "reply" and (reply is None or reply.ticket_id != ticket.id):
        return None
    unproven = ticket.requester_id is None and message.kind in {"received", "link"}
    shown = may_show(ticket) and not unproven  # anybody may have filed it with this address: not a word of theirs is sent on
    foot = [_("You get this because you filed ticket %(number)s.", number=ticket.id)]
    if ticket.requester_id is None:
        foot.append(_("Whoever has the link can read the ticket: do not pass this e-mail on."))
    return Letter(
        subject=f"[#{ticket.id}] " + (redactor().clean(ticket.subject) if shown else _("Your ticket")),
        lines=_requester_lines(message.kind, bool(reply) and shown),
        words=redactor().clean(reply.body) if reply and shown else "",
        lists=[_rating(ticket, now)] if message.kind == "solved" else [],
        button=(_("Open the ticket"), _requester_page(ticket, now)),
        foot=(*foot, *_choices(ticket.requester_id is not None)),
        mark=answer_mark() if settings().mail_replies else "",
    )


def _rating(ticket: Ticket, now: datetime) -> LetterList:
    """One click says how the help was: it opens the question with the answer chosen."""
    theirs = {"number": ticket.id} if ticket.requester_id is not None else {"token": mail_link(ticket, sealer(), now)}
    endpoint = "portal.rate_own" if ticket.requester_id is not None else "portal.rate"
    words = (("good", _("Yes, it helped")), ("bad", _("No, it did not")))
    return LetterList(_("Did this help?"), [(said, url_for(endpoint, **theirs, choice=choice, _external=True)) for choice, said in words])


def _requester_lines(kind: str, quoted: bool) -> list[str]:
    """What happened, and what the requester can do."""
    said = {
        "received": [_("Your report arrived. A person of the support team reads it, and the answer comes by e-mail too.")],
        "answer": [_("Support answered your ticket:") if quoted else _("Support answered your ticket. Read the answer there.")],
        "waiting": [
            _("Support answered and needs something from you:") if quoted else _("Support needs something from you. Read it there.")
        ],
        "solved": [_("Support answered and thinks that this is solved:") if quoted else _("Support thinks that your ticket is solved.")],
        "incident": [_("News about the failure your ticket is about:") if quoted else _("There is news about your ticket. Read it there.")],
        "link": [_("Somebody, we hope you, asked for the link to this ticket.")],
    }[kind]
    return [*said, _("If it is not solved, open the ticket again there.")] if kind == "solved" and not quoted else said


def answer_mark() -> str:
    """The line above which an answer is written; everything from it on is cut off when the answer comes in."""
    return mail_book().mark_line(ui_language())


def _requester_page(ticket: Ticket, now: datetime) -> str:
    if ticket.requester_id is not None:
        return url_for("portal.own_ticket", number=ticket.id, _external=True)
    return url_for("portal.follow", token=mail_link(ticket, sealer(), now), _external=True)


def _to_staff(message: OutMessage, reader: User, ticket: Ticket | None) -> Letter | None:
    """A notice by e-mail: what happened and where, never what was written."""
    if ticket is not None and not _concerns(message, reader, ticket):
        return None
    what = notice_words().get(message.kind, message.kind)
    thing = f"#{ticket.id}" if ticket else f"{about_words().get(message.about, message.about)} {message.about_id}"
    title = redactor().clean(ticket.subject) if ticket and may_show(ticket) else what
    replies_go_in = ticket is not None and settings().mail_replies
    return Letter(
        subject=f"[{thing}] {title}",
        lines=[_("%(thing)s: %(what)s.", thing=thing if ticket is None else _("Ticket %(number)s", number=ticket.id), what=what)],
        button=(_("Open it in the desk"), page_of(message.ticket_id, message.about, message.about_id, external=True)),
        foot=((_("An answer to this e-mail becomes a private note on the ticket."),) if replies_go_in else ()) + _choices(True),
        mark=answer_mark() if replies_go_in else "",
    )


def _concerns(message: OutMessage, reader: User, ticket: Ticket) -> bool:
    """Whether it still does: a colleague left the desk, or what was given to them was taken back."""
    return admits(Audience.DESK, Role(reader.role)) and (message.kind != "assigned" or ticket.assignee_id == reader.id)


def _review_letter(review_id: int, role: Role) -> Letter | None:
    """A closed week as it was frozen, with amounts for those who may see them."""
    digest = digest_of(review_id, with_amounts=sees_amounts(role)) if admits(Audience.DESK, role) else None
    if digest is None:
        return None
    lists = [LetterList(each.title, each.lines) for each in digest.lists]
    return Letter(digest.subject, digest.lines, digest.button, lists=lists, foot=(*digest.foot, *_choices(True)))


def _choices(has_account: bool) -> tuple[str, ...]:
    """Where one chooses what to hear of."""
    if not has_account:
        return ()
    return (_("What you hear of, and how soon: %(url)s", url=url_for("auth.own_settings", _external=True)),)
