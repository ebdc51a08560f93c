"""Which log engine an address means."""

from __future__ import annotations

from app.store.logs import LogStore
from app.store.logs_sql import SqlLogStore


def open_log_store(url: str) -> LogStore:
    """Give the store behind `url`: sqlite:///… or postgresql+psycopg://…. Opens no connection yet."""
    return SqlLogStore(url)
