"""Write a batch: records that are not there yet, rejects, and the batch's own row, in one durable transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, update

from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.store.logs_engine import is_sqlite, write
from app.store.logs_rows import INSERT_COLUMNS, record_to_row
from app.store.logs_schema import batch, reject

LONGEST_REASON = 200
FEWEST_TO_COPY = 50  # below, COPY through a staging table costs more round trips than it saves

_COLUMNS = ", ".join(f'"{name}"' for name in INSERT_COLUMNS)
_KNOWN = "ON CONFLICT (record_id) DO NOTHING"
_INSERT_SQLITE = f"INSERT INTO log_record ({_COLUMNS}) VALUES ({', '.join('?' * len(INSERT_COLUMNS))}) {_KNOWN}"  # noqa: S608 - constants only
_INSERT_POSTGRES = f"INSERT INTO log_record ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(INSERT_COLUMNS))}) {_KNOWN}"  # noqa: S608
_STAGING = f"CREATE TEMP TABLE IF NOT EXISTS log_staging ON COMMIT DELETE ROWS AS SELECT {_COLUMNS} FROM log_record WITH NO DATA"  # noqa: S608
_COPY = f"COPY log_staging ({_COLUMNS}) FROM STDIN"
# in the order of record ids, so that two batches with rows in common wait for each other instead of deadlocking
_FROM_STAGING = f"INSERT INTO log_record ({_COLUMNS}) SELECT {_COLUMNS} FROM log_staging ORDER BY record_id {_KNOWN}"  # noqa: S608


def append(
    engine: Engine, source: str, records: Sequence[RedactedRecord], rejects: Sequence[Reject], received_at: datetime
) -> BatchOutcome:
    """Store what is new. Returns after the commit has reached the disk. Raises LogStoreBusy."""
    if not records and not rejects:
        return BatchOutcome(0, 0, ())
    began = time.perf_counter()
    with write(engine) as connection:
        batch_id = _begin_batch(connection, source, received_at)
        accepted = _insert_records(connection, [record_to_row(record, batch_id) for record in records]) if records else 0
        _insert_rejects(connection, batch_id, rejects)
        outcome = BatchOutcome(accepted, len(records) - accepted, tuple(rejects), batch_id)
        _end_batch(connection, outcome, round((time.perf_counter() - began) * 1000))
    return outcome


def _begin_batch(connection: Connection, source: str, received_at: datetime) -> int:
    """Make the batch's row, so that its records can name it."""
    values = {
        "source": source,
        "received_at": int(received_at.timestamp() * 1000),
        "accepted": 0,
        "duplicate": 0,
        "rejected": 0,
        "duration_ms": 0,
    }
    row = connection.execute(insert(batch).values(values)).inserted_primary_key
    return int(row[0]) if row else 0


def _end_batch(connection: Connection, outcome: BatchOutcome, duration_ms: int) -> None:
    """Write down what became of the batch."""
    counts = {"accepted": outcome.accepted, "duplicate": outcome.duplicate, "rejected": outcome.rejected, "duration_ms": duration_ms}
    connection.execute(update(batch).where(batch.c.id == outcome.batch_id).values(counts))


def _insert_records(connection: Connection, rows: list[tuple[Any, ...]]) -> int:
    """Insert rows whose identity is new; count those."""
    if is_sqlite(connection):
        return connection.exec_driver_sql(_INSERT_SQLITE, rows).rowcount
    if len(rows) < FEWEST_TO_COPY:
        return connection.exec_driver_sql(_INSERT_POSTGRES, sorted(rows)).rowcount
    return _copy_records(connection, rows)


def _copy_records(connection: Connection, rows: list[tuple[Any, ...]]) -> int:
    """Copy into a table of this connection, then insert from it: PostgreSQL's fastest idempotent path."""
    connection.exec_driver_sql(_STAGING)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row(row)
    return connection.exec_driver_sql(_FROM_STAGING).rowcount


def _insert_rejects(connection: Connection, batch_id: int, rejects: Sequence[Reject]) -> None:
    """Keep line numbers and reasons."""
    if rejects:
        rows = [{"batch_id": batch_id, "line": line, "reason": reason[:LONGEST_REASON]} for line, reason in rejects]
        connection.execute(insert(reject), rows)
