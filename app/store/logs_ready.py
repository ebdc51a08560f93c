"""Records made ready for an SQL engine: rows, and the roll-ups they add. Needs no connection, so another process may do it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.record import RedactedRecord
from app.core.rollups import Cell, roll_up
from app.store.logs import WATCHED_FIELDS, Ready
from app.store.logs_places import by_month
from app.store.logs_rows import record_to_row, refuse_unredacted

MOST_LOOKED_AT = 500  # of a part's records, for the fields that its source fills


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
    rows: Sequence[tuple[Any, ...]]  # INSERT_COLUMNS behind the batch's number
    cells: Mapping[Cell, int]
    told: Told


def make_ready(records: Sequence[RedactedRecord]) -> Ready:
    """Encode and count records, by month. Refuses text that has not passed the redactor before anything is encoded."""
    refuse_unredacted(records)
    return Ready(len(records), tuple(part_of(month) for _low, month in by_month(records)))


def part_of(records: Sequence[RedactedRecord]) -> Part:
    """One month's records made ready."""
    return Part(records[0].started_at, list(map(record_to_row, records)), roll_up(records), _told(records))


def _told(records: Sequence[RedactedRecord]) -> Told:
    starts = [record.started_at for record in records]
    some = records[:: max(1, len(records) // MOST_LOOKED_AT)]
    return Told(len(starts), sum(starts), min(starts), max(starts), frozenset(_filled(some)))


def _filled(records: Sequence[RedactedRecord]) -> Iterable[str]:
    return (name for name in WATCHED_FIELDS if any(getattr(record, name) is not None for record in records))
