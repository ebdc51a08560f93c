"""Take a batch of log records back."""

from __future__ import annotations

from datetime import datetime

from app.operations.audit import record
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import User


def roll_back(batch_id: int, actor: User | None, log_store: LogStore, now: datetime) -> int:
    """Take out what the batch brought; returns how many records. Raises LogStoreBusy; then it can be asked again."""
    removed = log_store.rollback(batch_id)
    record("batch_rolled_back", "batch", batch_id, now, actor)
    db.session.commit()
    return removed
