"""Bring a log store of an earlier release up to date: a single table's records move into periods, a page at a time."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Engine, MetaData, Row, String, Table, inspect, select, update

from app.core.record import RedactedRecord
from app.store.logs_append import insert_part
from app.store.logs_engine import is_sqlite, write
from app.store.logs_partitions import SCHEMA_LOCK
from app.store.logs_places import Places, by_month
from app.store.logs_ready import part_of
from app.store.logs_rows import row_to_record
from app.store.logs_schema import VERSION, catalog, database, log_record, rollup_block, schema_version

ROWS_AT_ONCE = 5_000
PERIODS, WIDE_INDEX = 2, 3  # the versions that brought them
SINGLE = "log_record_single"  # the old table while its rows move

# the table as it was: ids were text
_single = Table(
    SINGLE,
    MetaData(),
    *(Column(column.name, String(160) if column.name in {"request_id", "action_id"} else column.type) for column in log_record.columns),
)


def migrate(places: Places) -> None:
    """Move what an earlier release stored. An end of the process on the way is no harm: the next start goes on."""
    if _version(places.catalog) == VERSION:
        return
    with _alone(places.catalog):
        if (_version(places.catalog) or VERSION) < PERIODS:
            _move_into_periods(places)
        if _version(places.catalog) == VERSION:
            return
        if is_sqlite(places.catalog) and (_version(places.catalog) or VERSION) < WIDE_INDEX:
            for low in places.periods():
                _widen_index(places, low)
        _add_blocks(places)
        with write(places.catalog) as connection:
            connection.execute(update(schema_version).values(version=VERSION))


def _move_into_periods(places: Places) -> None:
    """From the one table of the first release."""
    _make_room(places.catalog)
    for rows in _pages(places.catalog):
        _move(places, rows)
    with write(places.catalog) as connection:
        connection.exec_driver_sql(f"DROP TABLE {SINGLE}")
        connection.execute(update(schema_version).values(version=PERIODS))
    if is_sqlite(places.catalog):
        with places.catalog.connect() as connection:
            connection.exec_driver_sql("VACUUM")


def _widen_index(places: Places, low: int) -> None:
    """Problems by time: the index has come to hold all that a search compares."""
    index = next(index for index in log_record.indexes if index.name == "ix_log_problem_time")
    with places.writing(low) as connection:
        index.drop(connection, checkfirst=True)
        index.create(connection)


def _add_blocks(places: Places) -> None:
    """The table of roll-ups by eight hours, empty: wherever there are roll-ups."""
    with write(places.catalog) as connection:
        rollup_block.create(connection, checkfirst=True)
    for low in places.periods() if is_sqlite(places.catalog) else ():
        with places.writing(low) as connection:
            rollup_block.create(connection, checkfirst=True)


def _version(engine: Engine) -> int | None:
    with engine.connect() as connection:
        return connection.scalar(select(schema_version.c.version))


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """One process at a time; the others wait for it."""
    if is_sqlite(engine):
        path = Path(f"{engine.url.database}.migration")
        with path.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        path.unlink(missing_ok=True)
        return
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({SCHEMA_LOCK + 1})")
        try:
            yield
        finally:
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({SCHEMA_LOCK + 1})")


def _make_room(engine: Engine) -> None:
    """Set the old table aside, add what is new."""
    with write(engine) as connection:
        tables = set(inspect(connection).get_table_names())
        if SINGLE not in tables:
            for index in inspect(connection).get_indexes("log_record"):
                if not index.get("duplicates_constraint") and index["name"]:
                    connection.exec_driver_sql(f'DROP INDEX "{index["name"]}"')
            connection.exec_driver_sql(f"ALTER TABLE log_record RENAME TO {SINGLE}")
            connection.exec_driver_sql("ALTER TABLE batch ADD COLUMN instance VARCHAR(80) NOT NULL DEFAULT ''")
            connection.exec_driver_sql("ALTER TABLE batch ADD COLUMN rolled_back INTEGER")
        (catalog if is_sqlite(connection) else database).create_all(connection)


def _pages(engine: Engine) -> Iterator[Sequence[Row[Any]]]:
    """The old rows in their order."""
    after = 0
    while True:
        with engine.connect() as connection:
            rows = connection.execute(select(_single).where(_single.c.id > after).order_by(_single.c.id).limit(ROWS_AT_ONCE)).all()
        if not rows:
            return
        after = rows[-1].id
        yield rows


def _move(places: Places, rows: Sequence[Row[Any]]) -> None:
    """Store rows as their batches did; those that were moved already are known."""
    for batch_id, of_batch in groupby(rows, key=lambda row: row.batch_id):
        for _low, part in by_month([row_to_record(row) for row in of_batch]):
            _store(places, batch_id, part)


def _store(places: Places, batch_id: int, part: list[RedactedRecord]) -> None:
    with places.writing(part[0].started_at) as connection:
        insert_part(connection, batch_id, part_of(part))
