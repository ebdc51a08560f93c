"""Where people get e-mail, and what they want to hear of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from app.core.mail_kinds import DEFAULT, Group, When
from app.store.database import db
from app.store.models import Ticket
from app.store.models_mail import Contact, MailChoice


def of_user(user_id: int) -> Contact | None:
    """An account's."""
    return db.session.scalar(select(Contact).where(Contact.user_id == user_id))


def of_guest(ticket_id: int) -> Contact | None:
    """That of a ticket's guest."""
    return db.session.scalar(select(Contact).where(Contact.ticket_id == ticket_id))


def of_requester(ticket: Ticket) -> Contact | None:
    """That of whoever filed the ticket."""
    return of_user(ticket.requester_id) if ticket.requester_id else of_guest(ticket.id)


def reachable(user_ids: Sequence[int]) -> set[int]:
    """Which of these accounts get e-mail: they gave an address, and mail to it does not come back."""
    query = select(Contact.user_id).where(Contact.user_id.in_(user_ids), Contact.failed_at.is_(None))
    return {number for number in db.session.scalars(query) if number is not None} if user_ids else set()


def users_of_mark(mark: str) -> Sequence[int]:
    """The accounts of an address, in the order they were given it."""
    query = select(Contact.user_id).where(Contact.mark == mark, Contact.user_id.is_not(None)).order_by(Contact.id)
    return [number for number in db.session.scalars(query) if number is not None]


def is_of_guest(mark: str, ticket_id: int) -> bool:
    """Whether the ticket's guest gave this address."""
    query = select(Contact.id).where(Contact.mark == mark, Contact.ticket_id == ticket_id)
    return db.session.scalar(query) is not None


def times_given(mark: str, since: datetime) -> int:
    """On how many tickets this address was given since then."""
    query = select(func.count()).where(Contact.mark == mark, Contact.ticket_id.is_not(None), Contact.created_at > since)
    return db.session.scalar(query) or 0


def reader_of(ticket_id: int, mark: str) -> Contact | None:
    """The address of this mark, if the ticket's guest or its requester's account gave it."""
    theirs = or_(Contact.ticket_id == Ticket.id, Contact.user_id == Ticket.requester_id)
    query = select(Contact).join(Ticket, theirs).where(Ticket.id == ticket_id, Contact.mark == mark)
    return db.session.scalar(query.limit(1))


def choices(user_ids: Sequence[int]) -> Mapping[int, Mapping[Group, When]]:
    """Person → group → how soon; what they did not choose is the default."""
    found = {number: dict(DEFAULT) for number in user_ids}
    rows = db.session.scalars(select(MailChoice).where(MailChoice.user_id.in_(user_ids))) if user_ids else ()
    for row in rows:
        if row.kind in set(Group) and row.choice in set(When):
            found[row.user_id][Group(row.kind)] = When(row.choice)
    return found


def forget_choices(user_id: int) -> None:
    """The person chooses anew; the calling operation commits."""
    db.session.execute(delete(MailChoice).where(MailChoice.user_id == user_id))


def guests_gone_quiet(since: datetime, limit: int = 500) -> Sequence[Contact]:
    """Guests' addresses on tickets where nothing happened since then."""
    query = select(Contact).join(Ticket, Ticket.id == Contact.ticket_id).where(Ticket.updated_at < since)
    return db.session.scalars(query.limit(limit)).all()
