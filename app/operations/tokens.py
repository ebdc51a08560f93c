"""Ingest tokens: make, revoke, check. Only a hash and the last four characters are kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime

from app.core.redaction import Redactor
from app.operations.audit import record
from app.store import tokens
from app.store.database import db
from app.store.models import IngestToken, User

PREFIX = "gdi_"
RANDOM_BYTES = 32
LONGEST_LABEL = 80
_TOKEN = re.compile(r"gdi_[A-Za-z0-9_-]{43}")


def make_token(label: str, redactor: Redactor, now: datetime, actor: User | None = None) -> tuple[IngestToken, str]:
    """Make a token. The second value is the token itself: show it once, it is not kept."""
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    token = IngestToken(
        label=redactor.clean(label.strip()[:LONGEST_LABEL] or "-"),
        token_hash=_hash(secret),
        tail=secret[-4:],
        created_at=now,
        created_by_id=actor.id if actor else None,
    )
    db.session.add(token)
    db.session.flush()
    record("ingest_token_made", "ingest_token", token.id, now, actor)
    db.session.commit()
    return token, secret


def revoke_token(token_id: int, now: datetime, actor: User | None = None) -> bool:
    """End a token at once. False when there is no such token, or it was revoked before."""
    token = tokens.by_id(token_id)
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = now
    record("ingest_token_revoked", "ingest_token", token.id, now, actor)
    db.session.commit()
    return True


def check_token(presented: str, now: datetime) -> bool:
    """Say whether this is a token in force, and note its use."""
    return sender_of(presented, now) is not None


def sender_of(presented: str, now: datetime) -> str | None:
    """What sends with this token, or None when it is not in force; its use is noted."""
    token = tokens.by_hash(_hash(presented)) if _TOKEN.fullmatch(presented) else None
    if token is None:
        return None
    if token.last_used_at is None or now - token.last_used_at > tokens.USE_IS_NOTED_EVERY:
        tokens.note_use(token.id, now)
    return str(token.label)


def _hash(secret: str) -> str:
    """Hash a token: it is random enough that a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
