"""Give a ticket to the next person with what they need, and agree on what is done next, by whom, until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.core.redacted_text import RedactedText
from app.core.ticket import LEGAL_MOVES, State
from app.operations import tickets as steps
from app.operations.clocks import wind
from app.operations.notices import tell
from app.store import hand_offs
from app.store.database import db
from app.store.models import Change, Ticket, User
from app.store.models_desk import HandOff, NextAction

OTHERS = frozenset({"engineering", "billing"})  # what is with them is on hold for us


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is done next, by whom, until when."""

    action: RedactedText
    owner: User
    due: date


@dataclass(frozen=True, slots=True)
class HandOffWish:
    """To whom, who stands in, to which queue, what was tried, and what the next person does by when."""

    to: User
    backup: User | None
    queue: str
    tried: RedactedText
    next: NextStep
    review_note: RedactedText | None = None
    checked: tuple[str, ...] = ()  # the lines of the queue's checklist that are settled


def agree_next(ticket: Ticket, step: NextStep, actor: User, now: datetime) -> None:
    """Agree on the next action; it takes the place of the one before."""
    _agree(ticket, step, actor, now)
    db.session.commit()


def end_next(ticket: Ticket, actor: User, now: datetime) -> None:
    """The next action is done."""
    hand_offs.end_next_actions(ticket.id, now)
    ticket.next_due, ticket.updated_at = None, now
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="next", before=None, after="done", created_at=now))
    db.session.commit()


def hand_over(ticket: Ticket, wish: HandOffWish, actor: User, now: datetime) -> None:
    """The ticket is the next person's from now on; they and the backup owner are told."""
    row = HandOff(ticket_id=ticket.id, from_id=actor.id, to_id=wish.to.id, backup_id=wish.backup.id if wish.backup else None)
    row.queue, row.tried, row.review_note, row.created_at = wish.queue, wish.tried, wish.review_note, now
    row.checked = list(wish.checked)
    db.session.add(row)
    steps.put_assignee(ticket, wish.to, actor, now)
    _change_queue(ticket, wish.queue, actor, now)
    _agree(ticket, wish.next, actor, now)
    tell([wish.to.id, wish.next.owner.id, wish.backup.id if wish.backup else None], ticket, "hand_off", now)
    wind(ticket, now)
    db.session.commit()


def _change_queue(ticket: Ticket, queue: str, actor: User, now: datetime) -> None:
    """Into another queue; what waits for engineering or billing is on hold for the user's sake."""
    if queue != ticket.queue:
        db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="queue", before=ticket.queue, after=queue, created_at=now))
        ticket.queue = queue
    target = State.ON_HOLD if queue in OTHERS else State.OPEN
    if target in LEGAL_MOVES[State(ticket.state)]:
        steps.put_state(ticket, target, actor, now)


def _agree(ticket: Ticket, step: NextStep, actor: User, now: datetime) -> None:
    hand_offs.end_next_actions(ticket.id, now)
    row = NextAction(ticket_id=ticket.id, action=step.action, owner_id=step.owner.id, due=step.due.isoformat())
    row.made_by_id, row.created_at = actor.id, now
    db.session.add(row)
    ticket.next_due, ticket.updated_at = row.due, now
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="next", before=None, after=row.due, created_at=now))
