"""Edit, strike out and take up again a private note; nothing is lost, everything says by whom. Replies are never edited."""

from __future__ import annotations

from datetime import datetime

from app.core.redacted_text import RedactedText
from app.core.roles import Role
from app.operations.notices import MENTION, tell_mentioned
from app.store import note_traces, ticket_search
from app.store.database import db
from app.store.models import Change, Note, Ticket, User
from app.store.models_guests import NoteTrace

MAY_STRIKE = frozenset({Role.MANAGER, Role.OWNER})  # beside the author


class NotYours(PermissionError):
    """Only its author edits a note; only the author and those who lead the desk strike it out."""


def edit_note(ticket: Ticket, note: Note, body: RedactedText, actor: User, now: datetime) -> bool:
    """Put another wording in place; the earlier one is kept. False when it is the same, or the note is struck out. Raises NotYours."""
    if note.author_id != actor.id:
        raise NotYours
    if body == note.body or note_traces.is_struck(note.id):
        return False
    _trace(ticket, note, "edit", actor, now, note.body)
    named = set(MENTION.findall(body)) - set(MENTION.findall(note.body))
    note.body, ticket.updated_at = body, now
    ticket_search.index_note(note)
    tell_mentioned(ticket, " ".join(f"@{name}" for name in sorted(named)), actor, now)
    db.session.commit()
    return True


def strike_note(ticket: Ticket, note: Note, actor: User, now: datetime) -> None:
    """The note counts no longer: it is shown struck out, and the search does not find it. Raises NotYours."""
    _check_strike(note, actor)
    if not note_traces.is_struck(note.id):
        _trace(ticket, note, "strike", actor, now)
        ticket_search.forget_note(note.id)
    db.session.commit()


def restore_note(ticket: Ticket, note: Note, actor: User, now: datetime) -> None:
    """The note counts again. Raises NotYours."""
    _check_strike(note, actor)
    if note_traces.is_struck(note.id):
        _trace(ticket, note, "restore", actor, now)
        ticket_search.index_note(note)
    db.session.commit()


def may_strike(author_id: int, actor: User) -> bool:
    """Whether this person may strike out a note of that author."""
    return author_id == actor.id or Role(actor.role) in MAY_STRIKE


def _check_strike(note: Note, actor: User) -> None:
    if not may_strike(note.author_id, actor):
        raise NotYours


def _trace(ticket: Ticket, note: Note, kind: str, actor: User, now: datetime, body: RedactedText | None = None) -> None:
    """What was done, with the note and in the ticket's history."""
    db.session.add(NoteTrace(note_id=note.id, kind=kind, body=body, actor_id=actor.id, at=now))
    db.session.add(
        Change(ticket_id=ticket.id, actor_id=actor.id, what=f"note_{kind}", before=None, after=f"note {note.id}", created_at=now)
    )
