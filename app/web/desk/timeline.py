"""One ticket's talk as one list: public words, notes, log rows and changes, with chips that choose among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from app.core.record import RedactedRecord
from app.core.record_view import moment

if TYPE_CHECKING:
    from app.store.models_guests import NoteTrace
    from app.store.talk import Changed, Noted, Said

NO_TRACES: Mapping[int, Sequence[NoteTrace]] = {}

CHIPS = ("all", "replies", "notes", "logs", "changes")
OPENED = ("all", "replies")  # the chips that show the report itself
CHIP_OF = {"reply_requester": "replies", "reply_staff": "replies", "note": "notes", "log": "logs", "change": "changes"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the merged timeline. kind: reply_requester, reply_staff, note, change, log; ticket: the one it came from, if another."""

    kind: str
    who: str | None
    at: datetime
    body: str
    id: str = ""
    ticket: int | None = None
    record: RedactedRecord | None = None
    number: int = 0
    note_id: int = 0
    author_id: int | None = None
    traces: tuple[NoteTrace, ...] = ()  # of a note: what was done to it, oldest first

    @property
    def struck(self) -> NoteTrace | None:
        """That the note was struck out and not taken up again."""
        last = next((trace for trace in reversed(self.traces) if trace.kind != "edit"), None)
        return last if last and last.kind == "strike" else None

    @property
    def edits(self) -> tuple[NoteTrace, ...]:
        """The note's earlier wordings with when and by whom each was replaced."""
        return tuple(trace for trace in self.traces if trace.kind == "edit")


def timeline(
    ticket_id: int,
    replies: Sequence[Said],
    notes: Sequence[Noted],
    changes: Sequence[Changed],
    attempts: Iterable[RedactedRecord],
    traces: Mapping[int, Sequence[NoteTrace]] = NO_TRACES,
) -> tuple[Entry, ...]:
    """Everything in one list, oldest first."""
    entries = [_reply(reply, ticket_id) for reply in replies]
    entries += [_note(note, ticket_id, traces.get(note.id, ())) for note in notes]
    entries += [
        Entry("change", change.actor, change.created_at, f"{change.what}:{change.before or ''}→{change.after or ''}") for change in changes
    ]
    entries += [Entry("log", None, moment(record), record.error_message or "", record=record) for record in attempts]
    return tuple(sorted(entries, key=lambda entry: entry.at))


def chosen(entries: Sequence[Entry], chip: str) -> tuple[Entry, ...]:
    """What a chip leaves."""
    return tuple(entry for entry in entries if chip == "all" or CHIP_OF.get(entry.kind) == chip)


def chip_counts(entries: Sequence[Entry], *, opening: bool) -> dict[str, int]:
    """Chip → how many it leaves. opening: the report itself is the first word, though no row of its own."""
    return {chip: len(chosen(entries, chip)) + (opening and chip in OPENED) for chip in CHIPS}


def _reply(reply: Said, ticket_id: int) -> Entry:
    kind = "reply_staff" if reply.by_staff else "reply_requester"
    other = _other(reply.ticket_id, ticket_id)
    return Entry(kind, reply.author, reply.created_at, reply.body, f"reply-{reply.id}", other, number=reply.id)


def _note(note: Noted, ticket_id: int, traces: Sequence[NoteTrace]) -> Entry:
    told = Entry("note", note.author, note.created_at, note.body, f"note-{note.id}", _other(note.ticket_id, ticket_id))
    return replace(told, note_id=note.id, author_id=note.author_id, traces=tuple(traces))


def _other(number: int, ticket_id: int) -> int | None:
    return number if number != ticket_id else None
