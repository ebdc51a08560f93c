"""What staff added to the checklists, what is known in the queues' own fields, and which outside trackers a ticket is in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models_hand_off import ChecklistAddition, QueueValue, TrackerLink

MOST_ADDED = 100
_ADDITIONS = select(ChecklistAddition).options(joinedload(ChecklistAddition.added_by)).where(ChecklistAddition.ended_at.is_(None))
_ADDITIONS = _ADDITIONS.order_by(ChecklistAddition.id).limit(MOST_ADDED)


def additions() -> Sequence[ChecklistAddition]:
    """Every line that staff added and nobody took off again, the oldest first."""
    return db.session.scalars(_ADDITIONS).all()


def addition(number: int) -> ChecklistAddition | None:
    """A line that was added, if it still stands."""
    return db.session.scalar(select(ChecklistAddition).where(ChecklistAddition.id == number, ChecklistAddition.ended_at.is_(None)))


def values(ticket_id: int) -> dict[str, str]:
    """Field → what is known."""
    query = select(QueueValue.fact, QueueValue.code).where(QueueValue.ticket_id == ticket_id)
    return {row.fact: row.code for row in db.session.execute(query)}


def value(ticket_id: int, fact: str) -> QueueValue | None:
    """What is known in one field."""
    return db.session.get(QueueValue, (ticket_id, fact))


def trackers(ticket_id: int) -> Sequence[TrackerLink]:
    """The outside entries a ticket is linked to, the oldest first."""
    query = select(TrackerLink).where(TrackerLink.ticket_id == ticket_id, TrackerLink.ended_at.is_(None))
    return db.session.scalars(query.order_by(TrackerLink.id)).all()
