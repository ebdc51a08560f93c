"""Who did or read what, when."""

from __future__ import annotations

from datetime import datetime

from app.store.database import db
from app.store.models import AuditEntry, User


def record(action: str, object_kind: str, object_id: int | str, now: datetime, actor: User | None) -> None:
    """Add an audit entry to the current transaction; the calling operation commits."""
    db.session.add(
        AuditEntry(at=now, actor_id=actor.id if actor else None, action=action, object_kind=object_kind, object_id=str(object_id)[:64])
    )
