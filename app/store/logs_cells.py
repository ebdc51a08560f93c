"""Cells of the roll-ups in their table: read, added to, taken from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from app.core.rollups import Cell, Dimension, merge
from app.store.logs_engine import is_sqlite
from app.store.logs_schema import BLOCK_MARK, rollup

HOURS_AT_ONCE = 200
BLOCK_HOURS = 8  # a day of UTC and one of Shanghai are three blocks
ROLLUP_LOCK = 0x726F6C6C  # PostgreSQL: one writer at a time between reading a cell and writing it; any number will do

_UPSERT = (
    "INSERT INTO log_rollup (dimension, hour, value, kept, figures) {}"
    " ON CONFLICT (dimension, hour, value, kept) DO UPDATE SET figures = excluded.figures"
)
_UNNESTED = "SELECT * FROM unnest(%s::text[], %s::int[], %s::text[], %s::int[], %s::bytea[])"  # one statement for all
_DELETE = "DELETE FROM log_rollup WHERE dimension = {0} AND hour = {0} AND value = {0} AND kept = {0}"
_FORGET = "DELETE FROM log_rollup_block WHERE dimension = {0} AND block = {0}"
_READ = "SELECT hour, value, figures FROM log_rollup WHERE dimension = {0} AND hour BETWEEN {0} AND {0}{1}"
_STORED = "SELECT dimension, hour, value, figures FROM log_rollup WHERE dimension IN ({}) AND hour IN ({}) AND kept = {}"
_COLUMNS = rollup.c


def add_cells(connection: Connection, cells: Mapping[Cell, int], *, kept: bool = False, sign: int = 1) -> None:
    """Add cells to the stored ones, or take them away; an emptied cell goes."""
    lock_cells(connection)
    stored = dict.fromkeys(cells, 0)
    for cell, packed in _stored(connection, cells, kept):
        if cell in stored:
            stored[cell] = packed
    merge(stored, cells, sign)
    write_cells(connection, stored, kept=kept)


def write_cells(connection: Connection, cells: Mapping[Cell, int], *, kept: bool = False) -> None:
    """Put cells in the place of the stored ones."""
    _forget_blocks(connection, {cell.hour // BLOCK_HOURS for cell in cells})
    full = [(*_key(cell, kept), to_bytes(packed)) for cell, packed in sorted(cells.items()) if packed]
    empty = [_key(cell, kept) for cell, packed in cells.items() if not packed]
    if full and is_sqlite(connection):
        connection.exec_driver_sql(_UPSERT.format("VALUES (?, ?, ?, ?, ?)"), full)
    elif full:
        connection.exec_driver_sql(_UPSERT.format(_UNNESTED), tuple(map(list, zip(*full, strict=True))))
    if empty:
        connection.exec_driver_sql(_DELETE.format("?" if is_sqlite(connection) else "%s"), empty)


def read_cells(
    connection: Connection, dimension: Dimension, first: int, last: int, values: Iterable[str] | None = None
) -> Iterable[tuple[int, str, bytes]]:
    """(hour, value, figures) of these hours (both ends included), kept ones too: the same cell may come twice."""
    place, wanted = "?" if is_sqlite(connection) else "%s", None if values is None else list(values)
    named = "" if wanted is None else f" AND value IN ({', '.join([place] * len(wanted)) or 'NULL'})"
    driver: Any = connection.connection.driver_connection  # they are many: taken as the driver gives them
    rows: Iterable[tuple[int, str, bytes]] = driver.execute(_READ.format(place, named), (dimension.value, first, last, *(wanted or ())))
    return rows


def lock_cells(connection: Connection) -> None:
    """Nobody else changes a cell before this transaction ends. SQLite has one writer anyway."""
    if not is_sqlite(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ROLLUP_LOCK})")


def _forget_blocks(connection: Connection, blocks: Iterable[int]) -> None:
    """What was added up of these hours counts no more: `logs_blocks` adds them up again."""
    place = "?" if is_sqlite(connection) else "%s"
    for block in blocks:
        connection.exec_driver_sql(_FORGET.format(place), (BLOCK_MARK, block))


def live_cells(connection: Connection, first: int, last: int, dimensions: Iterable[Dimension] = tuple(Dimension)) -> dict[Cell, int]:
    """Cells of these hours that count stored records."""
    query = _select().where(_COLUMNS.dimension.in_(map(str, dimensions)), _COLUMNS.hour.between(first, last), _COLUMNS.kept == 0)
    return dict(_cells(connection, query))


def all_cells(connection: Connection) -> dict[Cell, int]:
    """Every cell, live and kept added up."""
    cells: dict[Cell, int] = {}
    for cell, packed in _cells(connection, _select()):
        cells[cell] = cells.get(cell, 0) + packed
    return cells


def _stored(connection: Connection, cells: Iterable[Cell], kept: bool) -> Iterator[tuple[Cell, int]]:
    """The stored cells of the hours and dimensions concerned."""
    place = "?" if is_sqlite(connection) else "%s"
    hours = sorted({cell.hour for cell in cells})
    dimensions = sorted({cell.dimension.value for cell in cells})
    for start in range(0, len(hours), HOURS_AT_ONCE):
        some = hours[start : start + HOURS_AT_ONCE]
        query = _STORED.format(", ".join([place] * len(dimensions)), ", ".join([place] * len(some)), place)
        yield from _as_cells(connection.exec_driver_sql(query, (*dimensions, *some, int(kept))))  # for every batch: no time to build it


def _select() -> Any:
    return select(_COLUMNS.dimension, _COLUMNS.hour, _COLUMNS.value, _COLUMNS.figures)


def _cells(connection: Connection, query: Any) -> Iterator[tuple[Cell, int]]:
    return _as_cells(connection.execute(query))


def _as_cells(rows: Iterable[Any]) -> Iterator[tuple[Cell, int]]:
    for dimension, hour, value, packed in rows:
        yield Cell(_DIMENSIONS[dimension], hour, value), int.from_bytes(packed, "little")


_DIMENSIONS = {dimension.value: dimension for dimension in Dimension}


def _key(cell: Cell, kept: bool) -> tuple[str, int, str, int]:
    return cell.dimension.value, cell.hour, cell.value, int(kept)


def to_bytes(packed: int) -> bytes:
    """A packed number as it is stored."""
    return packed.to_bytes(-(-packed.bit_length() // 8), "little")
