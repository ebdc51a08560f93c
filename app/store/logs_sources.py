"""How the sources of the log are doing: what came when, how late, what was refused, and what they never say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.core.record import BatchOutcome
from app.core.rollups import HOUR_MS
from app.store.logs import WATCHED_FIELDS, SourceHealth
from app.store.logs_engine import is_sqlite
from app.store.logs_ready import Told
from app.store.logs_schema import batch, reject, source_field, source_hour

HOURS_SHOWN = 24
REASONS_SHOWN = 5
REASONS_OF = timedelta(days=7)
_COLUMNS = source_hour.c


def note_delivery(connection: Connection, source: str, instance: str, received_at: datetime, outcome: BatchOutcome, accepted: Told) -> None:
    """Count a delivery in its hour, and fields that its source fills for the first time."""
    received = int(received_at.timestamp() * 1000)
    values = {
        "source": source,
        "instance": instance,
        "hour": received // HOUR_MS,
        "first_ms": received,
        "last_ms": received,
        "accepted": outcome.accepted,
        "duplicate": outcome.duplicate,
        "rejected": outcome.rejected,
        "lag_sum": received * accepted.records - accepted.started_sum,
        "lag_worst": received - accepted.earliest if accepted.records else 0,
        "newest": accepted.latest,
    }
    connection.execute(_count(is_sqlite(connection)), values)
    _note_fields(connection, source, instance, accepted.filled)


def sources(engine: Engine, now: datetime) -> tuple[SourceHealth, ...]:
    """Every source that ever sent something, the latest seen first."""
    since = int(now.timestamp() * 1000) // HOUR_MS - HOURS_SHOWN + 1
    with engine.connect() as connection:
        rows = connection.execute(_lifetimes()).all()
        return tuple(_health(connection, row, since, now) for row in rows)


@cache
def _count(on_sqlite: bool) -> Any:
    """Insert the hour, or add to it."""
    insert = (sqlite.insert if on_sqlite else postgresql.insert)(source_hour)
    added = {name: _COLUMNS[name] + insert.excluded[name] for name in ("accepted", "duplicate", "rejected", "lag_sum")}
    greatest = func.max if on_sqlite else func.greatest
    least = func.min if on_sqlite else func.least
    highest = {name: greatest(_COLUMNS[name], insert.excluded[name]) for name in ("last_ms", "lag_worst", "newest")}
    lowest = {"first_ms": least(_COLUMNS.first_ms, insert.excluded.first_ms)}
    return insert.on_conflict_do_update(index_elements=["source", "instance", "hour"], set_=added | highest | lowest)


def _note_fields(connection: Connection, source: str, instance: str, filled: frozenset[str]) -> None:
    """Fields filled for the first time."""
    new = [name for name in _never_filled(connection, source, instance) if name in filled] if filled else []
    if new:
        insert = (sqlite.insert if is_sqlite(connection) else postgresql.insert)(source_field)
        rows = [{"source": source, "instance": instance, "field": name} for name in new]
        connection.execute(insert.values(rows).on_conflict_do_nothing())


def _lifetimes() -> Any:
    """Each source with its first and last hour."""
    last = func.max(_COLUMNS.last_ms)
    columns = (_COLUMNS.source, _COLUMNS.instance, func.min(_COLUMNS.first_ms).label("first"), last.label("last"))
    return select(*columns, func.max(_COLUMNS.newest).label("newest")).group_by(_COLUMNS.source, _COLUMNS.instance).order_by(last.desc())


def _health(connection: Connection, row: Any, since: int, now: datetime) -> SourceHealth:
    of_source = (_COLUMNS.source == row.source, _COLUMNS.instance == row.instance)
    hours = connection.execute(select(source_hour).where(*of_source, _COLUMNS.hour >= since)).all()
    accepted = {hour.hour: hour.accepted for hour in hours}
    total = sum(accepted.values())
    return SourceHealth(
        source=row.source,
        instance=row.instance,
        first_seen=_moment(row.first),
        last_seen=_moment(row.last),
        newest_record=_moment(row.newest) if row.newest else None,
        per_hour=tuple(accepted.get(since + number, 0) for number in range(HOURS_SHOWN)),
        accepted=total,
        duplicate=sum(hour.duplicate for hour in hours),
        rejected=sum(hour.rejected for hour in hours),
        lag_ms=sum(hour.lag_sum for hour in hours) // total if total else None,
        worst_lag_ms=max(hour.lag_worst for hour in hours) if total else None,
        reasons=_reasons(connection, row.source, row.instance, now),
        never_filled=_never_filled(connection, row.source, row.instance) if row.newest else (),
    )


def _reasons(connection: Connection, source: str, instance: str, now: datetime) -> tuple[tuple[str, int], ...]:
    """Why its latest lines were not taken."""
    since = int((now - REASONS_OF).timestamp() * 1000)
    count = func.count().label("lines")
    query = select(reject.c.reason, count).join(batch, batch.c.id == reject.c.batch_id)
    query = query.where(batch.c.source == source, batch.c.instance == instance, batch.c.received_at >= since)
    rows = connection.execute(query.group_by(reject.c.reason).order_by(count.desc(), reject.c.reason).limit(REASONS_SHOWN))
    return tuple((row.reason, row.lines) for row in rows)


def _never_filled(connection: Connection, source: str, instance: str) -> tuple[str, ...]:
    query = select(source_field.c.field).where(source_field.c.source == source, source_field.c.instance == instance)
    filled = set(connection.scalars(query))
    return tuple(name for name in WATCHED_FIELDS if name not in filled)


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
