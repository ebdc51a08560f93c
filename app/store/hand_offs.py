"""Hand-offs, next actions, escalations and what the desk tells people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import joinedload

from app.core.ticket import ACTIVE
from app.store.database import db
from app.store.models import Ticket
from app.store.models_desk import Escalation, HandOff, NextAction, Notice

MOST_NOTICES = 12
_NOTICES = cast("Table", Notice.__table__)
_READ_NOTICES = update(_NOTICES).where(_NOTICES.c.user_id == bindparam("person"), _NOTICES.c.ticket_id == bindparam("number"))
_READ_NOTICES = _READ_NOTICES.where(_NOTICES.c.read_at.is_(None)).values(read_at=bindparam("now"))


def hand_offs(ticket_id: int) -> Sequence[HandOff]:
    """A ticket's hand-offs, the newest first."""
    people = (joinedload(HandOff.sender), joinedload(HandOff.receiver), joinedload(HandOff.backup))
    return db.session.scalars(select(HandOff).options(*people).where(HandOff.ticket_id == ticket_id).order_by(HandOff.id.desc())).all()


def backup_of(ticket_id: int) -> int | None:
    """The backup owner the last hand-off named."""
    return db.session.scalar(select(HandOff.backup_id).where(HandOff.ticket_id == ticket_id).order_by(HandOff.id.desc()).limit(1))


def next_action(ticket_id: int) -> NextAction | None:
    """What is agreed to be done next, if anything is."""
    query = select(NextAction).options(joinedload(NextAction.owner)).where(NextAction.ticket_id == ticket_id, NextAction.ended_at.is_(None))
    return db.session.scalar(query.order_by(NextAction.id.desc()).limit(1))


def end_next_actions(ticket_id: int, now: datetime) -> None:
    """Nothing is agreed any more."""
    query = update(NextAction).where(NextAction.ticket_id == ticket_id, NextAction.ended_at.is_(None))
    db.session.execute(query.values(ended_at=now))


def notices(user_id: int) -> Sequence[tuple[Notice, Ticket | None]]:
    """What a person has not read yet, the newest first, with the tickets of what is about one."""
    query = select(Notice, Ticket).outerjoin(Ticket, Ticket.id == Notice.ticket_id)
    query = query.where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return [(notice, ticket) for notice, ticket in db.session.execute(query.order_by(Notice.id.desc()).limit(MOST_NOTICES))]


def read_notices(user_id: int, ticket_id: int, now: datetime) -> None:
    """The person has looked at the ticket."""
    db.session.connection().execute(_READ_NOTICES, {"person": user_id, "number": ticket_id, "now": now})


def notice(user_id: int, number: int) -> Notice | None:
    """One of a person's own notices."""
    return db.session.scalar(select(Notice).where(Notice.id == number, Notice.user_id == user_id))


def due_until(moment: datetime, limit: int = 500) -> Sequence[Ticket]:
    """Active tickets with a clock that runs out until then, the soonest first."""
    query = select(Ticket).where(Ticket.state.in_(ACTIVE), Ticket.due_at <= moment).order_by(Ticket.due_at).limit(limit)
    return db.session.scalars(query).all()


def told_stages(tickets: Sequence[Ticket]) -> set[tuple[int, str, str, datetime]]:
    """Which escalations of these tickets were made: (ticket, clock, stage, due)."""
    rows = db.session.scalars(select(Escalation).where(Escalation.ticket_id.in_([ticket.id for ticket in tickets])))
    return {(row.ticket_id, row.clock, row.stage, row.due_at) for row in rows}


def escalations(ticket_id: int) -> Sequence[Escalation]:
    """A ticket's escalations, oldest first."""
    return db.session.scalars(select(Escalation).where(Escalation.ticket_id == ticket_id).order_by(Escalation.id)).all()
