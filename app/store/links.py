"""Secret links to tickets: which of them still open theirs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select

from app.store.database import db
from app.store.models import Ticket, TicketLink


def ticket_behind(token_hash: str, since: datetime) -> Ticket | None:
    """The ticket of a link that is not revoked and has not run out: link or ticket must be younger than `since`."""
    query = select(Ticket).join(TicketLink, TicketLink.ticket_id == Ticket.id)
    query = query.where(TicketLink.token_hash == token_hash, TicketLink.revoked_at.is_(None))
    return db.session.scalar(query.where(or_(Ticket.updated_at > since, TicketLink.created_at > since)))


def times_revoked(ticket_id: int) -> int:
    """The number of the ticket's newest revoked link; 0 when none was."""
    query = select(func.max(TicketLink.id)).where(TicketLink.ticket_id == ticket_id, TicketLink.revoked_at.is_not(None))
    return db.session.scalar(query) or 0


def of_token(token_hash: str) -> TicketLink | None:
    """The link of a token, if one was made."""
    return db.session.scalar(select(TicketLink).where(TicketLink.token_hash == token_hash))
