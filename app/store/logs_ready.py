"""Records made ready for an SQL engine: rows, and the roll-ups they add. Needs no connection, so another process may do it."""

from __future__ import annotations

import marshal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.record import RedactedRecord
from app.core.record_columns import Columns, chosen, columns_of, length, refuse_unredacted
from app.core.rollups import roll_up_columns
from app.store.logs import WATCHED_FIELDS, Ready
from app.store.logs_cell_rows import CellRow, cell_rows
from app.store.logs_copy_text import FEWEST_TO_COPY, CopyText, copy_text, has_any
from app.store.logs_places import month_of
from app.store.logs_rows import encoded_columns


@dataclass(frozen=True, slots=True)
class Told:
    """What records tell of their source, added up: when they began, and which of WATCHED_FIELDS they fill."""

    records: int = 0
    started_sum: int = 0
    earliest: int = 0
    latest: int = 0
    filled: frozenset[str] = frozenset()

    def __add__(self, other: Told) -> Told:
        """Both together."""
        if not (self.records and other.records):
            return self if self.records else other
        return Told(
            self.records + other.records,
            self.started_sum + other.started_sum,
            min(self.earliest, other.earliest),
            max(self.latest, other.latest),
            self.filled | other.filled,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A month's records, all that can be known of them before any lock is taken."""

    moment: int  # of one of them
    rows: Sequence[tuple[Any, ...]] | CopyText  # INSERT_COLUMNS behind the batch's number
    cells: Sequence[CellRow]  # the roll-ups they add
    told: Told

    def __reduce__(self) -> tuple[Any, ...]:
        """Hand rows, which are plain values, to another process in a third of the time that objects take."""
        rows = self.rows if isinstance(self.rows, CopyText) else marshal.dumps(list(self.rows))
        return _unpacked, (self.moment, rows, marshal.dumps(list(self.cells)), self.told)


def _unpacked(moment: int, rows: CopyText | bytes, cells: bytes, told: Told) -> Part:
    """Packed by our own process."""
    return Part(moment, marshal.loads(rows) if isinstance(rows, bytes) else rows, marshal.loads(cells), told)  # noqa: S302


def make_ready(columns: Columns, *, for_copy: bool = False) -> Ready:
    """Encode and count records, by month. Refuses text that has not passed the redactor before anything is encoded.

    `for_copy`: as PostgreSQL takes many.
    """
    refuse_unredacted(columns)
    return Ready(length(columns), tuple(_part_of(month, for_copy=for_copy) for month in _by_month(columns)))


def part_of(records: Sequence[RedactedRecord]) -> Part:
    """One month's records made ready."""
    return _part_of(columns_of(records), for_copy=False)


def told_by(columns: Columns) -> Told:
    """What records tell of their source."""
    starts = columns["started_at"]
    return Told(len(starts), sum(starts), min(starts), max(starts), frozenset(_filled(columns))) if starts else Told()


def _part_of(columns: Columns, *, for_copy: bool) -> Part:
    encoded = encoded_columns(columns)
    many = for_copy and length(columns) >= FEWEST_TO_COPY
    rows = copy_text(encoded) if many else list(zip(*encoded.values(), strict=True))
    return Part(columns["started_at"][0], rows, cell_rows(roll_up_columns(columns)), told_by(columns))


def _by_month(columns: Columns) -> Iterator[Columns]:
    """The records of each month, in their order; in nearly every batch all are of one."""
    starts = columns["started_at"]
    if not starts:
        return
    high = month_of(min(starts))[1]
    if max(starts) < high:
        yield columns
        return
    yield chosen(columns, [started_at < high for started_at in starts])
    yield from _by_month(chosen(columns, [started_at >= high for started_at in starts]))


def _filled(columns: Columns) -> Iterator[str]:
    return (name for name in WATCHED_FIELDS if has_any(columns[name]))
