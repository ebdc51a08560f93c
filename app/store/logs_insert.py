"""Insert records that are not there yet, as fast as each engine can, and say exactly which those were."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.core.record import RedactedRecord
from app.store.logs_engine import is_sqlite
from app.store.logs_rows import INSERT_COLUMNS

FEWEST_TO_COPY = 50  # below, COPY through a staging table costs more round trips than it saves

_COLUMNS = ", ".join(f'"{name}"' for name in INSERT_COLUMNS)
_INSERT = f"INSERT INTO log_record ({_COLUMNS}) VALUES ({{}}) ON CONFLICT DO NOTHING"  # noqa: S608 - constants only
_INSERT_SQLITE = _INSERT.format(", ".join("?" * len(INSERT_COLUMNS)))
_INSERT_POSTGRES = _INSERT.format(", ".join(["%s"] * len(INSERT_COLUMNS))) + " RETURNING id"
_LAST_ID = "SELECT coalesce(max(id), 0) FROM log_record"
_NEW_SINCE = "SELECT record_id FROM log_record WHERE id > ?"
_STAGING = f"CREATE TEMP TABLE IF NOT EXISTS log_staging ON COMMIT DELETE ROWS AS SELECT {_COLUMNS} FROM log_record WITH NO DATA"  # noqa: S608 - constants only
_COPY = f"COPY log_staging ({_COLUMNS}) FROM STDIN"
# in the order of record ids, so that two batches with rows in common wait for each other instead of deadlocking
_FROM_STAGING = (
    f"WITH new AS (INSERT INTO log_record ({_COLUMNS}) SELECT {_COLUMNS} FROM log_staging ORDER BY record_id"  # noqa: S608
    " ON CONFLICT DO NOTHING RETURNING id) SELECT count(*), min(id), max(id) FROM new"
)
_NEW_OF_BATCH = "SELECT record_id FROM log_record WHERE id BETWEEN %s AND %s AND batch_id = %s"


@dataclass(frozen=True, slots=True)
class New:
    """The records that were inserted; their row ids lie from the first to the last."""

    records: Sequence[RedactedRecord]
    first_id: int = 0
    last_id: int = 0


def insert_new(connection: Connection, records: Sequence[RedactedRecord], rows: list[tuple[Any, ...]]) -> New:
    """Insert rows whose identity is new; of two alike in the batch the first."""
    if is_sqlite(connection):
        return _insert_sqlite(connection, records, rows)
    if len({row[0] for row in rows}) < len(rows):
        records = _once(records, {record.record_id for record in records})
        rows = list({row[0]: row for row in reversed(rows)}.values())
    return _insert_postgres(connection, records, rows)


def _insert_sqlite(connection: Connection, records: Sequence[RedactedRecord], rows: list[tuple[Any, ...]]) -> New:
    """One writer at a time: whatever has a higher number than the last row before is ours."""
    before = connection.exec_driver_sql(_LAST_ID).scalar() or 0
    count = connection.exec_driver_sql(_INSERT_SQLITE, rows).rowcount
    if count == len(rows):
        return New(records, before + 1, before + count)
    if count <= 0:
        return New(())
    new = {identity.hex() for identity in connection.exec_driver_sql(_NEW_SINCE, (before,)).scalars()}
    return New(_once(records, new), before + 1, before + count)


def _insert_postgres(connection: Connection, records: Sequence[RedactedRecord], rows: list[tuple[Any, ...]]) -> New:
    """Writers at once: our rows are those of our batch among the numbers given out."""
    count, first, last = _copy(connection, rows) if len(rows) >= FEWEST_TO_COPY else _insert_few(connection, rows)
    if not count:
        return New(())
    if count == len(rows):
        return New(records, first, last)
    new = {bytes(identity).hex() for identity in connection.exec_driver_sql(_NEW_OF_BATCH, (first, last, rows[0][1])).scalars()}
    return New(_once(records, new), first, last)


def _copy(connection: Connection, rows: list[tuple[Any, ...]]) -> tuple[int, int, int]:
    """Copy into a table of this connection, then insert from it: PostgreSQL's fastest idempotent path."""
    connection.exec_driver_sql(_STAGING)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)
    count, first, last = connection.exec_driver_sql(_FROM_STAGING).one()
    return count, first or 0, last or 0


def _insert_few(connection: Connection, rows: list[tuple[Any, ...]]) -> tuple[int, int, int]:
    """One statement a row; in the order of record ids, for the same reason."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.executemany(_INSERT_POSTGRES, sorted(rows, key=lambda row: row[0]), returning=True)
        ids = [number for result in cursor.results() for (number,) in result.fetchall()]
    return len(ids), min(ids, default=0), max(ids, default=0)


def _once(records: Sequence[RedactedRecord], identities: Collection[str]) -> list[RedactedRecord]:
    """The records of these identities, the first of each."""
    first: dict[str, RedactedRecord] = {}
    for record in records:
        if record.record_id in identities:
            first.setdefault(record.record_id, record)
    return list(first.values())
