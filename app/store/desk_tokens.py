"""Desk tokens: whose they are, and how often each was used within the minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, case, func, literal, select, update
from sqlalchemy.exc import OperationalError

from app.core.redacted_text import RedactedText
from app.store.database import UtcDateTime, db
from app.store.models_tokens import DeskToken
from app.store.plain_rows import plain_rows

MINUTE = timedelta(minutes=1)
MOST_LISTED = 50


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner's page lists it."""

    id: int
    label: RedactedText
    tail: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class LiveToken:
    """A token in force, as a call needs it."""

    id: int
    user_id: int
    tail: str


_LISTED = (DeskToken.id, DeskToken.label, DeskToken.tail, DeskToken.created_at, DeskToken.last_used_at, DeskToken.revoked_at)
_OF_USER: Select[*tuple[object, ...]] = select(*_LISTED).where(DeskToken.user_id == bindparam("user"))
_OF_USER = _OF_USER.order_by(DeskToken.revoked_at.is_not(None), DeskToken.id.desc()).limit(MOST_LISTED)
_LIVE: Select[*tuple[object, ...]] = select(DeskToken.id, DeskToken.user_id, DeskToken.tail)
_LIVE = _LIVE.where(DeskToken.token_hash == bindparam("hash"), DeskToken.revoked_at.is_(None))


def live(token_hash: str) -> LiveToken | None:
    """The token with this hash, unless it is revoked."""
    rows = plain_rows(_LIVE, hash=token_hash)
    return LiveToken(*rows[0]) if rows else None


def of_user(user_id: int) -> Sequence[TokenRow]:
    """A person's tokens: those in force first, then the newest."""
    return [TokenRow(*row) for row in plain_rows(_OF_USER, user=user_id)]


def live_count(user_id: int) -> int:
    """How many tokens of a person are in force."""
    query = select(func.count()).select_from(DeskToken).where(DeskToken.user_id == user_id, DeskToken.revoked_at.is_(None))
    return int(db.session.scalar(query) or 0)


def own(user_id: int, number: int) -> DeskToken | None:
    """A person's own token of this number; anybody else's does not exist for them."""
    return db.session.scalar(select(DeskToken).where(DeskToken.id == number, DeskToken.user_id == user_id))


def all_in_force(user_id: int) -> Sequence[DeskToken]:
    """A person's tokens that still open something."""
    return db.session.scalars(select(DeskToken).where(DeskToken.user_id == user_id, DeskToken.revoked_at.is_(None))).all()


def count_call(token_id: int, now: datetime) -> int:
    """Note a call in one statement; how many there were since the minute began, this one included. A busy database counts none."""
    fresh = DeskToken.minute_at > now - MINUTE
    counted = {
        "minute_calls": case((fresh, DeskToken.minute_calls + 1), else_=1),
        "minute_at": case((fresh, DeskToken.minute_at), else_=literal(now, UtcDateTime())),
        "last_used_at": now,
    }
    statement = update(DeskToken).where(DeskToken.id == token_id).values(counted).returning(DeskToken.minute_calls)
    try:
        calls = db.session.execute(statement, execution_options={"synchronize_session": False}).scalar()
        db.session.commit()
    except OperationalError:
        db.session.rollback()
        return 0
    return int(calls or 0)
