"""Tickets, their threads, matches and diagnoses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from app.core.ticket import ACTIVE, State
from app.store.database import db
from app.store.models import Change, Note, Reply, Ticket, TicketDiagnosis, TicketLink, TicketMatch

PAGE = 50


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue shows. `before`: (updated_at, id) of the last row of the page before."""

    states: tuple[State, ...] = tuple(State)
    causes: tuple[str, ...] = ()
    assignee_id: int | None = None
    unassigned: bool = False
    words: str = ""
    before: tuple[datetime, int] | None = None
    limit: int = PAGE


def by_id(ticket_id: int) -> Ticket | None:
    """A ticket with its people."""
    return db.session.scalar(
        select(Ticket).options(joinedload(Ticket.requester), joinedload(Ticket.assignee)).where(Ticket.id == ticket_id)
    )


def of_requester(ticket_id: int, requester_id: int) -> Ticket | None:
    """The requester's own ticket; anybody else's does not exist for them."""
    return db.session.scalar(select(Ticket).where(Ticket.id == ticket_id, Ticket.requester_id == requester_id))


def by_link(token_hash: str) -> Ticket | None:
    """The ticket behind a secret link that is not revoked."""
    query = select(Ticket).join(TicketLink, TicketLink.ticket_id == Ticket.id)
    return db.session.scalar(query.where(TicketLink.token_hash == token_hash, TicketLink.revoked_at.is_(None)))


def live_links(ticket_id: int) -> Sequence[TicketLink]:
    """The ticket's links that still open it."""
    return db.session.scalars(select(TicketLink).where(TicketLink.ticket_id == ticket_id, TicketLink.revoked_at.is_(None))).all()


def all_of_requester(requester_id: int, limit: int = 100) -> Sequence[Ticket]:
    """A person's own tickets, newest first."""
    return db.session.scalars(select(Ticket).where(Ticket.requester_id == requester_id).order_by(Ticket.id.desc()).limit(limit)).all()


def queue(chosen: QueueFilter) -> Sequence[Ticket]:
    """One page of the queue, most recently moved first; one more row than the page tells that another page follows."""
    query = select(Ticket).options(joinedload(Ticket.assignee), joinedload(Ticket.requester)).where(Ticket.state.in_(chosen.states))
    query = _narrow(query, chosen)
    return db.session.scalars(query.order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(chosen.limit + 1)).all()


def counts_by_state() -> dict[State, int]:
    """How many tickets stand where."""
    rows = db.session.execute(select(Ticket.state, func.count()).group_by(Ticket.state)).all()
    return {State(state): count for state, count in rows}


def counts_by_cause() -> dict[str | None, int]:
    """How many active tickets have which cause."""
    rows = db.session.execute(select(Ticket.cause, func.count()).where(Ticket.state.in_(ACTIVE)).group_by(Ticket.cause)).all()
    return {row[0]: row[1] for row in rows}


def replies(ticket_id: int) -> Sequence[Reply]:
    """The public thread, oldest first."""
    return db.session.scalars(select(Reply).options(joinedload(Reply.author)).where(Reply.ticket_id == ticket_id).order_by(Reply.id)).all()


def notes(ticket_id: int) -> Sequence[Note]:
    """The private notes, oldest first. For staff pages only."""
    return db.session.scalars(select(Note).options(joinedload(Note.author)).where(Note.ticket_id == ticket_id).order_by(Note.id)).all()


def changes(ticket_id: int) -> Sequence[Change]:
    """What was changed, oldest first."""
    return db.session.scalars(
        select(Change).options(joinedload(Change.actor)).where(Change.ticket_id == ticket_id).order_by(Change.id)
    ).all()


def matches(ticket_id: int) -> Sequence[TicketMatch]:
    """Proposed and decided matches: confirmed first, then by rank, rejected last."""
    rows = db.session.scalars(
        select(TicketMatch).where(TicketMatch.ticket_id == ticket_id).order_by(TicketMatch.rank, TicketMatch.id)
    ).all()
    place = {"confirmed": 0, None: 1, "rejected": 2}
    return sorted(rows, key=lambda match: place[match.decision])


def match(ticket_id: int, match_id: int) -> TicketMatch | None:
    """One match of this ticket."""
    return db.session.scalar(select(TicketMatch).where(TicketMatch.id == match_id, TicketMatch.ticket_id == ticket_id))


def tickets_of_record(record_ids: Sequence[str]) -> Sequence[Ticket]:
    """Tickets that a log record was proposed for or confirmed on, newest first."""
    stands = or_(TicketMatch.decision.is_(None), TicketMatch.decision == "confirmed")
    numbers = select(TicketMatch.ticket_id).where(TicketMatch.record_id.in_(record_ids), stands)
    return db.session.scalars(select(Ticket).where(Ticket.id.in_(numbers)).order_by(Ticket.id.desc()).limit(20)).all()


def diagnosis(ticket_id: int) -> TicketDiagnosis | None:
    """The latest diagnosis."""
    return db.session.scalar(
        select(TicketDiagnosis).where(TicketDiagnosis.ticket_id == ticket_id).order_by(TicketDiagnosis.id.desc()).limit(1)
    )


def similar(ticket: Ticket, limit: int = 5) -> Sequence[Ticket]:
    """Other tickets of the same cause, solved ones first, then the newest."""
    query = select(Ticket).where(Ticket.cause == ticket.cause, Ticket.id != ticket.id, Ticket.cause.is_not(None))
    return db.session.scalars(query.order_by(Ticket.solved_at.is_(None), Ticket.id.desc()).limit(limit)).all()


def waiting_for_logs(now: datetime, limit: int = 200) -> Sequence[int]:
    """Numbers of active tickets whose log line may still arrive."""
    query = select(Ticket.id).where(Ticket.rematch_until > now, Ticket.state.in_(ACTIVE)).order_by(Ticket.id).limit(limit)
    return db.session.scalars(query).all()


def _narrow(query: Select[Ticket], chosen: QueueFilter) -> Select[Ticket]:
    """Apply the filter's optional parts."""
    if chosen.causes:
        query = query.where(Ticket.cause.in_(chosen.causes))
    if chosen.assignee_id is not None:
        query = query.where(Ticket.assignee_id == chosen.assignee_id)
    if chosen.unassigned:
        query = query.where(Ticket.assignee_id.is_(None))
    if chosen.words:
        query = query.where(_mentions(chosen.words))
    if chosen.before is not None:
        moved, number = chosen.before
        query = query.where(or_(Ticket.updated_at < moved, (Ticket.updated_at == moved) & (Ticket.id < number)))
    return query


def _mentions(words: str) -> ColumnElement[bool]:
    """A ticket number, an exact id, or words of the subject. What is looked for is not stored, so plain text will do."""
    subject, request_id, task_id = (type_coerce(column, String) for column in (Ticket.subject, Ticket.request_id, Ticket.task_id))
    number = words.lstrip("#")
    exact = Ticket.id == int(number) if number.isdecimal() and len(number) < 10 else request_id == words
    return or_(exact, task_id == words, subject.icontains(words, autoescape=True))
