"""Secret links of guests' tickets: one that e-mails carry, made from the desk's secret so that each e-mail shows the same."""

from __future__ import annotations

from datetime import datetime

from app.core.sealed_text import Sealer
from app.operations import outbox
from app.operations.accounts import hash_token
from app.store import contacts, links, tickets
from app.store.database import db
from app.store.models import Ticket, TicketLink


def mail_link(ticket: Ticket, sealer: Sealer, now: datetime) -> str:
    """The token of the link that e-mails about this ticket carry; revoking the ticket's links makes the next one another.

    When it ran out it counts from now again: whoever asks for it proves their address by reading it.
    """
    token = sealer.token(ticket.id, links.times_revoked(ticket.id))
    link = links.of_token(hash_token(token))
    if link is None:
        db.session.add(TicketLink(ticket_id=ticket.id, token_hash=hash_token(token), created_at=now))
    else:
        link.created_at = now
    db.session.commit()
    return token


def resend(number: int, mark: str, now: datetime, *, wanted: bool) -> None:
    """Post the link to a ticket, if the address of this mark was given with it; for anything else a message nobody gets is noted.

    Both ways ask and write the same, so that neither the answer nor its time tells whether the two belong together.
    """
    contact, ticket = contacts.reader_of(number, mark), tickets.by_id(number)
    if wanted and contact is not None and ticket is not None and contact.failed_at is None:
        outbox.post_link(ticket, contact.user_id, now)
    else:
        outbox.post_link(None, None, now)
    db.session.commit()


def send_link(ticket: Ticket, now: datetime) -> bool:
    """Post the link to whoever filed the ticket; whether they can be reached."""
    contact = contacts.of_requester(ticket)
    if contact is None or contact.failed_at is not None:
        return False
    outbox.post_link(ticket, contact.user_id, now)
    db.session.commit()
    return True
