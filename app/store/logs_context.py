"""What else the log says around a failure: the key's other requests, and who fails alike. Its statements are built once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select, true

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
_SPAN = _COLUMNS.started_at.between(bindparam("low"), bindparam("high"))


class _Alike(NamedTuple):
    """How many of a key's requests came to the same, and when the latest of them began."""

    status_code: int | None
    outcome: str
    requests: int
    latest: int


def key_activity(log: Reading, fingerprint: str, around: datetime, limit: int = 20) -> KeyActivity | None:
    """The key's requests within a day before and an hour after `around`; None when it was never seen then."""
    centre = _epoch_ms(around)
    of_key = {"key": bytes.fromhex(fingerprint), "low": centre - DAY_MS, "high": centre + HOUR_MS}
    connections = log.between(centre - DAY_MS, centre + HOUR_MS)
    rows = [row for connection in connections for row in connection.execute(_NEWEST, {**of_key, "most": limit}).all()][:limit]
    return _activity(_counted(connections, of_key), rows) if rows else None


def neighbours(log: Reading, status_code: int | None, model: str | None, around: datetime, window_minutes: int = 60) -> Neighbours:
    """Failures of this status and model (as logged) around a time, over all keys, and all requests for the model then."""
    low, high = (_epoch_ms(around) + way * window_minutes * MINUTE_MS for way in (-1, 1))
    statement = _failures_and_requests(status_code is not None, bool(model))
    values = {"low": low, "high": high, "status": status_code, "model": model}
    failures = requests = 0
    keys: set[tuple[bytes | None, str | None]] = set()
    for connection in log.between(low, high):
        found = connection.execute(statement, values).all()
        requests += found[0].requests
        failures += sum(row.failures or 0 for row in found)
        keys |= {(row.key_fingerprint and bytes(row.key_fingerprint), row.key_last4) for row in found}
    return Neighbours(window_minutes, failures, len(keys - {(None, None)}), requests)


def _counted(connections: Sequence[Connection], of_key: Mapping[str, Any]) -> list[_Alike]:
    """The key's newest requests by what they came to, up to a bound over all."""
    counted: list[_Alike] = []
    for connection in connections:
        left = COUNTED_OF_KEY - sum(each.requests for each in counted)
        counted += [_Alike(*row) for row in connection.execute(_COUNTED, {**of_key, "most": left})] if left else []
    return counted


def _activity(counted: Sequence[_Alike], newest: Sequence[Row[Any]]) -> KeyActivity:
    """Counts over all, names from the newest request that has them."""
    recent = tuple(map(row_to_record, newest))
    good = [each for each in counted if each.outcome == "ok"]
    return KeyActivity(
        total=sum(each.requests for each in counted),
        ok=sum(each.requests for each in good),
        by_status=_by_status(counted),
        last_ok_at=max((each.latest for each in good), default=None),
        alias=next((record.key_alias for record in recent if record.key_alias), None),
        owner=next((record.owner for record in recent if record.owner), None),
        group=next((record.group for record in recent if record.group), None),
        environment=next((record.environment for record in recent if record.environment), None),
        recent=recent,
    )


def _by_status(counted: Sequence[_Alike]) -> dict[int, int]:
    """The most frequent first; of as many, the one seen last."""
    requests: Counter[int] = Counter()
    for each in sorted(counted, key=lambda each: -each.latest):
        if each.status_code is not None:
            requests[each.status_code] += each.requests
    return dict(requests.most_common())


def _statement_of_key() -> Select[*tuple[Any, ...]]:
    """The key's newest requests."""
    of_key = and_(_COLUMNS.key_fingerprint == bindparam("key"), _SPAN)
    return select(log_record).where(of_key).order_by(_COLUMNS.started_at.desc(), _COLUMNS.id.desc()).limit(bindparam("most"))


def _statement_of_counts() -> Select[*tuple[Any, ...]]:
    """How many of the key's newest requests came to the same."""
    columns = (_COLUMNS.status_code, _COLUMNS.outcome, _COLUMNS.started_at)
    rows = _NEWEST.with_only_columns(*columns).order_by(None).order_by(_COLUMNS.started_at.desc()).subquery()
    alike = (rows.c.status_code, rows.c.outcome)
    return select(*alike, func.count(), func.max(rows.c.started_at)).group_by(*alike)


@lru_cache
def _failures_and_requests(has_status: bool, has_model: bool) -> Select[*tuple[Any, ...]]:
    """Failures by key (one without fingerprint by its ending) beside the requests of any outcome; both counted up to a bound."""
    of_model: list[Any] = [_COLUMNS.model_requested == bindparam("model")] if has_model else []
    alike: list[Any] = [NOT_OK, _SPAN, *of_model, *([_COLUMNS.status_code == bindparam("status")] if has_status else [])]
    failed = select(_COLUMNS.key_fingerprint, _COLUMNS.key_last4).where(*alike).limit(COUNTED_ALIKE).subquery()
    key = (failed.c.key_fingerprint, failed.c.key_last4)
    failures = select(*key, func.count().label("failures")).group_by(*key).subquery()
    asked = select(_COLUMNS.id).where(_SPAN, *of_model).limit(COUNTED_ALIKE).subquery()
    requests = select(func.count().label("requests")).select_from(asked).subquery()
    return select(requests, failures).select_from(requests.outerjoin(failures, true()))


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


_NEWEST = _statement_of_key()
_COUNTED = _statement_of_counts()
