"""Single public words."""

from __future__ import annotations

from app.store.database import db
from app.store.models import Reply


def by_id(number: int) -> Reply | None:
    """One reply."""
    return db.session.get(Reply, number)
