"""Where a guest's ticket page says which address gets e-mail about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm

from app.store import contacts
from app.web.address_field import AddressField, shown_address
from app.web.context import settings

if TYPE_CHECKING:
    from app.store.models import Ticket


class ContactForm(FlaskForm):
    """A guest's address."""

    contact = AddressField(lazy_gettext("E-mail address"))


@dataclass(frozen=True, slots=True)
class MailBox:
    """What the page shows: the address as `l…@example.com`, whether mail to it came back, and where another one is given."""

    shown: str | None
    failed: bool
    action: str
    form: ContactForm


def mail_box(ticket: Ticket, token: str | None, form: ContactForm | None = None) -> MailBox | None:
    """For a guest, where e-mail is sent at all; an account's address stands in its settings."""
    if token is None or not settings().sends_mail:
        return None
    contact = contacts.of_guest(ticket.id)
    shown = shown_address(contact.address) if contact else None
    failed = bool(contact and contact.failed_at)
    return MailBox(shown, failed, url_for("portal.set_contact", token=token), form or ContactForm(formdata=None))
