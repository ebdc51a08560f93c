"""What came in by e-mail and what became of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.engine import CursorResult

from app.store.database import db
from app.store.models_mail import InMessage

REPLIED = ("reply", "note")


def known(mark: str) -> bool:
    """Whether this message was dealt with."""
    return db.session.scalar(select(InMessage.id).where(InMessage.mark == mark)) is not None


def replies_since(ticket_id: int, since: datetime) -> int:
    """How many answers to a ticket came by e-mail."""
    query = select(func.count()).where(InMessage.ticket_id == ticket_id, InMessage.outcome.in_(REPLIED), InMessage.at > since)
    return db.session.scalar(query) or 0


def tickets_since(sender: str, since: datetime) -> int:
    """How many tickets an address opened by e-mail."""
    query = select(func.count()).where(InMessage.sender == sender, InMessage.outcome == "ticket", InMessage.at > since)
    return db.session.scalar(query) or 0


def reasons_since(since: datetime) -> list[tuple[str, int, datetime]]:
    """(why it was not taken, how often, when last), the commonest first."""
    query = select(InMessage.reason, func.count(), func.max(InMessage.at)).where(InMessage.outcome == "refused", InMessage.at > since)
    rows = db.session.execute(query.group_by(InMessage.reason).order_by(func.count().desc()))
    return [(reason or "", count, last) for reason, count, last in rows]


def outcomes_since(since: datetime) -> dict[str, int]:
    """What became of what came in → how often."""
    query = select(InMessage.outcome, func.count()).where(InMessage.at > since).group_by(InMessage.outcome)
    return {outcome: count for outcome, count in db.session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def forget(before: datetime) -> int:
    """Remove what came in long ago; the calling operation commits."""
    gone = db.session.execute(delete(InMessage).where(InMessage.at < before))
    return gone.rowcount if isinstance(gone, CursorResult) else 0
