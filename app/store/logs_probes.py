"""One bounded search: problem rows on both sides of a moment, found by one index, the most alike of them taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    over,
    select,
    text,
    union_all,
)

from app.core.matching import NO_BACKGROUND, Background
from app.store.logs_likeness import likeness
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import NOT_OK, log_record

SCANNED_PER_SIDE = 3000  # problem rows looked at on each side of the moment
SAMPLED = 200  # rows that show what is usual in a window
ALIKE = 0.75  # of the best row's likeness: when even the last row taken has it, rows as good were cut off


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


def search(log: Reading, by: By, window: Window, taken: int, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows most like the report (`values`: see logs_likeness) among those nearest to the moment.

    A window without a beginning touches every period: the newest that have enough will do.
    """
    rows: list[Any] = []
    for connection in log.between(window.low, window.high):
        rows += connection.execute(_search(by, connection.dialect.name), {**values, **_span(window), "taken": taken})
        if window.low == 0 and len(rows) >= taken:
            break
    rows.sort(key=lambda row: (-row.likeness, abs(row.started_at - window.centre)))
    return rows[:taken]


def is_cut(log: Reading, window: Window, rows: Sequence[Any]) -> bool:
    """Whether a search by time that took as many rows as it may has left out rows as like the report."""
    if rows[-1].likeness >= ALIKE * rows[0].likeness:
        return True
    connections = log.between(window.low, window.high)
    scanned = (connection.execute(_scanned(connection.dialect.name), _span(window)).scalar() or 0 for connection in connections)
    return any(count >= 2 * SCANNED_PER_SIDE for count in scanned)


def sample(log: Reading, window: Window) -> Background:
    """Some of the problems in the window, evenly spread over it, and how many there are; estimated where the scan is cut."""
    parts = [_sample(connection, window) for connection in log.between(window.low, window.high)]
    return Background(tuple(record for part in parts for record in part.records), sum(part.total for part in parts))


def _sample(connection: Connection, window: Window) -> Background:
    """The same of one table."""
    rows = connection.execute(_sampled(connection.dialect.name), {**_span(window), "sampled": SAMPLED}).all()
    if not rows:
        return NO_BACKGROUND
    scanned, covered = rows[0].scanned, rows[0].last - rows[0].first
    share = (window.high - window.low) / covered if scanned >= 2 * SCANNED_PER_SIDE and covered > 0 else 1.0
    return Background(tuple(map(row_to_record, rows)), round(scanned * max(share, 1.0)))


def _span(window: Window) -> dict[str, int]:
    return {"low": window.low, "centre": window.centre, "high": window.high, "scanned": SCANNED_PER_SIDE}


@cache
def _search(by: By, dialect: str) -> Select[Any]:
    score = likeness().label("likeness")
    best = select(log_record, score).where(log_record.c.id.in_(_nearest(by, dialect)))
    distance = func.abs(log_record.c.started_at - bindparam("centre", type_=BigInteger))
    return best.order_by(score.desc(), distance, log_record.c.id).limit(bindparam("taken", type_=Integer))


@cache
def _scanned(dialect: str) -> Select[Any]:
    return select(func.count()).select_from(_nearest(By.TIME, dialect).subquery())


@cache
def _sampled(dialect: str) -> Select[Any]:
    """Every n-th of the nearest rows, with the number and the span of them all."""
    near = _nearest(By.TIME, dialect).subquery()
    row = log_record.alias("row")
    places = select(  # the windows go over times alone: whole rows are read for the sample only
        row.c.id,
        over(func.count()).label("scanned"),
        over(func.min(row.c.started_at)).label("first"),
        over(func.max(row.c.started_at)).label("last"),
        over(func.row_number(), order_by=row.c.started_at).label("place"),
    ).where(row.c.id.in_(select(near.c.id)))
    placed = places.subquery()
    step = placed.c.scanned // bindparam("sampled", type_=Integer) + 1
    spans = (placed.c.scanned, placed.c.first, placed.c.last)
    return select(log_record, *spans).join(placed, placed.c.id == log_record.c.id).where(placed.c.place % step == 0)


def _nearest(by: By, dialect: str) -> CompoundSelect[Any]:
    """Ids on both sides of the moment, each side bounded on the index before anything is compared."""
    index, condition = by.value
    # SQLite keeps no statistics here and would as soon take the index over all rows, successes included
    source = text(f"log_record INDEXED BY {index}" if dialect == "sqlite" else "log_record")
    time = literal_column("started_at", BigInteger)
    low, centre, high = (bindparam(name, type_=BigInteger) for name in ("low", "centre", "high"))
    rows = select(literal_column("id", BigInteger).label("id")).select_from(source).where(NOT_OK, text(condition))
    scanned = bindparam("scanned", type_=Integer)
    before = rows.where(time >= low, time < centre).order_by(time.desc()).limit(scanned).subquery()
    after = rows.where(time >= centre, time <= high).order_by(time).limit(scanned).subquery()
    return union_all(select(before.c.id), select(after.c.id))
