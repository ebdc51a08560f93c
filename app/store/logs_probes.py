"""One bounded search: problem rows on both sides of a moment, found by one index, the most alike of them taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, text

from app.core.matching import NO_BACKGROUND, Background
from app.core.rollups import HOUR_MS, Dimension, figures
from app.store.logs_cells import live_cells
from app.store.logs_likeness import agrees, likeness, said_of
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import log_record

SCANNED_PER_SIDE = 3000  # problem rows looked at on each side of the moment
SCANNED_OF_KEY = 1000  # the same of one key: they are read one by one
MOST_COUNTED = 20_000  # above, the roll-ups say how many problems there are
SAMPLED = 40  # rows that show what is usual in a window
SLACK = 10  # points below the most alike of as many as may be taken: what is further off than that has no chance beside them
KINDS_OF_REPORTS = 256  # statements that are kept ready
_MIXER = 2_654_435_761
_WITHIN = "outcome <> 'ok' AND started_at BETWEEN :low AND :high"
_ROW = ", ".join(f'log_record."{column.name}"' for column in log_record.c)


class By(Enum):
    """What a search goes by: its index, and the condition on the index's first column."""

    TIME = ("ix_log_problem_time", "1 = 1")
    KEY = ("ix_log_problem_key", "key_fingerprint = :fingerprint")
    TAIL = ("ix_log_problem_tail", "key_last4 = :tail")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time and the moment in it from which records are taken, nearest first; epoch milliseconds."""

    low: int
    centre: int
    high: int

    @classmethod
    def around(cls, centre: int, reach: int) -> Window:
        """The same span before and after."""
        return cls(centre - reach, centre, centre + reach)


@dataclass(frozen=True, slots=True)
class Taken:
    """The rows most alike, best first. met: how many there were, up to those that may be taken; least: the least alike of these.

    Where as many were met as may be taken, those without a chance beside the best are not read.
    """

    rows: Sequence[Any] = ()
    met: int = 0
    least: int = 0


NOTHING = Taken()


def search(
    log: Reading, by: By, windows: Sequence[Window], taken: int, values: Mapping[str, Any], required: frozenset[str] = frozenset()
) -> Taken:
    """The rows most like the report (`values`: see logs_likeness) among those nearest to the windows' moments.

    `required`: what must agree. A window without a beginning touches every period: the newest that have enough will do.
    """
    said, spans = said_of(values), _spans(windows, SCANNED_PER_SIDE if by is By.TIME else min(SCANNED_OF_KEY, SCANNED_PER_SIDE))
    low, high = min(window.low for window in windows), max(window.high for window in windows)
    found: list[Taken] = []
    for connection in log.between(low, high):
        statement = _search(by, len(windows), said, required, connection.dialect.name)
        rows = connection.execute(statement, {**values, **spans, "taken": taken}).all()
        found += [Taken(rows, rows[0].met, rows[0].least)] if rows else []
        if low == 0 and sum(each.met for each in found) >= taken:
            break
    return _most_alike(found, taken)


def _most_alike(found: Sequence[Taken], taken: int) -> Taken:
    """Of several periods' rows those that are taken."""
    rows = sorted((row for each in found for row in each.rows), key=lambda row: (-row.likeness, row.distance))[:taken]
    return Taken(rows, min(sum(each.met for each in found), taken), max((each.least for each in found), default=0))


def problems_in(log: Reading, window: Window) -> Background:
    """How many problems the window holds, and some of them, chosen by nothing they say."""
    parts = [_problems_in(connection, window) for connection in log.between(window.low, window.high)]
    total = sum(part.total for part in parts)
    if total >= MOST_COUNTED:
        total = max(total, _rolled_up(log, window))
    return Background(tuple(record for part in parts for record in part.records), total)


def _problems_in(connection: Connection, window: Window) -> Background:
    """The same of one table; of more than are counted, the newest."""
    dialect = connection.dialect.name
    total, low = connection.execute(_counted(dialect), {"low": window.low, "high": window.high, "most": MOST_COUNTED}).one()
    if not total:
        return NO_BACKGROUND
    rows = connection.execute(_sampled(dialect), {"low": low, "high": window.high, "step": total // SAMPLED + 1})
    return Background(tuple(map(row_to_record, rows)), total)


def _rolled_up(log: Reading, window: Window) -> int:
    """How many problems there are by the roll-ups; of an hour that is partly in the window, its part."""
    first, last = window.low // HOUR_MS, window.high // HOUR_MS
    connections = log.between(window.low, window.high)
    cells = (live_cells(connection, first, last, (Dimension.ALL,)) for connection in connections)
    return round(sum(_problems(packed) * _share(window, cell.hour) for found in cells for cell, packed in found.items()))


def _problems(packed: int) -> int:
    counted = figures(packed)
    return counted.requests - counted.ok


def _share(window: Window, hour: int) -> float:
    """How much of an hour is in the window."""
    start = hour * HOUR_MS
    return (min(window.high, start + HOUR_MS) - max(window.low, start)) / HOUR_MS


def _spans(windows: Sequence[Window], scanned: int) -> dict[str, int]:
    spans = {"scanned": scanned}
    for number, window in enumerate(windows):
        spans |= {f"low_{number}": window.low, f"centre_{number}": window.centre, f"high_{number}": window.high}
    return spans


@lru_cache(KINDS_OF_REPORTS)
def _search(by: By, windows: int, said: frozenset[str], required: frozenset[str], dialect: str) -> Executable:
    """Score every row of every side, on the index alone where it holds what is compared; read whole rows only of the best.

    Each says how many were met, up to those that may be taken, and how alike the least of them is.
    """
    sides = [side for place in range(windows) for side in _sides(by, place, said, required, dialect)]
    met = " UNION ALL ".join(f"SELECT * FROM ({side}) AS side_{place}" for place, side in enumerate(sides))
    best = f"SELECT * FROM ({met}) AS met ORDER BY likeness DESC, distance, number LIMIT :taken"
    bounds = "SELECT count(*) AS met, min(likeness) AS least, max(likeness) AS most FROM best"
    near = f"met < :taken OR likeness >= most - {SLACK:d}"
    return text(
        f"WITH best AS MATERIALIZED ({best}), bounds AS MATERIALIZED ({bounds}) SELECT {_ROW}, likeness, distance, met, least "
        f"FROM best CROSS JOIN bounds JOIN log_record ON log_record.id = best.number WHERE {near}"
    ).columns(*log_record.c)


def _sides(by: By, place: int, said: frozenset[str], required: frozenset[str], dialect: str) -> tuple[str, str]:
    """The nearest rows before and after the moment of a window."""
    wanted = " AND ".join(["outcome <> 'ok'", by.value[1], *(agrees(name, dialect) for name in sorted(required))])
    scored = f"id AS number, {likeness(said, dialect)} AS likeness, abs(started_at - :centre_{place}) AS distance"
    rows = f"SELECT {scored} FROM {_source(by, dialect)} WHERE {wanted}"
    before = f"{rows} AND started_at >= :low_{place} AND started_at < :centre_{place} ORDER BY started_at DESC LIMIT :scanned"
    return before, f"{rows} AND started_at >= :centre_{place} AND started_at <= :high_{place} ORDER BY started_at LIMIT :scanned"


@cache
def _counted(dialect: str) -> Executable:
    """How many problems the window holds, and when the first of them began; the newest, up to a bound."""
    newest = f"SELECT started_at FROM {_source(By.TIME, dialect)} WHERE {_WITHIN} ORDER BY started_at DESC LIMIT :most"
    return text(f"SELECT count(*), min(started_at) FROM ({newest}) AS newest")


@cache
def _sampled(dialect: str) -> Executable:
    """Problems whose own number, mixed, is a multiple of a step: what rows have in common with their numbers decides nothing."""
    chosen = f"{_WITHIN} AND (id * {_MIXER} >> 16) % :step = 0"
    return text(f"SELECT {_ROW} FROM {_source(By.TIME, dialect)} WHERE {chosen}").columns(*log_record.c)


def _source(by: By, dialect: str) -> str:
    """SQLite keeps no statistics here and would as soon take the index over all rows, successes included."""
    return f"log_record INDEXED BY {by.value[0]}" if dialect == "sqlite" else "log_record"
