"""What became of notes after they were written: earlier wordings, what was struck out. For staff pages only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models import Note
from app.store.models_guests import NoteTrace

_OF_TICKETS = select(NoteTrace).options(joinedload(NoteTrace.actor)).join(Note, Note.id == NoteTrace.note_id)
_OF_TICKETS = _OF_TICKETS.where(Note.ticket_id.in_(bindparam("numbers", expanding=True))).order_by(NoteTrace.id)


def of_tickets(numbers: Sequence[int]) -> dict[int, list[NoteTrace]]:
    """Note → what was done to it, oldest first; one query for several tickets."""
    found: dict[int, list[NoteTrace]] = {}
    for trace in db.session.scalars(_OF_TICKETS, {"numbers": numbers}):
        found.setdefault(trace.note_id, []).append(trace)
    return found


def note_of(ticket_id: int, note_id: int) -> Note | None:
    """A note of this ticket."""
    return db.session.scalar(select(Note).where(Note.id == note_id, Note.ticket_id == ticket_id))


def is_struck(note_id: int) -> bool:
    """Whether the note was struck out and not taken up again."""
    told = select(NoteTrace.kind).where(NoteTrace.note_id == note_id, NoteTrace.kind != "edit").order_by(NoteTrace.id.desc()).limit(1)
    return db.session.scalar(told) == "strike"
