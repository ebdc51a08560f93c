"""Tickets, their threads, matches and diagnoses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, or_, select, union_all
from sqlalchemy.orm import joinedload

from app.core.ticket import ACTIVE
from app.store.database import db
from app.store.models import Change, Note, Reply, Ticket, TicketDiagnosis, TicketLink, TicketMatch
from app.store.plain_rows import Columns, plain_rows

# what every ticket's page asks, built once
_BY_ID = select(Ticket).options(joinedload(Ticket.requester), joinedload(Ticket.assignee)).where(Ticket.id == bindparam("number"))
_MATCHES = select(TicketMatch).where(TicketMatch.ticket_id == bindparam("number")).order_by(TicketMatch.rank, TicketMatch.id)


@dataclass(frozen=True, slots=True)
class TicketName:
    """A ticket as a list of names needs it."""

    id: int
    subject: str
    state: str


def by_id(ticket_id: int) -> Ticket | None:
    """A ticket with its people."""
    return db.session.scalar(_BY_ID, {"number": ticket_id})


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


def by_ids(numbers: Sequence[int]) -> Sequence[Ticket]:
    """Several tickets with their people, in the order of their numbers."""
    query = select(Ticket).options(joinedload(Ticket.assignee)).where(Ticket.id.in_(numbers)).order_by(Ticket.id)
    return db.session.scalars(query).all() if numbers else ()


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
    rows = db.session.scalars(_MATCHES, {"number": ticket_id}).all()
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


def similar(ticket: Ticket, limit: int = 5) -> Sequence[TicketName]:
    """Other tickets of the same cause, solved ones first, then the newest."""
    if ticket.cause is None:
        return []
    return [TicketName(*row) for row in plain_rows(_SIMILAR, cause=ticket.cause, number=ticket.id, limit=limit)]


def _similar() -> Columns:
    """The newest solved ones and the newest others, each found along its index, in one order."""
    alike = (Ticket.cause == bindparam("cause"), Ticket.id != bindparam("number"))
    most = bindparam("limit", type_=Integer)
    solved = select(Ticket.id).where(*alike, Ticket.solved_at.is_not(None)).order_by(Ticket.solved_at.desc()).limit(most).subquery()
    others = select(Ticket.id).where(*alike, Ticket.solved_at.is_(None)).order_by(Ticket.id.desc()).limit(most).subquery()
    query = select(Ticket.id, Ticket.subject, Ticket.state)
    query = query.where(Ticket.id.in_(union_all(select(solved.c.id), select(others.c.id))))
    return query.order_by(Ticket.solved_at.is_(None), Ticket.id.desc()).limit(most)


_SIMILAR = _similar()


def waiting_for_logs(now: datetime, limit: int = 200) -> Sequence[int]:
    """Numbers of active tickets whose log line may still arrive."""
    query = select(Ticket.id).where(Ticket.rematch_until > now, Ticket.state.in_(ACTIVE)).order_by(Ticket.id).limit(limit)
    return db.session.scalars(query).all()
