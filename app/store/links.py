"""Secret links to tickets: which of them still open theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from app.store.database import db
from app.store.models import Ticket, TicketLink


def ticket_behind(token_hash: str, since: datetime) -> Ticket | None:
    """The ticket of a link that is not revoked and has not run out: link or ticket must be younger than `since`."""
    query = select(Ticket).join(TicketLink, TicketLink.ticket_id == Ticket.id)
    query = query.where(TicketLink.token_hash == token_hash, TicketLink.revoked_at.is_(None))
    return db.session.scalar(query.where(or_(Ticket.updated_at > since, TicketLink.created_at > since)))


def live(ticket_id: int) -> Sequence[TicketLink]:
    """The ticket's links that are not revoked."""
    return db.session.scalars(select(TicketLink).where(TicketLink.ticket_id == ticket_id, TicketLink.revoked_at.is_(None))).all()


def times_revoked(ticket_id: int) -> int:
    """The number of the ticket's newest revoked link; 0 when none was."""
    query = select(func.max(TicketLink.id)).where(TicketLink.ticket_id == ticket_id, TicketLink.revoked_at.is_not(None))
    return db.session.scalar(query) or 0


def is_known(token_hash: str) -> bool:
    """Whether a link of this token was made."""
    return db.session.scalar(select(TicketLink.id).where(TicketLink.token_hash == token_hash)) is not None
