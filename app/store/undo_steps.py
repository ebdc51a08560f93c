"""Steps that can be taken back, and what taking them back touches."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import String, bindparam, delete, or_, select, type_coerce

from app.store.database import db
from app.store.models_desk import TicketRelation, TicketTag, UndoStep
from app.store.plain_rows import plain_rows

_TAGS = select(TicketTag.tag).where(TicketTag.ticket_id == bindparam("number")).order_by(TicketTag.id)


def by_id(step_id: int) -> UndoStep | None:
    """A step."""
    return db.session.get(UndoStep, step_id)


def relations(numbers: Sequence[int]) -> Sequence[TicketRelation]:
    """Relations by number."""
    return db.session.scalars(select(TicketRelation).where(TicketRelation.id.in_(numbers))).all() if numbers else ()


def forget_tags(numbers: Sequence[int]) -> None:
    """These tags are gone."""
    if numbers:
        db.session.execute(delete(TicketTag).where(TicketTag.id.in_(numbers)))


def tags(ticket_id: int) -> Sequence[str]:
    """A ticket's tags."""
    return [row.tag for row in plain_rows(_TAGS, number=ticket_id)]


def tag_row(ticket_id: int, tag: str) -> TicketTag | None:
    """The row that files a ticket under a word."""
    query = select(TicketTag).where(TicketTag.ticket_id == ticket_id, type_coerce(TicketTag.tag, String) == tag)
    return db.session.scalar(query)


def of_merges(ticket_id: int) -> Sequence[UndoStep]:
    """The merges into and out of a ticket that still hold, so that they can be taken back from its history."""
    touches = or_(TicketRelation.ticket_id == ticket_id, TicketRelation.other_id == ticket_id)
    standing = select(TicketRelation.created_at).where(touches, TicketRelation.kind == "merged", TicketRelation.ended_at.is_(None))
    query = select(UndoStep).where(UndoStep.kind == "merge", UndoStep.undone_at.is_(None), UndoStep.created_at.in_(standing))
    made = {relation.id for relation in db.session.scalars(select(TicketRelation).where(touches, TicketRelation.kind == "merged"))}
    return [step for step in db.session.scalars(query) if made & {number for entry in step.entries for number in entry.get("made", ())}]


def recent(actor_id: int, limit: int = 30) -> Sequence[UndoStep]:
    """A person's last steps, the newest first."""
    return db.session.scalars(select(UndoStep).where(UndoStep.actor_id == actor_id).order_by(UndoStep.id.desc()).limit(limit)).all()
