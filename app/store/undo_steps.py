"""Steps that can be taken back, and what taking them back touches."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from app.store.database import db
from app.store.models import Note, Reply
from app.store.models_desk import TicketRelation, TicketTag, UndoStep


def by_id(step_id: int) -> UndoStep | None:
    """A step."""
    return db.session.get(UndoStep, step_id)


def relations(numbers: Sequence[int]) -> Sequence[TicketRelation]:
    """Relations by number."""
    return db.session.scalars(select(TicketRelation).where(TicketRelation.id.in_(numbers))).all() if numbers else ()


def move_replies(numbers: Sequence[int], ticket_id: int) -> None:
    """Replies belong to this ticket from now on."""
    if numbers:
        db.session.execute(update(Reply).where(Reply.id.in_(numbers)).values(ticket_id=ticket_id))


def move_notes(numbers: Sequence[int], ticket_id: int) -> None:
    """Notes belong to this ticket from now on."""
    if numbers:
        db.session.execute(update(Note).where(Note.id.in_(numbers)).values(ticket_id=ticket_id))


def forget_tags(numbers: Sequence[int]) -> None:
    """These tags are gone."""
    if numbers:
        db.session.execute(delete(TicketTag).where(TicketTag.id.in_(numbers)))


def tags(ticket_id: int) -> Sequence[str]:
    """A ticket's tags."""
    return db.session.scalars(select(TicketTag.tag).where(TicketTag.ticket_id == ticket_id).order_by(TicketTag.id)).all()
