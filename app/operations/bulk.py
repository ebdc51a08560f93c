"""One step for many tickets at once, which can be taken back as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.redacted_text import RedactedText
from app.core.ticket import LEGAL_MOVES, State
from app.operations import tickets as steps
from app.operations.undo import add_tag, entry_of, keep_step, snapshot
from app.store import tickets, undo_steps
from app.store.database import db
from app.store.models import Change, Ticket, User
from app.store.models_desk import UndoStep

MOST = 200


@dataclass(frozen=True, slots=True)
class BulkWish:
    """What is wished for all: give them to somebody (None: to nobody), move them, file them under a word. One of the three."""

    assign: bool = False
    assignee: User | None = None
    state: State | None = None
    tag: RedactedText | None = None


@dataclass(frozen=True, slots=True)
class BulkDone:
    """How many tickets took the step, how many could not, and how to take it back."""

    done: int
    skipped: int
    step: UndoStep | None


def apply_to_all(numbers: Sequence[int], wish: BulkWish, actor: User, now: datetime) -> BulkDone:
    """Do one thing to many tickets, all or nothing in one transaction; those that cannot take it stay as they are."""
    found = tickets.by_ids(numbers[:MOST])
    entries = [entry for ticket in found if (entry := _apply(ticket, wish, actor, now))]
    step = keep_step("bulk", entries, actor, now) if entries else None
    db.session.commit()
    return BulkDone(len(entries), len(found) - len(entries), step)


def _apply(ticket: Ticket, wish: BulkWish, actor: User, now: datetime) -> dict[str, Any] | None:
    """One ticket's share of the step; None when nothing changes."""
    before = snapshot(ticket)
    if wish.tag is not None:
        return _tag(ticket, wish.tag, actor, now)
    if wish.state is not None:
        if wish.state not in LEGAL_MOVES[State(ticket.state)] or (wish.state is State.ON_HOLD and ticket.next_due is None):
            return None
        steps.put_state(ticket, wish.state, actor, now)
    elif wish.assign and ticket.assignee_id != (wish.assignee.id if wish.assignee else None):
        steps.put_assignee(ticket, wish.assignee, actor, now)
    entry = entry_of(ticket, before)
    return entry if entry["set"] else None


def remove_tag(ticket: Ticket, tag: str, actor: User, now: datetime) -> bool:
    """The ticket is filed under this word no longer. False when it was not."""
    row = undo_steps.tag_row(ticket.id, tag)
    if row is None:
        return False
    db.session.delete(row)
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="untag", before=str(row.tag), after=None, created_at=now))
    db.session.commit()
    return True


def _tag(ticket: Ticket, tag: RedactedText, actor: User, now: datetime) -> dict[str, Any] | None:
    """File a ticket under a word; None when it already is."""
    row = add_tag(ticket, tag)
    if row is None:
        return None
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="tag", before=None, after=str(tag), created_at=now))
    return {"ticket": ticket.id, "tags": [row.id]}
