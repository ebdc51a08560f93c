"""The log store's own SQL engine: opened lazily, durable on commit, one writer at a time where the engine has one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import OperationalError

from app.store.logs import LogStoreBusy
from app.store.logs_schema import VERSION, metadata, schema_version

BUSY_SECONDS = 5
CACHE_KIB = 65_536  # random record ids touch the whole unique index; keep it in memory
SCHEMA_LOCK = 0x67617465  # one number for the advisory lock of the schema; any will do


def open_engine(url: str) -> Engine:
    """Make an engine; it connects when it is first used."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        return create_engine(parts, pool_pre_ping=True, hide_parameters=True)
    if parts.database and parts.database != ":memory:":
        Path(parts.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parts, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _tune)
    return engine


def prepare(engine: Engine) -> None:
    """Create the tables unless they are there; several processes may try at once."""
    with engine.connect() as connection:
        if inspect(connection).has_table(schema_version.name):
            return
    with write(engine) as connection:
        if not is_sqlite(connection):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")
        metadata.create_all(connection)
        if connection.scalar(select(schema_version.c.version)) is None:
            connection.execute(schema_version.insert().values(version=VERSION))


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that holds the write lock from its start. Raises LogStoreBusy when it cannot be had or kept."""
    try:
        with engine.begin() as connection:
            _lock(connection)
            yield connection
    except OperationalError:
        raise LogStoreBusy from None


def is_sqlite(connection: Connection | Engine) -> bool:
    """Whether this is SQLite; the other engine is PostgreSQL."""
    return connection.dialect.name == "sqlite"


def _lock(connection: Connection) -> None:
    """Take SQLite's write lock at once: a transaction that reads first and writes later may never get it."""
    if is_sqlite(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _tune(connection: Any, _: Any) -> None:
    """Commit to the disk before answering; transactions begin where the code says so."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
