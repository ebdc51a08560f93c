"""Take a step back exactly: every step keeps what it changed, field by field, and gives it back where nobody changed it since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.redacted_text import RedactedText
from app.operations.audit import record
from app.operations.clocks import wind
from app.store import relations, tickets, undo_steps, writing
from app.store.database import db
from app.store.models import Change, Ticket, User
from app.store.models_desk import TicketTag, UndoStep

FIELDS = ("state", "assignee_id", "solved_at", "queue", "waiting_since", "due_at", "due_clock", "next_due", "updated_at")
MOMENTS = frozenset({"solved_at", "waiting_since", "due_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class Undone:
    """How many tickets went back, and how many had been changed since and stayed."""

    back: int
    stayed: int


def snapshot(ticket: Ticket) -> dict[str, Any]:
    """A ticket's fields that steps change."""
    return {name: _code(getattr(ticket, name)) for name in FIELDS}


def entry_of(ticket: Ticket, before: Mapping[str, Any]) -> dict[str, Any]:
    """What changed on a ticket since the snapshot: {field: [before, after]}."""
    after = snapshot(ticket)
    return {"ticket": ticket.id, "set": {name: [before[name], after[name]] for name in FIELDS if before[name] != after[name]}}


def keep_step(kind: str, entries: Sequence[dict[str, Any]], actor: User, now: datetime) -> UndoStep:
    """Keep what a step changed, in the current transaction; the calling operation commits."""
    step = UndoStep(actor_id=actor.id, kind=kind, entries=list(entries), created_at=now)
    db.session.add(step)
    db.session.flush()
    return step


def take_back(step: UndoStep, actor: User, now: datetime) -> Undone:
    """Undo a step; doing it twice changes nothing. What somebody changed since stays as it is."""
    if step.undone_at is not None:
        return Undone(0, 0)
    back = sum(_give_back(entry, actor, now) for entry in step.entries)
    step.undone_at, step.undone_by_id = now, actor.id
    record("undo", "step", step.id, now, actor)
    db.session.commit()
    return Undone(back, len(step.entries) - back)


def _give_back(entry: Mapping[str, Any], actor: User, now: datetime) -> bool:
    """One entry; whether everything in it went back."""
    ticket = tickets.by_id(entry["ticket"])
    if ticket is None:
        return False
    _relations_back(entry, now)
    relations.move_words(entry.get("words", ()), ticket.id)
    undo_steps.forget_tags(entry.get("tags", ()))
    if entry.get("drafts"):
        writing.hand_drafts_on(entry["other"], ticket.id, entry["drafts"])
    fields = entry.get("set", {})
    current = snapshot(ticket)
    free = [name for name, (_before, after) in fields.items() if current[name] == after]
    whole: bool = {"state", "assignee_id", "queue"} & fields.keys() <= set(free)
    for name in free if whole else ():
        setattr(ticket, name, _value(name, fields[name][0]))
    if entry.get("words"):
        wind(ticket, now)
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="undo", before=None, after=None, created_at=now))
    return whole


def _relations_back(entry: Mapping[str, Any], now: datetime) -> None:
    """End the relations a step made, and take up again those it ended."""
    for relation in undo_steps.relations(entry.get("made", ())):
        relation.ended_at = relation.ended_at or now
    for relation in undo_steps.relations(entry.get("ended", ())):
        relation.ended_at = None


def add_tag(ticket: Ticket, tag: RedactedText) -> TicketTag | None:
    """File a ticket under a word; None when it already is."""
    if tag in undo_steps.tags(ticket.id):
        return None
    row = TicketTag(ticket_id=ticket.id, tag=tag)
    db.session.add(row)
    db.session.flush()
    return row


def _code(value: Any) -> Any:
    """A field as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, str) else value


def _value(name: str, code: Any) -> Any:
    return datetime.fromisoformat(code) if name in MOMENTS and code is not None else code
