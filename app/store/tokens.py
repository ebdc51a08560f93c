"""Ingest tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError

from app.store.database import db
from app.store.models import IngestToken

USE_IS_NOTED_EVERY = timedelta(minutes=1)


def by_hash(token_hash: str) -> IngestToken | None:
    """Find the token with this hash, unless it is revoked."""
    return db.session.scalar(select(IngestToken).where(IngestToken.token_hash == token_hash, IngestToken.revoked_at.is_(None)))


def by_id(token_id: int) -> IngestToken | None:
    """Find the token of this number."""
    return db.session.get(IngestToken, token_id)


def everything() -> Sequence[IngestToken]:
    """List all tokens, newest first, revoked ones too."""
    return db.session.scalars(select(IngestToken).order_by(IngestToken.id.desc())).all()


def note_use(token_id: int, now: datetime) -> None:
    """Note that a token was used, at most once a minute; a busy database is no reason to refuse logs."""
    stale = or_(IngestToken.last_used_at.is_(None), IngestToken.last_used_at < now - USE_IS_NOTED_EVERY)
    try:
        db.session.execute(update(IngestToken).where(IngestToken.id == token_id, stale).values(last_used_at=now))
        db.session.commit()
    except OperationalError:
        db.session.rollback()
