"""The log store's SQL engines: opened lazily, durable on commit, one writer at a time where the engine has one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from app.store.logs import LogStoreBusy
from app.store.logs_cell_rows import add_figures

BUSY_SECONDS = 5.0
READ_CACHE_KIB = 8_192
KEPT_STATEMENTS = 512  # a search has one for each kind of report; making one ready takes longer than many take to run
WRITE_CACHE_KIB = 49_152  # random record ids touch the whole unique index; keep it in memory


def open_engine(url: str) -> Engine:
    """Make an engine; it connects when it is first used."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        return open_file(Path(parts.database or ""))
    return create_engine(parts, pool_pre_ping=True, hide_parameters=True)


def open_file(path: Path, *, create: bool = True) -> Engine:
    """Make an engine over one SQLite file; with `create` the file appears when it is first used."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return create_engine(f"sqlite:///{path}", creator=lambda: _connect(path, create=create), hide_parameters=True)


@contextmanager
def write(engine: Engine, patience: float | None = None, *, durable: bool = True) -> Iterator[Connection]:
    """Give a transaction that holds the write lock from its start. Raises LogStoreBusy when it cannot be had or kept.

    `patience` is how many seconds to wait for another writer. What is not `durable` survives the end of this process,
    and reaches the disk with the next durable transaction.
    """
    try:
        with engine.connect() as connection:
            if is_sqlite(connection):
                _begin_writing(connection, BUSY_SECONDS if patience is None else patience, durable)
            with connection.begin():
                if is_sqlite(connection):
                    connection.exec_driver_sql("BEGIN IMMEDIATE")  # one that reads first and writes later may never get the lock
                yield connection
    except OperationalError:
        raise LogStoreBusy from None


@contextmanager
def busy_when_away() -> Iterator[None]:
    """Turn a database that cannot even be asked now into LogStoreBusy; nothing that was to be stored is quoted."""
    try:
        yield
    except OperationalError:
        raise LogStoreBusy from None


def is_sqlite(connection: Connection | Engine) -> bool:
    """Whether this is SQLite; the other engine is PostgreSQL."""
    return connection.dialect.name == "sqlite"


@contextmanager
def driver_cursor(connection: Connection, *, binary: bool = False) -> Iterator[Any]:
    """PostgreSQL's own cursor. What it raises is raised as SQLAlchemy would raise it, without what was to be stored.

    `binary`: how it receives, which is faster for bytes.
    """
    driver: Any = connection.connection.driver_connection
    errors = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor(binary=binary) as cursor:
            yield cursor
    except errors as problem:
        raise DBAPIError.instance(None, None, problem, errors, hide_parameters=True, dialect=connection.dialect) from None


def _begin_writing(connection: Connection, patience: float, durable: bool) -> None:
    """Settings of the connection, which hold until the next writer's."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA busy_timeout={round(patience * 1000)}")
    driver.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    driver.execute(f"PRAGMA cache_size=-{WRITE_CACHE_KIB}")


def _connect(path: Path, *, create: bool) -> sqlite3.Connection:
    """Commit to the disk before answering; transactions begin where the code says so."""
    is_new = not path.exists() or not path.stat().st_size
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}",
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=KEPT_STATEMENTS,
        uri=True,
    )
    if is_new:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # counts before anything is written, and takes the write lock later
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA cache_size=-{READ_CACHE_KIB}")
    connection.create_function("add_figures", 2, add_figures, deterministic=True)
    return connection
