"""Give, change and forget where people get e-mail, and how soon they want to hear of what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from app.core.mail_address import SealedAddress
from app.core.mail_kinds import DEFAULT, Group, When
from app.operations.audit import record
from app.store import contacts
from app.store.database import db
from app.store.models import Ticket, User
from app.store.models_mail import Contact, MailChoice


def put_user_address(user: User, address: SealedAddress | None, now: datetime, actor: User | None) -> None:
    """Set or forget an account's address within a larger step, which commits."""
    found = contacts.of_user(user.id)
    if found is not None and address is not None and found.mark == address.mark:
        found.failed_at = None
        return
    if found is not None:
        db.session.delete(found)
        db.session.flush()
    if address is not None:
        db.session.add(Contact(user_id=user.id, address=address.address, mark=address.mark, created_at=now))
    if found is not None or address is not None:
        record("address_set" if address else "address_forgotten", "user", user.id, now, actor)


def put_guest_address(ticket: Ticket, address: SealedAddress | None, now: datetime) -> None:
    """Keep a guest's address with their ticket within a larger step, which commits."""
    if address is not None:
        db.session.add(Contact(ticket_id=ticket.id, address=address.address, mark=address.mark, created_at=now))


def set_guest_address(ticket: Ticket, address: SealedAddress | None, now: datetime) -> None:
    """The guest gives another address, or takes it back."""
    found = contacts.of_guest(ticket.id)
    if found is not None:
        db.session.delete(found)
        db.session.flush()
    put_guest_address(ticket, address, now)
    record("address_set" if address else "address_forgotten", "ticket", ticket.id, now, None)
    db.session.commit()


def set_user_address(user: User, address: SealedAddress | None, now: datetime, actor: User | None) -> None:
    """Set or forget an account's address."""
    put_user_address(user, address, now, actor)
    db.session.commit()


def choose(user: User, language: str | None, wishes: Mapping[Group, When], now: datetime) -> None:
    """The person's language and how soon they want to hear of what."""
    user.language = language
    contacts.forget_choices(user.id)
    db.session.add_all(MailChoice(user_id=user.id, kind=group, choice=when) for group, when in wishes.items() if when is not DEFAULT[group])
    record("settings_changed", "user", user.id, now, user)
    db.session.commit()


def forget_quiet_guests(now: datetime, days: int) -> int:
    """Forget guests' addresses once their links have run out. Returns how many."""
    gone = contacts.guests_gone_quiet(now - timedelta(days=days))
    for contact in gone:
        db.session.delete(contact)
    db.session.commit()
    return len(gone)
