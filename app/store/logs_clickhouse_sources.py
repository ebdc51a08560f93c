"""How the sources of a ClickHouse log are doing, and its batches: read from the turns that wrote them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from app.core.record import Reject
from app.store.logs import WATCHED_FIELDS, BatchInfo, SourceHealth
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_turns import APPEND

HOUR_MS = 3_600_000
HOURS = 24
REJECTS_READ = 500
REASONS_SHOWN = 5
_BATCH = ("source", "received_at", "accepted", "duplicate", "rejected", "duration_ms", "instance", "rolled_back")
_STORED = f"log_batch FINAL WHERE kind = '{APPEND}'"


def batches(engine: ClickHouse, limit: int) -> tuple[BatchInfo, ...]:
    """Newest batches first."""
    query = f"SELECT number AS id, {', '.join(_BATCH)} FROM {_STORED} ORDER BY number DESC LIMIT {limit:d}"
    rows = (dict(zip(("id", *_BATCH), row, strict=True)) for row in engine.rows(query))
    return tuple(BatchInfo(**{**row, "received_at": moment(row["received_at"])}) for row in rows)


def rejects(engine: ClickHouse, batch_id: int, limit: int) -> tuple[Reject, ...]:
    """The batch's rejected lines."""
    query = f"SELECT line, reason FROM log_reject WHERE batch_id = {{batch:UInt64}} ORDER BY line LIMIT {limit:d}"
    return tuple(Reject(int(line), reason) for line, reason in engine.rows(query, {"batch": batch_id}))


def sources(engine: ClickHouse, now: datetime) -> tuple[SourceHealth, ...]:
    """How each source is doing, the latest seen first."""
    at = int(now.timestamp() * 1000)
    day = f"received_at > {at - HOURS * HOUR_MS:d}"
    stands = f"accepted > 0 AND rolled_back IS NULL AND {day}"
    query = (
        f"SELECT source, instance, min(received_at) AS first, max(received_at) AS last, max(newest), "
        f"sumIf(accepted, {day}), sumIf(duplicate, {day}), sumIf(rejected, {day}), sumIf(lag_sum, {stands}), sumIf(accepted, {stands}), "
        f"maxIf(lag_worst, {stands}), groupUniqArrayArray(filled) FROM {_STORED} "
        "GROUP BY source, instance ORDER BY last DESC, source, instance"
    )
    hours, reasons = _per_hour(engine, at), _reasons(engine)
    return tuple(_health(row, hours, reasons) for row in engine.rows(query))


def moment(epoch_ms: int) -> datetime:
    """Epoch milliseconds as an aware time."""
    return datetime.fromtimestamp(int(epoch_ms) / 1000, UTC)


def _health(row: Any, hours: dict[tuple[str, str], Counter[int]], reasons: dict[tuple[str, str], Counter[str]]) -> SourceHealth:
    source, instance, first, last, newest, accepted, duplicate, rejected, lag_sum, told, worst, filled = row
    named = source, instance
    return SourceHealth(
        source=source,
        instance=instance,
        first_seen=moment(first),
        last_seen=moment(last),
        newest_record=None if newest is None else moment(newest),
        per_hour=tuple(hours.get(named, Counter())[ago] for ago in range(HOURS - 1, -1, -1)),
        accepted=int(accepted),
        duplicate=int(duplicate),
        rejected=int(rejected),
        lag_ms=round(lag_sum / told) if told else None,
        worst_lag_ms=int(worst) if told and worst is not None else None,
        reasons=tuple(reasons.get(named, Counter()).most_common(REASONS_SHOWN)),
        never_filled=tuple(name for name in WATCHED_FIELDS if name not in filled) if newest is not None else (),
    )


def _per_hour(engine: ClickHouse, at: int) -> dict[tuple[str, str], Counter[int]]:
    """Records accepted so many hours ago."""
    query = (
        f"SELECT source, instance, intDiv({at:d} - received_at, {HOUR_MS}) AS ago, sum(accepted) FROM {_STORED} "
        f"AND received_at > {at - HOURS * HOUR_MS:d} AND received_at <= {at:d} GROUP BY source, instance, ago"
    )
    found: dict[tuple[str, str], Counter[int]] = {}
    for source, instance, ago, accepted in engine.rows(query):
        found.setdefault((source, instance), Counter())[int(ago)] = int(accepted)
    return found


def _reasons(engine: ClickHouse) -> dict[tuple[str, str], Counter[str]]:
    """Why the latest rejects of each source were not taken."""
    latest = f"SELECT batch_id, reason FROM log_reject ORDER BY batch_id DESC LIMIT {REJECTS_READ}"
    query = (
        f"SELECT b.source, b.instance, r.reason, count() FROM ({latest}) AS r "
        f"INNER JOIN (SELECT number, source, instance FROM {_STORED}) AS b ON b.number = r.batch_id GROUP BY ALL"
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for source, instance, reason, count in engine.rows(query):
        found.setdefault((source, instance), Counter())[reason] = int(count)
    return found
