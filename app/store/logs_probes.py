"""One bounded search: problem rows on both sides of a moment, found by one index, the most alike of them taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Executable, text

from app.core.matching import Background
from app.core.rollups import HOUR_MS, Dimension, figures
from app.store.logs_cells import live_cells
from app.store.logs_likeness import agrees, likeness, most_untold, said_of, tells
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import log_record

SCANNED_PER_SIDE = 3000  # problem rows looked at on each side of the moment
SCANNED_OF_KEY = 400  # the same of one key: they are read one by one
MOST_COUNTED = 20_000  # above, the roll-ups say how many problems there are
SAMPLED = 40  # rows that show what is usual in a window
SLACK = 10  # points below the most alike of as many as may be taken: what is further off than that has no chance beside them
RIVAL = 4  # points below the best of those in time: what is further off than that, and out of time, is no rival
FEW_OF_KEY = 10  # of so few of a key's own all are read
KINDS_OF_REPORTS = 256  # statements that are kept ready
_MIXER = 2_654_435_761
_IN_TIME = "max(CASE WHEN distance <= :reach THEN likeness END)"
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


@dataclass(frozen=True, slots=True)
class Rivals:
    """What a row has to beat to be read, where there are many.

    required: what it must agree in at all. reach: how far from the moment it is in time, ms. alike: how alike the best row in time
    is, where that is known beforehand.
    """

    required: frozenset[str] = frozenset()
    reach: int = -1
    alike: int = 0


NO_RIVALS = Rivals()


def search(log: Reading, by: By, windows: Sequence[Window], taken: int, values: Mapping[str, Any], rivals: Rivals = NO_RIVALS) -> Taken:
    """The rows most like the report (`values`: see logs_likeness) among those nearest to the windows' moments.

    A window without a beginning touches every period: the newest that have enough will do.
    """
    scanned = SCANNED_PER_SIDE if by is By.TIME else min(SCANNED_OF_KEY, SCANNED_PER_SIDE)
    bound = {**values, **_spans(windows, scanned), "taken": taken, "reach": rivals.reach, "alike": rivals.alike}
    low, high = min(window.low for window in windows), max(window.high for window in windows)
    asked, found = _Asked(by, len(windows), said_of(values), rivals.required), list[Taken]()
    for connection in log.between(low, high):
        found.append(_search(connection, asked, bound))
        if low == 0 and sum(each.met for each in found) >= taken:
            break
    return _most_alike(found, taken)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What makes one search's statement another than the next one's."""

    by: By
    windows: int
    said: frozenset[str]
    required: frozenset[str]
    is_narrow: bool = False


def _search(connection: Connection, asked: _Asked, values: Mapping[str, Any]) -> Taken:
    """The same in one table. Of a crowd by time those that agree in what tells much are compared first: mostly that is enough."""
    if asked.by is By.TIME and not asked.required and tells(asked.said, connection.dialect.name):
        found = _ask(connection, replace(asked, is_narrow=True), values)
        if found.met < values["taken"] or (found.rows and found.rows[0].most - SLACK > most_untold(asked.said)):
            return found
    return _ask(connection, asked, values)


def _ask(connection: Connection, asked: _Asked, values: Mapping[str, Any]) -> Taken:
    rows = connection.execute(_statement(asked, connection.dialect.name), values).all()
    met, compared, least = rows[0].met, rows[0].compared, rows[0].least
    is_least_known = compared == met or compared == values["taken"]
    return Taken([row for row in rows if row.id is not None], met, least or 0 if is_least_known else 0)


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
    bounds = {"low": window.low, "high": window.high, "most": MOST_COUNTED, "sampled": SAMPLED}
    rows = connection.execute(_sampled(connection.dialect.name), bounds).all()
    return Background(tuple(row_to_record(row) for row in rows if row.id is not None), rows[0].total)


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
def _statement(asked: _Asked, dialect: str) -> Executable:
    """Score the rows of every window, on the index alone where it holds what is compared; read whole rows only of the best.

    Each says how many were met, up to those that may be taken, how many were compared, and how alike the least of them
    is. One without a number says it where nothing was taken.
    """
    scored = " UNION ALL ".join(_scored(asked, place, dialect) for place in range(asked.windows))
    best = f"SELECT * FROM ({scored}) AS scored ORDER BY likeness DESC, distance, number LIMIT :taken"
    met = _enough(dialect) if asked.is_narrow else "count(*)"
    bounds = f"SELECT {met} AS met, count(*) AS compared, min(likeness) AS least, max(likeness) AS most, {_IN_TIME} AS in_time FROM best"
    found = f"bounds LEFT JOIN best ON {_has_a_chance(asked)} LEFT JOIN log_record ON log_record.id = best.number"
    return text(
        f"WITH best AS MATERIALIZED ({best}), bounds AS MATERIALIZED ({bounds}) "
        f"SELECT {_ROW}, likeness, distance, met, compared, least, most FROM {found}"
    ).columns(*log_record.c)


def _has_a_chance(asked: _Asked) -> str:
    """Which of the best are read: of many only those not much less alike than the most alike, or, out of time, than the best in time."""
    near = f"likeness >= most - {SLACK:d}"
    rival = f"likeness >= coalesce(in_time, :alike) - {RIVAL:d}"
    if asked.by is By.TIME:
        return f"met < :taken OR {near}" if not asked.required else f"met < :taken OR ({near} AND {rival})"
    return f"met < {FEW_OF_KEY:d} OR (distance <= :reach AND met < :taken) OR ({near} AND (distance <= :reach OR {rival}))"


def _scored(asked: _Asked, place: int, dialect: str) -> str:
    """The nearest rows before and after the moment of a window; in a crowd, with `is_narrow`, those that agree in what tells much."""
    wanted = [_problems_of(asked.by), *(_is(agrees(name, dialect)) for name in sorted(asked.required))]
    wanted += [_is(f"{tells(asked.said, dialect)} OR {_enough(dialect)} < :taken")] if asked.is_narrow else []
    before = _edge(asked.by, f"started_at >= :low_{place} AND started_at < :centre_{place} ORDER BY started_at DESC", dialect)
    after = _edge(asked.by, f"started_at >= :centre_{place} AND started_at <= :high_{place} ORDER BY started_at", dialect)
    scores = f"id AS number, {likeness(asked.said, dialect)} AS likeness, abs(started_at - :centre_{place}) AS distance"
    span = f"started_at >= coalesce({before}, :low_{place}) AND started_at <= coalesce({after}, :high_{place})"
    return f"SELECT {scores} FROM {_source(asked.by, dialect)} WHERE {' AND '.join(wanted)} AND {span}"


def _is(condition: str) -> str:
    """The same where the planner does not see it: SQLite plans a statement anew for each value of a bare LIKE, longer than it runs."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END = 1"


def _edge(by: By, side: str, dialect: str) -> str:
    """When the last row began that is looked at on one side; NULL: there are fewer."""
    return f"(SELECT started_at FROM {_source(by, dialect)} WHERE {_problems_of(by)} AND {side} LIMIT 1 OFFSET :scanned - 1)"


def _enough(dialect: str) -> str:
    """How many problems the window holds, up to those that may be taken."""
    within = f"{_problems_of(By.TIME)} AND started_at >= :low_0 AND started_at <= :high_0"
    return f"(SELECT count(*) FROM (SELECT 1 FROM {_source(By.TIME, dialect)} WHERE {within} LIMIT :taken) AS first)"


def _problems_of(by: By) -> str:
    return f"outcome <> 'ok' AND {by.value[1]}"


@cache
def _sampled(dialect: str) -> Executable:
    """How many problems the window holds, the newest up to a bound, and some of them.

    Those whose own number, mixed, is a multiple of a step: what rows have in common with their numbers decides nothing.
    """
    source, within = _source(By.TIME, dialect), "outcome <> 'ok' AND started_at <= :high AND started_at >= "
    low = f"coalesce((SELECT started_at FROM {source} WHERE {within} :low ORDER BY started_at DESC LIMIT 1 OFFSET :most - 1), :low)"
    counted = f"SELECT min(started_at) AS low, count(*) AS total FROM {source} WHERE {within} {low}"
    chosen = f"{within} counted.low AND (id * {_MIXER} >> 16) % (total / :sampled + 1) = 0"
    return text(f"WITH counted AS MATERIALIZED ({counted}) SELECT {_ROW}, total FROM counted LEFT JOIN {source} ON {chosen}").columns(
        *log_record.c
    )


def _source(by: By, dialect: str) -> str:
    """SQLite keeps no statistics here and would as soon take the index over all rows, successes included."""
    return f"log_record INDEXED BY {by.value[0]}" if dialect == "sqlite" else "log_record"
