"""Take records out of the log again: those of one batch, or those whose time is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, or_, select, update

from app.core.record import Outcome
from app.core.rollups import HOUR_MS, Dimension, requests, roll_up
from app.store.logs_cells import add_cells, live_cells
from app.store.logs_engine import is_sqlite, write
from app.store.logs_places import Places, month_of
from app.store.logs_rows import row_to_record
from app.store.logs_schema import NOT_OK, batch, batch_part, log_record

BLOCK = 1_000  # rows deleted in one transaction: it holds the write lock for some dozen milliseconds
_COLUMNS = log_record.c


def rollback(places: Places, batch_id: int) -> int:
    """Take out what the batch brought, with its roll-ups, a period at a time. Raises LogStoreBusy."""
    with places.catalog.connect() as connection:
        known = connection.execute(select(batch.c.rolled_back).where(batch.c.id == batch_id)).first()
    if known is None or known.rolled_back is not None:
        return 0
    removed = 0
    for low in places.periods():
        with places.writing(low) as connection:
            removed += _take_out(connection, batch_id)
    with write(places.catalog) as connection:
        connection.execute(update(batch).where(batch.c.id == batch_id).values(rolled_back=removed))
    return removed


def _take_out(connection: Connection, batch_id: int) -> int:
    """The batch's rows of one place."""
    parts = connection.execute(select(batch_part).where(batch_part.c.batch_id == batch_id)).all()
    removed = 0
    for part in parts:
        rows = connection.execute(
            select(log_record).where(_COLUMNS.id.between(part.first_id, part.last_id), _COLUMNS.batch_id == batch_id)
        ).all()
        _delete(connection, rows)
        add_cells(connection, roll_up(map(row_to_record, rows)), sign=-1)
        removed += len(rows)
    connection.execute(delete(batch_part).where(batch_part.c.batch_id == batch_id))
    return removed


@dataclass(frozen=True, slots=True)
class _Ends:
    """Before which moments (epoch ms) successes and problems are forgotten; 0 keeps them."""

    ok: int
    problem: int

    def over(self) -> ColumnElement[bool]:
        """Rows whose time is over."""
        ok = and_(_COLUMNS.outcome == Outcome.OK.value, _COLUMNS.started_at < self.ok)
        return or_(ok, and_(NOT_OK, _COLUMNS.started_at < self.problem))


def purge(places: Places, ok_before: datetime | None, problem_before: datetime | None) -> int:
    """Drop periods that are over as a whole, and delete from the others block by block. Raises LogStoreBusy."""
    ends = _Ends(*(int(moment.timestamp() * 1000) if moment else 0 for moment in (ok_before, problem_before)))
    return sum(_purge_period(places, low, ends) for low in places.periods() if low < max(ends.ok, ends.problem))


def _purge_period(places: Places, low: int, ends: _Ends) -> int:
    high = month_of(low)[1]
    if high <= min(ends.ok, ends.problem):
        removed = _stored(places, low, high)
        places.drop(low)
        return removed
    removed = _purge_blocks(places, low, ends)
    if removed:
        places.give_back_space(low)
    return removed


def _purge_blocks(places: Places, low: int, ends: _Ends) -> int:
    """Oldest first; each block goes on where the last one ended."""
    removed, reached = 0, low
    while True:
        with places.writing(low) as connection:
            rows = _over(connection, ends, reached, month_of(low)[1])
            _delete(connection, rows)
            cells = roll_up(map(row_to_record, rows))
            add_cells(connection, cells, sign=-1)
            add_cells(connection, cells, kept=True)
        removed += len(rows)
        if len(rows) < BLOCK:
            return removed
        reached = rows[-1].started_at


def _over(connection: Connection, ends: _Ends, low: int, high: int) -> Sequence[Row[Any]]:
    """The next rows whose time is over."""
    query = select(log_record).where(_COLUMNS.started_at >= low, _COLUMNS.started_at < high, ends.over())
    return connection.execute(query.order_by(_COLUMNS.started_at).limit(BLOCK)).all()


def _delete(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    if rows and is_sqlite(connection):
        connection.exec_driver_sql("DELETE FROM log_record WHERE id = ?", [(row.id,) for row in rows])
    elif rows:
        connection.execute(delete(log_record).where(_COLUMNS.id.in_([row.id for row in rows])))


def _stored(places: Places, low: int, high: int) -> int:
    """How many records a period holds."""
    with places.reading() as log:
        for connection in log.between(low, low):
            cells = live_cells(connection, low // HOUR_MS, high // HOUR_MS - 1, (Dimension.ALL,))
            return sum(map(requests, cells.values()))
    return 0
