"""What people decided about proposed matches."""

from __future__ import annotations

from sqlalchemy import select

from app.core.matching.learning import Decided
from app.store.database import db
from app.store.models import TicketMatch


def decisions() -> list[Decided]:
    """Every match that was decided on, with the signals it was proposed for."""
    query = select(TicketMatch.ticket_id, TicketMatch.decision, TicketMatch.signals).where(TicketMatch.decision.is_not(None))
    rows = db.session.execute(query.order_by(TicketMatch.id))
    return [Decided(row.ticket_id, row.decision == "confirmed", {signal["id"] for signal in row.signals}) for row in rows]
