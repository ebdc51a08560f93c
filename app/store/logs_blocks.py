"""Roll-ups of eight hours at once, made of the hours once they are over, so that a month by owner is thousands of rows less to read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from app.core.rollups import HOUR_MS, Dimension
from app.store.logs_cell_rows import to_bytes
from app.store.logs_cells import BLOCK_HOURS, lock_cells, read_cells
from app.store.logs_engine import is_sqlite
from app.store.logs_places import Places, month_of
from app.store.logs_schema import BLOCK_MARK, rollup, rollup_block

AT_ONCE = 9  # blocks of one transaction: no writer waits long
MOST_GAPS = 4  # questions for hours between blocks; with more gaps one question reads over them
_BLOCKS = "SELECT dimension, block, value, figures FROM log_rollup_block WHERE dimension IN ({0}, {0}) AND block BETWEEN {0} AND {0}"
Row = tuple[int, str, bytes]


def read_rollups(
    connection: Connection, dimension: Dimension, first: int, last: int, values: Sequence[str] | None, *, in_blocks: bool
) -> Iterator[Iterable[Row]]:
    """(hour, value, figures) of these hours, both ends included: of whole blocks where there are some, which begin at that hour.

    The blocks come first: one that loses its mark meanwhile was right when it was read.
    """
    blocks = range(-(-first // BLOCK_HOURS), (last + 1) // BLOCK_HOURS) if in_blocks else range(0)
    marked, rows = _blocks(connection, dimension, blocks) if blocks else (set[int](), [])
    chosen = None if values is None else set(values)
    yield [(block * BLOCK_HOURS, value, figures) for block, value, figures in rows if chosen is None or value in chosen]
    gaps = _gaps(first, last, marked)
    if len(gaps) <= MOST_GAPS:
        for start, end in gaps:
            yield read_cells(connection, dimension, start, end, values)
        return
    between = read_cells(connection, dimension, gaps[0][0], gaps[-1][1], values)
    yield [row for row in between if row[0] // BLOCK_HOURS not in marked]


def add_up_blocks(places: Places, before: datetime) -> int:
    """Make the blocks that are missing among those over at that moment. Returns how many."""
    end = int(before.timestamp() * 1000) // HOUR_MS // BLOCK_HOURS
    return sum(_add_up_period(places, low, end) for low in places.periods())


def _add_up_period(places: Places, low: int, end: int) -> int:
    made, missing = 0, _missing(places, low, end)
    while missing:
        some, missing = missing[:AT_ONCE], missing[AT_ONCE:]
        with places.writing(low) as connection:
            lock_cells(connection)
            for block in some:
                _add_up(connection, block)
        made += len(some)
    return made


def _missing(places: Places, low: int, end: int) -> list[int]:
    """Blocks of the month with roll-ups and without a mark, the newest first."""
    start, following = month_of(low)
    hours = rollup.c.hour.between(start // HOUR_MS, min(following // HOUR_MS, end * BLOCK_HOURS) - 1)
    with places.reading() as log:
        connection = log.between(low, low)[0]
        found = set(connection.scalars(select(rollup.c.hour).distinct().where(rollup.c.dimension == Dimension.ALL.value, hours)))
        marked = set(connection.scalars(select(rollup_block.c.block).where(rollup_block.c.dimension == BLOCK_MARK)))
    return sorted({hour // BLOCK_HOURS for hour in found} - marked, reverse=True)


def _add_up(connection: Connection, block: int) -> None:
    """One block, of every dimension; then its mark."""
    first, rows = block * BLOCK_HOURS, list[dict[str, Any]]()
    for dimension in Dimension:
        sums: dict[str, int] = {}
        for _hour, value, figures in read_cells(connection, dimension, first, first + BLOCK_HOURS - 1):
            sums[value] = sums.get(value, 0) + int.from_bytes(figures, "little")
        rows += [_row(dimension.value, block, value, to_bytes(packed)) for value, packed in sums.items()]
    dimensions = [BLOCK_MARK, *map(str, Dimension)]
    connection.execute(delete(rollup_block).where(rollup_block.c.dimension.in_(dimensions), rollup_block.c.block == block))
    connection.execute(insert(rollup_block), [*rows, _row(BLOCK_MARK, block, "", b"")])


def _row(dimension: str, block: int, value: str, figures: bytes) -> dict[str, Any]:
    return {"dimension": dimension, "block": block, "value": value, "figures": figures}


def _blocks(connection: Connection, dimension: Dimension, blocks: range) -> tuple[set[int], list[Row]]:
    """Which of these have a mark, and the rows of those."""
    driver: Any = connection.connection.driver_connection
    query = _BLOCKS.format("?" if is_sqlite(connection) else "%s")
    found = driver.execute(query, (BLOCK_MARK, dimension.value, blocks.start, blocks.stop - 1)).fetchall()
    marked = {block for name, block, _value, _figures in found if name == BLOCK_MARK}
    return marked, [(block, value, figures) for name, block, value, figures in found if name != BLOCK_MARK and block in marked]


def _gaps(first: int, last: int, marked: Collection[int]) -> list[tuple[int, int]]:
    """Runs of hours that lie in no block, both ends included."""
    gaps: list[tuple[int, int]] = []
    hour = first
    while hour <= last:
        block = hour // BLOCK_HOURS
        end = min(last, (block + 1) * BLOCK_HOURS - 1)
        if block not in marked and gaps and gaps[-1][1] == hour - 1:
            gaps[-1] = gaps[-1][0], end
        elif block not in marked:
            gaps.append((hour, end))
        hour = end + 1
    return gaps
