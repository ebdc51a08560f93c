"""Who did or read what, when."""

from __future__ import annotations

from datetime import datetime

from app.store import audit
from app.store.database import db
from app.store.models import AuditEntry, User

LONGEST = 160


def record(
    action: str,
    object_kind: str,
    object_id: int | str,
    now: datetime,
    actor: User | None,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Add an audit entry to the current transaction; the calling operation commits. before, after: codes and ids, never free text."""
    entry = AuditEntry(at=now, actor_id=actor.id if actor else None, action=action, object_kind=object_kind, object_id=str(object_id)[:64])
    entry.before, entry.after = (None if value is None else value[:LONGEST] for value in (before, after))
    db.session.add(entry)


def record_read(object_kind: str, object_id: int, now: datetime, actor: User) -> None:
    """The same of a private read, written at once: what is read most often costs least. The calling operation commits."""
    audit.add("read", object_kind, str(object_id), now, actor.id)
