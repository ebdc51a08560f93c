"""Which log engine an address means."""

from __future__ import annotations

from app.store.logs import LogStore
from app.store.logs_sql import SqlLogStore

CLICKHOUSE = ("clickhouse:", "clickhouses:", "chdb:", "clickhouse+chdb:")


def open_log_store(url: str) -> LogStore:
    """Give the store behind `url`; opens no connection yet.

    sqlite:///… · postgresql+psycopg://… · clickhouse://user:password@host:8123/database, clickhouses://… over TLS, with
    ?cluster=name for tables spread over a cluster · chdb:///folder for the engine embedded in this process.
    """
    if url.startswith(CLICKHOUSE):
        from app.store.logs_clickhouse import ClickHouseLogStore  # noqa: PLC0415 - desks without ClickHouse do not load it

        return ClickHouseLogStore(url)
    return SqlLogStore(url)
