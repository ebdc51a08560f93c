"""Roll-ups read for dashboards, proved against the records, and made anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, select

from app.core.rollups import HOUR_MS, Cell, Dimension, figures, merge, requests, roll_up
from app.store.logs import Point, RollupError, Total
from app.store.logs_blocks import read_rollups
from app.store.logs_cells import BLOCK_HOURS, live_cells, lock_cells, write_cells
from app.store.logs_engine import is_sqlite
from app.store.logs_places import Places, Reading, month_of
from app.store.logs_rows import row_to_record
from app.store.logs_schema import log_record

ROWS_AT_ONCE = 5_000
from_bytes = int.from_bytes
_LOCK = "LOCK TABLE log_record IN SHARE ROW EXCLUSIVE MODE"


def series(
    places: Places, dimension: Dimension, values: Sequence[str] | None, start: datetime, end: datetime, step: timedelta
) -> tuple[Point, ...]:
    """Roll-ups added up to steps counted from `start`; by time, then by value."""
    first, hours = _hour(start), max(1, round(step / timedelta(hours=1)))
    steps: dict[tuple[int, str], int] = {}
    in_blocks = first % BLOCK_HOURS == hours % BLOCK_HOURS == 0  # then none lies in two steps
    for hour, value, packed in _read(places, dimension, start, end, values, in_blocks=in_blocks):
        key = (first + (hour - first) // hours * hours, value)
        steps[key] = steps.get(key, 0) + from_bytes(packed, "little")
    return tuple(Point(_moment(hour), value, figures(steps[hour, value])) for hour, value in sorted(steps))


def totals(places: Places, dimension: Dimension, start: datetime, end: datetime, limit: int) -> tuple[Total, ...]:
    """Roll-ups of a span by value, the most requests first."""
    sums: dict[str, int] = {}
    for _hour_of_cell, value, packed in _read(places, dimension, start, end, None, in_blocks=True):
        sums[value] = sums.get(value, 0) + from_bytes(packed, "little")
    ordered = sorted(sums, key=lambda value: (-requests(sums[value]), value))
    return tuple(Total(value, figures(sums[value])) for value in ordered[:limit])


def count(places: Places) -> int:
    """How many records are stored: the live cells know."""
    with places.reading() as log:
        cells = (live_cells(connection, 0, _hour_of(2**52), (Dimension.ALL,)) for connection in _tables(log, 0, 2**62))
        return sum(requests(packed) for found in cells for packed in found.values())


def check(places: Places) -> tuple[RollupError, ...]:
    """Compare the live roll-ups with a recount of the records, a period at a time."""
    return tuple(error for low in places.periods() for error in _check_period(places, low))


def rebuild(places: Places) -> int:
    """Count the records anew and write that over the live roll-ups, a period at a time."""
    return sum(_rebuild_period(places, low) for low in places.periods())


def _read(
    places: Places, dimension: Dimension, start: datetime, end: datetime, values: Sequence[str] | None, *, in_blocks: bool
) -> Iterator[tuple[int, str, bytes]]:
    low, high = int(start.timestamp() * 1000), int(end.timestamp() * 1000) - 1
    with places.reading() as log:
        for connection in _tables(log, low, high):
            for rows in read_rollups(connection, dimension, _hour(start), _hour_of(high), values, in_blocks=in_blocks):
                yield from rows


def _tables(log: Reading, low: int, high: int) -> list[Connection]:
    """Wherever there are roll-ups of the span: the catalog has those of dropped periods."""
    return list(dict.fromkeys((log.catalog(), *log.between(low, high))))


def _check_period(places: Places, low: int) -> list[RollupError]:
    with places.reading() as log, _snapshot(log.between(low, low)[0].engine) as connection:
        stored, counted = _live(connection, low), _recount(connection, low)
    wrong = [cell for cell in sorted(stored | counted) if stored.get(cell, 0) != counted.get(cell, 0)]
    return [RollupError(cell, figures(stored.get(cell, 0)), figures(counted.get(cell, 0))) for cell in wrong]


def _rebuild_period(places: Places, low: int) -> int:
    with places.writing(low) as connection:
        if not is_sqlite(connection):
            connection.exec_driver_sql(_LOCK)
            lock_cells(connection)
        counted = _recount(connection, low)
        write_cells(connection, dict.fromkeys(_live(connection, low), 0) | counted)
    return len(counted)


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection on which several questions see the same moment."""
    options = {} if is_sqlite(engine) else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if is_sqlite(connection):
            connection.exec_driver_sql("BEGIN")
        yield connection


def _live(connection: Connection, low: int) -> dict[Cell, int]:
    start, following = month_of(low)
    return live_cells(connection, _hour_of(start), _hour_of(following) - 1)


def _recount(connection: Connection, low: int) -> dict[Cell, int]:
    """The cells of a month as its records give them, read in bounded pages."""
    start, following = month_of(low)
    cells: dict[Cell, int] = {}
    after = 0
    while True:
        query = select(log_record).where(log_record.c.id > after, log_record.c.started_at.between(start, following - 1))
        rows = connection.execute(query.order_by(log_record.c.id).limit(ROWS_AT_ONCE)).all()
        if not rows:
            return cells
        after = rows[-1].id
        merge(cells, roll_up(map(row_to_record, rows)))


def _hour(moment: datetime) -> int:
    return _hour_of(int(moment.timestamp() * 1000))


def _hour_of(epoch_ms: int) -> int:
    return epoch_ms // HOUR_MS


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * HOUR_MS // 1000, UTC)
