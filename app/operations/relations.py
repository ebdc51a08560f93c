"""Merge, split, link and order tickets under one another; each is a dated record that can be ended, so nothing is ever lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.core.rulebook import Rulebook
from app.core.ticket import LEGAL_MOVES, State
from app.operations import tickets as steps
from app.operations.audit import record
from app.operations.clocks import wind
from app.operations.undo import entry_of, keep_step, snapshot
from app.store import relations, ticket_search, writing
from app.store.database import db
from app.store.models import Change, Ticket, User
from app.store.models_desk import Follower, TicketRelation, UndoStep


class CannotRelate(ValueError):
    """The two tickets cannot hang together like that. The message is a code: same, merged, related, nothing, guest."""


def merge(ticket: Ticket, into: Ticket, actor: User, now: datetime) -> UndoStep:
    """Close `ticket` and go on in `into`. Its words stay its own and are shown there as well; what somebody was writing goes along.

    Raises CannotRelate.
    """
    if ticket.id == into.id:
        raise CannotRelate("same")
    if relations.merged_into(ticket.id) or relations.merged_into(into.id):
        raise CannotRelate("merged")
    before = snapshot(ticket)
    relation = _relate(ticket, into, "merged", actor, now)
    if State.CLOSED in LEGAL_MOVES[State(ticket.state)]:
        steps.put_state(ticket, State.CLOSED, actor, now)
    wind(into, now)
    drafts = {"other": into.id, "drafts": writing.hand_drafts_on(ticket.id, into.id)}
    return _done("merge", [entry_of(ticket, before) | {"made": [relation.id]} | drafts], actor, now)


def put_under(ticket: Ticket, parent: Ticket, actor: User, now: datetime) -> UndoStep:
    """`ticket` has the cause of `parent`, which many share. Raises CannotRelate."""
    return _hang(ticket, parent, "child", actor, now)


def link(ticket: Ticket, other: Ticket, actor: User, now: datetime) -> UndoStep:
    """The two have to do with one another. Raises CannotRelate."""
    return _hang(ticket, other, "related", actor, now)


def end_relation(ticket: Ticket, relation: TicketRelation, actor: User, now: datetime) -> UndoStep:
    """The two have nothing to do with one another any more; of a merge, use its undo."""
    relation.ended_at = now
    _change(ticket, f"un{relation.kind}", relation.other_id if relation.ticket_id == ticket.id else relation.ticket_id, actor, now)
    return _done("end", [{"ticket": ticket.id, "ended": [relation.id]}], actor, now)


def split(ticket: Ticket, numbers: Sequence[int], actor: User, rulebook: Rulebook, now: datetime) -> tuple[Ticket, UndoStep]:
    """Move words of the requester to a ticket of their own. Raises CannotRelate."""
    if ticket.requester_id is None:
        raise CannotRelate("guest")
    words = relations.requesters_words(ticket.id, numbers)
    if not words:
        raise CannotRelate("nothing")
    moved = [word.id for word in words]
    fresh = _split_off(ticket, words[0].body, rulebook, now)
    relation = _relate(fresh, ticket, "split", actor, now)
    relations.move_words(moved, fresh.id)
    wind(fresh, now)
    wind(ticket, now)
    back: list[dict[str, Any]] = [
        {"ticket": ticket.id, "words": moved, "made": [relation.id]},
        {"ticket": fresh.id, "set": {"state": [str(State.CLOSED), str(State.NEW)]}},
    ]
    return fresh, _done("split", back, actor, now)


def follow(ticket: Ticket, user: User, now: datetime, *, on: bool) -> None:
    """Hear of a ticket one does not own, or no longer."""
    known = relations.follower(ticket.id, user.id)
    if on and not known:
        db.session.add(Follower(ticket_id=ticket.id, user_id=user.id, created_at=now))
    elif known and not on:
        db.session.delete(known)
    if bool(known) != on:
        record("follow" if on else "unfollow", "ticket", ticket.id, now, user)
    db.session.commit()


def _hang(ticket: Ticket, other: Ticket, kind: str, actor: User, now: datetime) -> UndoStep:
    if ticket.id == other.id:
        raise CannotRelate("same")
    if relations.pair(ticket.id, other.id, kind):
        raise CannotRelate("related")
    relation = _relate(ticket, other, kind, actor, now)
    return _done(kind, [{"ticket": ticket.id, "made": [relation.id]}], actor, now)


def _relate(ticket: Ticket, other: Ticket, kind: str, actor: User, now: datetime) -> TicketRelation:
    relation = TicketRelation(ticket_id=ticket.id, other_id=other.id, kind=kind, actor_id=actor.id, created_at=now)
    db.session.add(relation)
    db.session.flush()
    _change(ticket, kind, other.id, actor, now)
    _change(other, f"{kind}_here", ticket.id, actor, now)
    return relation


def _split_off(ticket: Ticket, first: Any, rulebook: Rulebook, now: datetime) -> Ticket:
    """A new ticket of the same person that begins with their word."""
    line = rulebook.redactor.clean(" ".join(first.split())[:90])
    fresh = Ticket(
        created_at=now, updated_at=now, language=ticket.language, state=State.NEW, subject=line, requester_id=ticket.requester_id
    )
    fresh.time_zone, fresh.tolerance_minutes, fresh.unknown_fields = ticket.time_zone, ticket.tolerance_minutes, []
    db.session.add(fresh)
    db.session.flush()
    ticket_search.index_ticket(fresh)
    return fresh


def _change(ticket: Ticket, what: str, other: int, actor: User, now: datetime) -> None:
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what=what, before=None, after=str(other), created_at=now))


def _done(kind: str, entries: list[dict[str, Any]], actor: User, now: datetime) -> UndoStep:
    step = keep_step(kind, entries, actor, now)
    db.session.commit()
    return step
