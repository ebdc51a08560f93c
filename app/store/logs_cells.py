"""Cells of the roll-ups in their table: read, added to, taken from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from app.core.rollups import Cell, Dimension
from app.store.logs_cell_rows import CellKey, CellRow, add_figures, cell_rows, copied, from_bytes
from app.store.logs_copy_text import FEWEST_TO_COPY
from app.store.logs_engine import driver_cursor, is_sqlite
from app.store.logs_schema import BLOCK_MARK, rollup

HOURS_AT_ONCE = 200
FEW = 200  # cells that are looked up one by one; an hour of many owners has more, and a small batch changes few of them
BLOCK_HOURS = 8  # a day of UTC and one of Shanghai are three blocks
ROLLUP_LOCK = 0x726F6C6C  # PostgreSQL: one writer at a time between reading a cell and writing it; any number will do

_INTO = "INSERT INTO log_rollup (dimension, hour, value, kept, figures)"
_INSTEAD = "ON CONFLICT (dimension, hour, value, kept) DO UPDATE SET figures ="
_ADD = f"{_INTO} VALUES (?, ?, ?, {{:d}}, ?) {_INSTEAD} add_figures(figures, excluded.figures)"  # SQLite calls back to add
_PUT = f"{_INTO} VALUES (?, ?, ?, {{:d}}, ?) {_INSTEAD} excluded.figures"
_PUT_ALL = (  # one statement for all
    f"{_INTO} SELECT dimension, hour, value, {{:d}}, figures"  # noqa: S608 - constants only
    " FROM unnest(%b::text[], %b::int[], %b::text[], %b::bytea[]) AS cell (dimension, hour, value, figures)"
    f" {_INSTEAD} excluded.figures"
)
_COPY = "COPY log_rollup (dimension, hour, value, kept, figures) FROM STDIN (FORMAT BINARY)"
_DELETE = "DELETE FROM log_rollup WHERE dimension = {0} AND hour = {0} AND value = {0} AND kept = {0}"
_FORGET = "DELETE FROM log_rollup_block WHERE dimension = {} AND block {}"
_READ = "SELECT hour, value, figures FROM log_rollup WHERE dimension = {0} AND hour BETWEEN {0} AND {0}{1}"
_STORED = "SELECT dimension, hour, value, figures FROM log_rollup WHERE dimension {} AND hour {} AND kept = {:d}"
_STORED_FEW = (
    "SELECT dimension, hour, value, figures FROM unnest(%b::text[], %b::int[], %b::text[]) AS cell (dimension, hour, value)"
    " JOIN log_rollup USING (dimension, hour, value) WHERE kept = {:d}"
)
_COLUMNS = rollup.c


def add_cells(connection: Connection, cells: Mapping[Cell, int], *, kept: bool = False, sign: int = 1) -> None:
    """Add cells to the stored ones, or take them away; an emptied cell goes."""
    if sign > 0:
        add_rows(connection, cell_rows(cells), kept=kept)
    else:
        _take(connection, cells, kept)


def add_rows(connection: Connection, rows: Sequence[CellRow], *, kept: bool = False) -> None:
    """Add cells, given as `cell_rows` makes them, to the stored ones."""
    if not rows:
        return
    lock_cells(connection)
    _forget_blocks(connection, map(itemgetter(1), rows))
    if is_sqlite(connection):
        connection.exec_driver_sql(_ADD.format(kept), list(rows))
        return
    stored = _stored(connection, [row[:3] for row in rows], kept)
    new = [row for row in rows if row[:3] not in stored] if stored else rows
    changed = [(*row[:3], add_figures(stored[row[:3]], row[3])) for row in rows if row[:3] in stored] if stored else []
    if len(new) >= FEWEST_TO_COPY:
        _copy(connection, new, kept)
        new = ()
    _put(connection, [*changed, *new], kept)


def write_cells(connection: Connection, cells: Mapping[Cell, int], *, kept: bool = False) -> None:
    """Put cells in the place of the stored ones."""
    _forget_blocks(connection, (cell.hour for cell in cells))
    _put(connection, cell_rows(cells), kept)
    empty = [(*_key(cell), int(kept)) for cell, packed in cells.items() if not packed]
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


def _take(connection: Connection, cells: Mapping[Cell, int], kept: bool) -> None:
    lock_cells(connection)
    stored = _stored(connection, list(map(_key, cells)), kept) if cells else {}
    write_cells(connection, {cell: from_bytes(stored.get(_key(cell), b"")) - packed for cell, packed in cells.items()}, kept=kept)


def _put(connection: Connection, rows: Sequence[CellRow], kept: bool) -> None:
    if rows and is_sqlite(connection):
        connection.exec_driver_sql(_PUT.format(kept), list(rows))
    elif rows:
        connection.exec_driver_sql(_PUT_ALL.format(kept), tuple(map(list, zip(*rows, strict=True))))


def _copy(connection: Connection, rows: Sequence[CellRow], kept: bool) -> None:
    """Rows of which none is stored, in a third of the time."""
    with driver_cursor(connection) as cursor, cursor.copy(_COPY) as copy:
        for some in copied(rows, kept):
            copy.write(some)


def _forget_blocks(connection: Connection, hours: Iterable[int]) -> None:
    """What was added up of these hours counts no more: `logs_blocks` adds them up again."""
    blocks = sorted({hour // BLOCK_HOURS for hour in set(hours)})
    if blocks and is_sqlite(connection):
        connection.exec_driver_sql(_FORGET.format("?", _in(blocks)), (BLOCK_MARK, *blocks))
    elif blocks:
        connection.exec_driver_sql(_FORGET.format("%s", "= ANY(%s)"), (BLOCK_MARK, blocks))


def _stored(connection: Connection, keys: Collection[CellKey], kept: bool) -> dict[CellKey, bytes]:
    """The figures of those that are stored; where they are many, of all of their hours and dimensions."""
    dimensions, hours, values = map(list, zip(*keys, strict=True))
    if is_sqlite(connection):
        rows = _stored_in_file(connection, sorted(set(dimensions)), sorted(set(hours)), kept)
    elif len(keys) <= FEW:
        rows = _ask(connection, _STORED_FEW.format(kept), dimensions, hours, values)
    else:
        rows = _ask(connection, _STORED.format("= ANY(%s)", "= ANY(%s)", kept), sorted(set(dimensions)), sorted(set(hours)))
    return {(dimension, hour, value): figures for dimension, hour, value, figures in rows}


def _stored_in_file(connection: Connection, dimensions: list[str], hours: list[int], kept: bool) -> Iterable[Any]:
    for start in range(0, len(hours), HOURS_AT_ONCE):
        some = hours[start : start + HOURS_AT_ONCE]
        yield from connection.exec_driver_sql(_STORED.format(_in(dimensions), _in(some), kept), (*dimensions, *some))


def _ask(connection: Connection, query: str, *values: list[Any]) -> Iterable[Any]:
    """PostgreSQL. Planned each time: a plan kept from when the table was small would read all of it once it has grown."""
    with driver_cursor(connection, binary=True) as cursor:
        return list(cursor.execute(query, values, prepare=False))


def _in(values: Collection[Any]) -> str:
    return f"IN ({', '.join(['?'] * len(values))})"


def _select() -> Any:
    return select(_COLUMNS.dimension, _COLUMNS.hour, _COLUMNS.value, _COLUMNS.figures)


def _cells(connection: Connection, query: Any) -> Iterator[tuple[Cell, int]]:
    return _as_cells(connection.execute(query))


def _as_cells(rows: Iterable[Any]) -> Iterator[tuple[Cell, int]]:
    for dimension, hour, value, packed in rows:
        yield Cell(_DIMENSIONS[dimension], hour, value), int.from_bytes(packed, "little")


_DIMENSIONS = {dimension.value: dimension for dimension in Dimension}


def _key(cell: Cell) -> CellKey:
    return cell.dimension.value, cell.hour, cell.value
