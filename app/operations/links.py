"""Secret links of guests' tickets: one that e-mails carry, made from the desk's secret so that each e-mail shows the same."""

from __future__ import annotations

from datetime import datetime

from app.core.sealed_text import Sealer
from app.operations.accounts import hash_token
from app.store import links
from app.store.database import db
from app.store.models import Ticket, TicketLink


def mail_link(ticket: Ticket, sealer: Sealer, now: datetime) -> str:
    """The token of the link that e-mails about this ticket carry; revoking the ticket's links makes the next one another."""
    token = sealer.token(ticket.id, links.times_revoked(ticket.id))
    if not links.is_known(hash_token(token)):
        db.session.add(TicketLink(ticket_id=ticket.id, token_hash=hash_token(token), created_at=now))
        db.session.commit()
    return token
