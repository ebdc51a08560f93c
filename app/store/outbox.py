"""Messages to be sent, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import CursorResult

from app.store.database import db
from app.store.models_desk import Notice
from app.store.models_mail import OutMessage, Webhook

OPEN = ("waiting", "sending")
MOST_LISTED = 100


def by_id(number: int) -> OutMessage | None:
    """One message."""
    return db.session.get(OutMessage, number)


def by_message_id(message_id: str) -> OutMessage | None:
    """The message that went out under this id."""
    return db.session.scalar(select(OutMessage).where(OutMessage.message_id == message_id))


def due(channels: Sequence[str], now: datetime, limit: int = 100) -> Sequence[int]:
    """Numbers of messages whose time has come, the oldest first; also of those somebody began to send and never ended."""
    query = select(OutMessage.id).where(OutMessage.state.in_(OPEN), OutMessage.next_at <= now, OutMessage.channel.in_(channels))
    return db.session.scalars(query.order_by(OutMessage.next_at, OutMessage.id).limit(limit)).all()


def claim(number: int, now: datetime, until: datetime) -> bool:
    """Take a message in hand; False when somebody else did. The calling operation commits."""
    query = update(OutMessage).where(OutMessage.id == number, OutMessage.state.in_(OPEN), OutMessage.next_at <= now)
    taken = db.session.execute(query.values(state="sending", attempts=OutMessage.attempts + 1, next_at=until))
    return isinstance(taken, CursorResult) and taken.rowcount == 1


def is_waiting(user_ids: Sequence[int], ticket_id: int, kind: str) -> set[int]:
    """Which of these people are about to hear of exactly this already."""
    query = select(OutMessage.user_id).where(OutMessage.ticket_id == ticket_id, OutMessage.kind == kind, OutMessage.state == "waiting")
    found = db.session.scalars(query.where(OutMessage.user_id.in_(user_ids), OutMessage.attempts == 0))
    return {number for number in found if number is not None}


def dead() -> Sequence[OutMessage]:
    """What was given up, the newest first."""
    return db.session.scalars(select(OutMessage).where(OutMessage.state == "dead").order_by(OutMessage.id.desc()).limit(MOST_LISTED)).all()


def counts() -> dict[tuple[str, str], int]:
    """(channel, state) → how many."""
    query = select(OutMessage.channel, OutMessage.state, func.count()).group_by(OutMessage.channel, OutMessage.state)
    return {(channel, state): count for channel, state, count in db.session.execute(query)}


def forget_done(before: datetime) -> int:
    """Remove what was sent or dropped long ago; the calling operation commits."""
    gone = db.session.execute(delete(OutMessage).where(OutMessage.state.in_(("sent", "dropped")), OutMessage.done_at < before))
    return gone.rowcount if isinstance(gone, CursorResult) else 0


def earlier(message: OutMessage) -> str | None:
    """The id of the message before this one to the same reader about the same ticket."""
    same = (OutMessage.ticket_id == message.ticket_id, OutMessage.channel == "mail", OutMessage.state == "sent")
    whose = OutMessage.user_id == message.user_id if message.user_id else OutMessage.user_id.is_(None)
    query = select(OutMessage.message_id).where(*same, whose, OutMessage.id < message.id)
    return db.session.scalar(query.order_by(OutMessage.id.desc()).limit(1)) if message.ticket_id else None


def is_unread(message: OutMessage) -> bool:
    """Whether its reader has not yet seen, inside the desk, the notice it repeats."""
    query = select(Notice.id).where(Notice.user_id == message.user_id, Notice.kind == message.kind, Notice.read_at.is_(None))
    if message.ticket_id:
        query = query.where(Notice.ticket_id == message.ticket_id)
    else:
        query = query.where(Notice.about == message.about, Notice.about_id == message.about_id)
    return db.session.scalar(query.limit(1)) is not None


def webhooks() -> Sequence[Webhook]:
    """The endpoints that are told."""
    return db.session.scalars(select(Webhook).where(Webhook.ended_at.is_(None)).order_by(Webhook.id)).all()


def webhook(number: int) -> Webhook | None:
    """One endpoint that is told."""
    return db.session.scalar(select(Webhook).where(Webhook.id == number, Webhook.ended_at.is_(None)))
