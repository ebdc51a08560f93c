"""What else the log says around a failure: the key's other requests, and who fails alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, select

from app.core.log_context import KeyActivity, Neighbours
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import NOT_OK, log_record

COUNTED_OF_KEY = 5000  # of a key busier than this only the newest are counted
COUNTED_ALIKE = 20_000
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
_COLUMNS = log_record.c


def key_activity(log: Reading, fingerprint: str, around: datetime, limit: int = 20) -> KeyActivity | None:
    """The key's requests within a day before and an hour after `around`; None when it was never seen then."""
    centre = _epoch_ms(around)
    low, high = centre - DAY_MS, centre + HOUR_MS
    of_key = and_(_COLUMNS.key_fingerprint == bytes.fromhex(fingerprint), _COLUMNS.started_at.between(low, high))
    newest = select(log_record).where(of_key).order_by(_COLUMNS.started_at.desc(), _COLUMNS.id.desc()).limit(limit)
    connections = log.between(low, high)
    rows = [row for connection in connections for row in connection.execute(newest)][:limit]
    return _activity(_counted(connections, of_key), rows) if rows else None


def neighbours(log: Reading, status_code: int | None, model: str | None, around: datetime, window_minutes: int = 60) -> Neighbours:
    """Failures of this status and model (as logged) around a time, over all keys, and all requests for the model then."""
    centre, reach = _epoch_ms(around), window_minutes * MINUTE_MS
    span = _COLUMNS.started_at.between(centre - reach, centre + reach)
    of_model = [_COLUMNS.model_requested == model] if model else []
    alike = [NOT_OK, span, *of_model, *([_COLUMNS.status_code == status_code] if status_code is not None else [])]
    failures = requests = 0
    keys: set[tuple[bytes | None, str | None]] = set()
    for connection in log.between(centre - reach, centre + reach):
        found = connection.execute(_failures(alike)).all()
        failures += sum(row.failures for row in found)
        keys |= {(row.key_fingerprint and bytes(row.key_fingerprint), row.key_last4) for row in found}
        requests += connection.execute(_requests([span, *of_model])).scalar() or 0
    return Neighbours(window_minutes, failures, len(keys - {(None, None)}), requests)


def _counted(connections: Sequence[Connection], of_key: ColumnElement[bool]) -> Sequence[Any]:
    """Time, status and outcome of the key's requests, newest first."""
    query = select(_COLUMNS.started_at, _COLUMNS.status_code, _COLUMNS.outcome).where(of_key)
    newest = query.order_by(_COLUMNS.started_at.desc()).limit(COUNTED_OF_KEY)
    return [row for connection in connections for row in connection.execute(newest)][:COUNTED_OF_KEY]


def _activity(counted: Sequence[Any], newest: Sequence[Row[Any]]) -> KeyActivity:
    """Counts over all, names from the newest request that has them."""
    recent = tuple(map(row_to_record, newest))
    good = [row.started_at for row in counted if row.outcome == "ok"]
    return KeyActivity(
        total=len(counted),
        ok=len(good),
        by_status=dict(Counter(row.status_code for row in counted if row.status_code is not None).most_common()),
        last_ok_at=max(good, default=None),
        alias=next((record.key_alias for record in recent if record.key_alias), None),
        owner=next((record.owner for record in recent if record.owner), None),
        group=next((record.group for record in recent if record.group), None),
        environment=next((record.environment for record in recent if record.environment), None),
        recent=recent,
    )


def _failures(conditions: Sequence[Any]) -> Any:
    """How many by key (one without fingerprint by its ending); counted up to a bound."""
    rows = select(_COLUMNS.key_fingerprint, _COLUMNS.key_last4).where(*conditions).limit(COUNTED_ALIKE).subquery()
    key = (rows.c.key_fingerprint, rows.c.key_last4)
    return select(*key, func.count().label("failures")).group_by(*key)


def _requests(conditions: Sequence[ColumnElement[bool]]) -> Any:
    """How many requests of any outcome; counted up to a bound."""
    rows = select(_COLUMNS.id).where(*conditions).limit(COUNTED_ALIKE).subquery()
    return select(func.count()).select_from(rows)


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
