"""Labels in the roll-ups of purged records: their records are gone, so nothing else reads them again with today's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from sqlalchemy import Connection, select

from app.core.rollups import Cell, Dimension
from app.store.logs_cells import add_cells
from app.store.logs_engine import is_sqlite, write
from app.store.logs_places import Places
from app.store.logs_schema import rollup

LONGEST_LABEL = 160
_COLUMNS = rollup.c
_KEPT = _COLUMNS.kept == 1


def kept_labels(places: Places) -> list[tuple[Dimension, str]]:
    """Every label, each once."""
    query = select(_COLUMNS.dimension, _COLUMNS.value).where(_KEPT, _COLUMNS.value != "").distinct()
    with places.reading() as log:
        connections = dict.fromkeys((log.catalog(), *log.everywhere()))
        found = {(row.dimension, row.value) for connection in connections for row in connection.execute(query)}
    return [(Dimension(dimension), value) for dimension, value in sorted(found)]


def rename_kept(places: Places, dimension: Dimension, label: str, clean: str) -> None:
    """Count under `clean` what was counted under `label`, each place in a transaction. Raises LogStoreBusy."""
    for writing in _everywhere(places):
        with writing() as connection:
            query = select(_COLUMNS.hour, _COLUMNS.figures).where(_KEPT, _COLUMNS.dimension == dimension.value, _COLUMNS.value == label)
            cells = {hour: int.from_bytes(packed, "little") for hour, packed in connection.execute(query)}
            add_cells(connection, {Cell(dimension, hour, label): packed for hour, packed in cells.items()}, kept=True, sign=-1)
            add_cells(connection, {Cell(dimension, hour, clean[:LONGEST_LABEL]): packed for hour, packed in cells.items()}, kept=True)


def _everywhere(places: Places) -> Iterator[Callable[[], AbstractContextManager[Connection]]]:
    """A write transaction in the catalog and in each file; PostgreSQL has one table for all."""
    yield lambda: write(places.catalog)
    if is_sqlite(places.catalog):
        for low in places.periods():
            yield lambda low=low: places.writing(low)  # type: ignore[misc]
