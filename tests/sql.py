"""Look at what the desk asks of its databases and what it leaves in them, on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine

from app.store.database import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements executed inside the block, in order."""
    seen: list[str] = []
    with _heard("before_cursor_execute", lambda _connection, _cursor, statement, *_: seen.append(statement)):
        yield seen


@contextmanager
def commits() -> Iterator[list[object]]:
    """The connections whose transactions were committed inside the block, each time."""
    made: list[object] = []
    with _heard("commit", made.append):
        yield made


@contextmanager
def _heard(what: str, note: Callable[..., None]) -> Iterator[None]:
    event.listen(Engine, what, note)
    try:
        yield
    finally:
        event.remove(Engine, what, note)


def row_counts() -> dict[str, int]:
    """How many rows each of the desk's tables holds."""
    db.session.rollback()  # what other connections have committed since
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in db.metadata.sorted_tables}


def stored_text() -> str:
    """Everything the desk's tables hold, as text."""
    db.session.rollback()
    return "\n".join(repr(tuple(row)) for table in db.metadata.sorted_tables for row in db.session.execute(select(table)))
