"""Insert records that are not there yet, as fast as each engine can, and say exactly which those were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from app.core.record import RedactedRecord
from app.store.logs_copy_text import FEWEST_TO_COPY, CopyText, copy_text
from app.store.logs_engine import driver_cursor, is_sqlite
from app.store.logs_rows import INSERT_COLUMNS, row_to_record
from app.store.logs_schema import log_record

IS_THERE = "23505"  # SQLSTATE of a unique violation

_OF_RECORD = INSERT_COLUMNS[1:]
_COLUMNS = ", ".join(f'"{name}"' for name in _OF_RECORD)
_INSERT = f"INSERT INTO log_record (batch_id, {_COLUMNS}) VALUES ({{}}, {{}}) ON CONFLICT DO NOTHING"  # noqa: S608 - constants only
_PLACES_SQLITE, _PLACES_POSTGRES = (", ".join([place] * len(_OF_RECORD)) for place in ("?", "%s"))
_LAST_ID = "SELECT coalesce(max(id), 0) FROM log_record"
_NEXT_ID = "SELECT nextval(pg_get_serial_sequence('log_record', 'id'))"
_OWN_LAST_ID = "SELECT currval(pg_get_serial_sequence('log_record', 'id'))"
_COPY = "COPY {} ({}, batch_id) FROM STDIN (ENCODING 'UTF8')"
_ALL_COLUMNS = f"batch_id, {_COLUMNS}"
_STAGING = f"CREATE TEMP TABLE IF NOT EXISTS log_staging ON COMMIT DELETE ROWS AS SELECT {_ALL_COLUMNS} FROM log_record WITH NO DATA"  # noqa: S608 - constants only
_FROM_STAGING = (
    f"WITH new AS (INSERT INTO log_record ({_ALL_COLUMNS}) SELECT {_ALL_COLUMNS} FROM log_staging ORDER BY record_id"  # noqa: S608
    " ON CONFLICT DO NOTHING RETURNING id) SELECT count(*), min(id), max(id) FROM new"
)

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Inserted:
    """How many rows were new. Their ids lie from the first to the last; on PostgreSQL other batches' may lie between."""

    count: int
    first_id: int = 0
    last_id: int = 0


def insert_new(connection: Connection, batch_id: int, rows: Sequence[Row] | CopyText) -> Inserted:
    """Insert rows (INSERT_COLUMNS without the batch's number) whose identity is new; of two alike the first."""
    if isinstance(rows, CopyText):
        return _copy_all(connection, batch_id, rows) or _copy_some(connection, batch_id, rows)
    if is_sqlite(connection):
        return _insert_sqlite(connection, batch_id, rows)
    if len(rows) < FEWEST_TO_COPY:
        return _insert_few(connection, batch_id, rows)
    return insert_new(connection, batch_id, copy_text(dict(zip(_OF_RECORD, zip(*rows, strict=True), strict=True))))


def inserted_records(connection: Connection, batch_id: int, new: Inserted) -> list[RedactedRecord]:
    """Read back what a batch inserted."""
    ours = log_record.c.id.between(new.first_id, new.last_id), log_record.c.batch_id == batch_id
    return [row_to_record(row) for row in connection.execute(select(log_record).where(*ours).order_by(log_record.c.id))]


def _insert_sqlite(connection: Connection, batch_id: int, rows: Sequence[Row]) -> Inserted:
    """One writer at a time: whatever has a higher number than the last row before is ours."""
    before = connection.exec_driver_sql(_LAST_ID).scalar() or 0
    count = connection.exec_driver_sql(_INSERT.format(int(batch_id), _PLACES_SQLITE), list(rows)).rowcount
    return Inserted(count, before + 1, before + count) if count > 0 else Inserted(0)


def _copy_all(connection: Connection, batch_id: int, rows: CopyText) -> Inserted | None:
    """Copy straight into the table, since in nearly every batch all rows are new; None, and nothing done, when one is not.

    In the order of record ids, so that two batches with rows in common wait for each other instead of deadlocking.
    """
    try:
        with connection.begin_nested():
            first = connection.exec_driver_sql(_NEXT_ID).scalar_one()
            count = _copy(connection, "log_record", batch_id, rows)
            return Inserted(count, first + 1, connection.exec_driver_sql(_OWN_LAST_ID).scalar_one())
    except IntegrityError as problem:
        if getattr(problem.orig, "sqlstate", None) != IS_THERE:
            raise
        return None


def _copy_some(connection: Connection, batch_id: int, rows: CopyText) -> Inserted:
    """Copy into a table of this connection, then insert from it what is not there yet."""
    connection.exec_driver_sql(_STAGING)
    _copy(connection, "log_staging", batch_id, rows)
    count, first, last = connection.exec_driver_sql(_FROM_STAGING).one()
    return Inserted(count, first or 0, last or 0)


def _copy(connection: Connection, table: str, batch_id: int, rows: CopyText) -> int:
    """How many rows went there."""
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    with driver_cursor(connection) as cursor:
        with cursor.copy(_COPY.format(table, columns)) as copy:
            for some in rows.of_batch(batch_id):
                copy.write(some)
        return int(cursor.rowcount)


def _insert_few(connection: Connection, batch_id: int, rows: Sequence[Row]) -> Inserted:
    """One statement a row, in the order of record ids."""
    once = sorted({row[0]: row for row in reversed(rows)}.values(), key=itemgetter(0))
    with driver_cursor(connection) as cursor:
        cursor.executemany(_INSERT.format(int(batch_id), _PLACES_POSTGRES) + " RETURNING id", once, returning=True)
        ids = [number for result in cursor.results() for (number,) in result.fetchall()]
    return Inserted(len(ids), min(ids, default=0), max(ids, default=0))
