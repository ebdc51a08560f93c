"""What else a ClickHouse log says around a failure: the key's other requests, and who fails alike."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from app.core.log_context import KeyActivity, Neighbours
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_reads import records_at
from app.store.logs_context import COUNTED_ALIKE, COUNTED_OF_KEY, DAY_MS, HOUR_MS, MINUTE_MS

_LIVE = "GROUP BY started_at, record_id, version, status_code, outcome HAVING sum(sign) > 0"
_KEY = "concat(ifNull(hex(key_fingerprint), ''), '/', ifNull(key_last4, ''))"


def key_activity(engine: ClickHouse, fingerprint: str, around: datetime, limit: int) -> KeyActivity | None:
    """The key's requests within a day before and an hour after `around`; None when it was never seen then."""
    centre = int(around.timestamp() * 1000)
    query = (
        "SELECT started_at, record_id, status_code, outcome FROM log_record WHERE key_fingerprint = unhex({mark:String}) "
        f"AND started_at BETWEEN {{low:Int64}} AND {{high:Int64}} {_LIVE} ORDER BY started_at DESC, record_id DESC LIMIT {COUNTED_OF_KEY}"
    )
    rows = engine.rows(query, {"mark": fingerprint, "low": centre - DAY_MS, "high": centre + HOUR_MS})
    if not rows:
        return None
    newest = records_at(engine, [(int(at), record_id) for at, record_id, *_rest in rows[:limit]])
    good = [int(at) for at, _id, _status, outcome in rows if outcome == "ok"]
    return KeyActivity(
        total=len(rows),
        ok=len(good),
        by_status=dict(Counter(int(row[2]) for row in rows if row[2] is not None).most_common()),
        last_ok_at=max(good, default=None),
        alias=next((record.key_alias for record in newest if record.key_alias), None),
        owner=next((record.owner for record in newest if record.owner), None),
        group=next((record.group for record in newest if record.group), None),
        environment=next((record.environment for record in newest if record.environment), None),
        recent=tuple(newest),
    )


def neighbours(engine: ClickHouse, status_code: int | None, model: str | None, around: datetime, window_minutes: int) -> Neighbours:
    """Failures of this status and model (as logged) around a time, over all keys, and all requests for the model then."""
    centre, reach = int(around.timestamp() * 1000), window_minutes * MINUTE_MS
    wanted = "started_at BETWEEN {low:Int64} AND {high:Int64}" + (" AND model_requested = {model:String}" if model else "")
    alike = f"problem AND {wanted}" + (" AND status_code = {status:Int64}" if status_code is not None else "")
    rows = f"SELECT {_KEY} AS key FROM log_record WHERE {alike} GROUP BY record_id, version, key HAVING sum(sign) > 0 LIMIT {COUNTED_ALIKE}"
    requests = f"SELECT least(sum(sign), {COUNTED_ALIKE}) FROM log_record WHERE {wanted}"
    query = f"SELECT count(), uniqExactIf(key, key != '/'), ({requests}) FROM ({rows})"
    parameters = {"low": centre - reach, "high": centre + reach, "model": model or "", "status": status_code or 0}
    failures, keys, total = engine.rows(query, parameters)[0]
    return Neighbours(window_minutes, int(failures), int(keys), int(total or 0))
