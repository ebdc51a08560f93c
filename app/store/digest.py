"""What a person of the desk should know in the morning."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from app.core.roles import Role
from app.core.ticket import State
from app.store.database import db
from app.store.models import Ticket, User
from app.store.models_mail import Contact, OutMessage

MOST = 10
OURS = (State.NEW, State.OPEN)


def readers() -> Sequence[User]:
    """Active staff who get e-mail."""
    query = select(User).join(Contact, Contact.user_id == User.id).where(Contact.failed_at.is_(None))
    return db.session.scalars(query.where(User.disabled_at.is_(None), User.role != Role.USER).order_by(User.id)).all()


def had(user_id: int, day: date) -> bool:
    """Whether the person's digest of this day was posted."""
    query = select(OutMessage.id).where(OutMessage.user_id == user_id, OutMessage.kind == "digest")
    return db.session.scalar(query.where(OutMessage.about_id == number_of(day)).limit(1)) is not None


def number_of(day: date) -> int:
    """A day as a message names it: 20261124."""
    return day.year * 10_000 + day.month * 100 + day.day


def waiting_for(user_id: int) -> Sequence[Ticket]:
    """The person's tickets that wait for us, the longest first."""
    query = select(Ticket).where(Ticket.assignee_id == user_id, Ticket.state.in_(OURS))
    return db.session.scalars(query.order_by(Ticket.waiting_since, Ticket.id).limit(MOST)).all()


def running_out(user_id: int, until: datetime) -> Sequence[Ticket]:
    """The person's tickets whose clock runs out until then, the soonest first."""
    query = select(Ticket).where(Ticket.assignee_id == user_id, Ticket.state.in_(OURS), Ticket.due_at <= until)
    return db.session.scalars(query.order_by(Ticket.due_at).limit(MOST)).all()
