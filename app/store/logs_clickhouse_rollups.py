"""Roll-ups on ClickHouse: read, compared with the records, and put right by the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from app.core.histogram import Histogram, bucket_of
from app.core.rollups import FIGURES, HOUR_MS, Cell, Dimension, Figures
from app.store.logs import Point, RollupError, Total
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_schema import HISTOGRAMS, added_up, counted

_NAMES = ", ".join((*FIGURES, *HISTOGRAMS))
_KEYS = "dimension, hour, value, kept"
_LIVE = "rollup WHERE kept = 0 AND hour BETWEEN {low:Int64} AND {high:Int64}"
_OF_HOURS = f"started_at >= {{low:Int64}} * {HOUR_MS} AND started_at < ({{high:Int64}} + 1) * {HOUR_MS}"
_DIFFERS = f"arrayExists(n -> n != 0, arrayConcat([{', '.join(FIGURES)}], mapValues(latency), mapValues(ttft)))"


def series(
    engine: ClickHouse, dimension: Dimension, values: Sequence[str] | None, start: datetime, end: datetime, step: timedelta
) -> tuple[Point, ...]:
    """Roll-ups added up to steps counted from `start`; by time, then by value."""
    first, hours = _hour(start), int(step.total_seconds()) // 3600
    query = (
        f"SELECT intDiv(hour - {{first:Int64}}, {{hours:Int64}}) AS step, value, {added_up()} FROM {_SPAN} "
        f"{'AND value IN {values:Array(String)} ' if values is not None else ''}"
        "GROUP BY step, value HAVING requests > 0 ORDER BY step, value"
    )
    parameters = {"dimension": dimension.value, "first": first, "end": _hour(end), "hours": hours, "values": list(values or ())}
    return tuple(Point(start + step * int(row[0]), row[1], figures(row[2:])) for row in engine.rows(query, parameters))


def totals(engine: ClickHouse, dimension: Dimension, start: datetime, end: datetime, limit: int) -> tuple[Total, ...]:
    """Roll-ups of a whole span by value, the most requests first."""
    query = (
        f"SELECT value, {added_up()} FROM {_SPAN} GROUP BY value HAVING requests > 0 ORDER BY requests DESC, value LIMIT {{limit:UInt32}}"
    )
    parameters = {"dimension": dimension.value, "first": _hour(start), "end": _hour(end), "limit": limit}
    return tuple(Total(row[0], figures(row[1:])) for row in engine.rows(query, parameters))


_SPAN = "rollup WHERE dimension = {dimension:String} AND hour >= {first:Int64} AND hour < {end:Int64}"


def correct(engine: ClickHouse, low: int, high: int) -> None:
    """Add what is missing to the cells of the hours from `low` to `high` (epoch ms): one insert, so no reader sees less."""
    difference = f"SELECT {_KEYS}, {_NAMES} FROM ({_difference()}) WHERE {_DIFFERS}"
    engine.run(f"INSERT INTO rollup ({_KEYS}, {_NAMES}) {difference}", _hours(low, high), {"insert_deduplicate": 0})


def errors(engine: ClickHouse, low: int, high: int) -> Iterator[RollupError]:
    """Cells of those hours that do not say what their records say."""
    query = f"SELECT dimension, hour, value FROM ({_difference()}) WHERE {_DIFFERS} ORDER BY dimension, hour, value"
    wrong = [_cell(row) for row in engine.rows(query, _hours(low, high))]
    if wrong:
        stored, recounted = _cells(engine, f"SELECT * FROM {_LIVE}", low, high), _cells(engine, counted("log_record", _OF_HOURS), low, high)
        yield from (RollupError(cell, stored.get(cell, Figures()), recounted.get(cell, Figures())) for cell in wrong)


def kept_labels(engine: ClickHouse) -> list[tuple[Dimension, str]]:
    """The labels that the roll-ups of purged records are counted under, each once."""
    query = "SELECT DISTINCT dimension, value FROM rollup WHERE kept > 0 AND value != '' ORDER BY dimension, value"
    return [(Dimension(dimension), value) for dimension, value in engine.rows(query)]


def rename_kept(engine: ClickHouse, dimension: Dimension, label: str, clean: str) -> None:
    """Count under `clean` what was counted under `label`: added there, then taken out here."""
    parameters = {"dimension": dimension.value, "label": label, "clean": clean}
    these = "kept > 0 AND dimension = {dimension:String} AND value = {label:String}"
    moved = f"SELECT dimension, hour, {{clean:String}}, kept, {_NAMES} FROM rollup WHERE {these}"
    engine.run(f"INSERT INTO rollup ({_KEYS}, {_NAMES}) {moved}", parameters, {"insert_deduplicate": 0})
    engine.run(f"ALTER TABLE {engine.tables.own('rollup')} DELETE WHERE {these}", parameters, {"mutations_sync": 2})


def figures(row: Sequence[Any]) -> Figures:
    """FIGURES and histograms, in their order, made readable."""
    values = dict(zip(FIGURES, map(int, row), strict=False))
    return Figures(**values, latency=_histogram(row[len(FIGURES)]), ttft=_histogram(row[len(FIGURES) + 1]))


def _difference() -> str:
    """What the records say less what is stored."""
    negated = ", ".join(
        [*(f"-{name} AS n_{name}" for name in FIGURES), *(f"mapApply((k, v) -> (k, -v), {name}) AS n_{name}" for name in HISTOGRAMS)]
    )
    named = ", ".join([*(f"{name} AS n_{name}" for name in FIGURES), *(f"{name} AS n_{name}" for name in HISTOGRAMS)])
    recount = f"SELECT {_KEYS}, {named} FROM ({counted('log_record', _OF_HOURS)})"
    stored = f"SELECT {_KEYS}, {negated} FROM {_LIVE}"
    return f"SELECT {_KEYS}, {added_up('n_')} FROM ({recount} UNION ALL {stored}) GROUP BY {_KEYS}"


def _cells(engine: ClickHouse, source: str, low: int, high: int) -> dict[Cell, Figures]:
    named = ", ".join(f"{name} AS n_{name}" for name in (*FIGURES, *HISTOGRAMS))
    inner = f"SELECT dimension, hour, value, {named} FROM ({source})"
    query = f"SELECT dimension, hour, value, {added_up('n_')} FROM ({inner}) GROUP BY dimension, hour, value"
    return {_cell(row): figures(row[3:]) for row in engine.rows(query, _hours(low, high))}


def _cell(row: Sequence[Any]) -> Cell:
    return Cell(Dimension(row[0]), int(row[1]), row[2])


def _histogram(counts: Mapping[int, int]) -> Histogram:
    """From {smallest duration of the bucket: count}."""
    by_bucket = {bucket_of(least): count for least, count in counts.items() if count}
    return Histogram.of_counts(by_bucket.get(bucket, 0) for bucket in range(max(by_bucket, default=-1) + 1))


def _hours(low: int, high: int) -> dict[str, int]:
    return {"low": low // HOUR_MS, "high": high // HOUR_MS}


def _hour(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp()) // 3600
