"""What requesters said of the help."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from app.store.database import db
from app.store.models_guests import Satisfaction

_OF_TICKET = select(Satisfaction).where(Satisfaction.ticket_id == bindparam("number"))


def of_ticket(ticket_id: int) -> Satisfaction | None:
    """The rating of a ticket."""
    return db.session.scalar(_OF_TICKET, {"number": ticket_id})


def first(ticket_id: int, good: bool, now: datetime) -> Satisfaction:
    """A new row; a second click that came in at the same moment finds the first one's."""
    try:
        with db.session.begin_nested():
            row = Satisfaction(ticket_id=ticket_id, good=good, words=None, at=now, changed_at=now)
            db.session.add(row)
    except IntegrityError:
        return db.session.get_one(Satisfaction, ticket_id)
    return row
