"""What guests did within the last hour, and the tickets set aside as spam."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Label, delete, func, select
from sqlalchemy.orm import defer

from app.core.ticket import State
from app.store.database import db
from app.store.models import Ticket
from app.store.models_guests import GuestAct, Suspicion

PAGE = 50
MOST_COUNTED = 1_000


def acts_since(sender: str, since: datetime) -> int:
    """How often a sender did this since a moment."""
    query = select(func.count()).select_from(GuestAct).where(GuestAct.sender == sender, GuestAct.at > since)
    return db.session.scalar(query) or 0


def ticket_of(digest: str, since: datetime) -> int | None:
    """The ticket this sender filed with exactly these words, if that was lately."""
    query = select(GuestAct.ticket_id).where(GuestAct.digest == digest, GuestAct.at > since, GuestAct.ticket_id.is_not(None))
    return db.session.scalar(query.order_by(GuestAct.id).limit(1))


def forget_before(moment: datetime) -> int:
    """Forget who did what before a moment. Returns how many rows there were."""
    return int(db.session.execute(delete(GuestAct).where(GuestAct.at < moment)).rowcount)  # type: ignore[attr-defined]  # a DELETE has it


def suspicion(ticket_id: int) -> Suspicion | None:
    """Why a ticket was set aside."""
    return db.session.get(Suspicion, ticket_id)


def set_aside(state: State, before: int | None) -> Sequence[tuple[Ticket, Suspicion | None]]:
    """One page of them, the newest first, and one more, which tells that another page follows."""
    query = select(Ticket, Suspicion).outerjoin(Suspicion, Suspicion.ticket_id == Ticket.id).options(defer(Ticket.error_text))
    query = query.where(Ticket.state == state)
    if before is not None:
        query = query.where(Ticket.id < before)
    return [(ticket, found) for ticket, found in db.session.execute(query.order_by(Ticket.id.desc()).limit(PAGE + 1))]


def counts() -> Mapping[str, int]:
    """How many are suspected and how many discarded, each at most MOST_COUNTED + 1; one statement."""
    row = db.session.execute(_COUNTS).one()
    return {str(state): int(getattr(row, str(state))) for state in (State.SUSPECTED, State.DISCARDED)}


def _count(state: State) -> Label[int]:
    found = select(Ticket.id).where(Ticket.state == state).limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(found).scalar_subquery().label(str(state))


_COUNTS = select(_count(State.SUSPECTED), _count(State.DISCARDED))
