"""Facts of the key's other requests, and of other keys."""

from __future__ import annotations

from datetime import timedelta

from app.core.playbook_facts.sight import Answer, Sight, Value, moment
from app.core.record import RedactedRecord

MANY_KEYS = 3
BURST = 10
MINUTE_MS = 60_000
REPEAT_WITHIN_MS = 10 * MINUTE_MS
COSTLY = frozenset({"image", "video", "audio", "batch"})


def owner(sight: Sight) -> Answer | None:
    """Who owns the key, as the log knows it."""
    key = sight.key
    return Answer("known", {"owner": key.owner or "–", "group": key.group or "–"}) if key and (key.owner or key.group) else None


def ref(sight: Sight) -> Answer | None:
    """How exactly the key is known; a tail proves nothing."""
    key = sight.evidence.key
    return Answer("exact") if key.fingerprint else Answer("tail", {"tail": key.last4}) if key.last4 else None


def last_ok(sight: Sight) -> Answer | None:
    """Whether the key was answered, and on which side of the failure."""
    key, at = sight.key, _failed_at(sight)
    if key is None:
        return None
    if key.last_ok_at is None:
        return Answer("never", {"total": key.total})
    if at is None:
        return Answer("before", {"time": moment(key.last_ok_at)})
    apart = timedelta(seconds=abs(key.last_ok_at - at) // 1000)
    return Answer("after" if key.last_ok_at > at else "before", {"time": moment(key.last_ok_at), "apart": apart})


def failures(sight: Sight) -> Answer | None:
    """How many of the key's requests failed that day."""
    key = sight.key
    if key is None or not key.total:
        return None
    values: dict[str, Value] = {"total": key.total, "ok": key.ok, "failed": key.total - key.ok}
    return Answer("all" if not key.ok else "none" if key.ok == key.total else "some", values)


def statuses(sight: Sight) -> Answer | None:
    """Which statuses the key's failures had."""
    counts = sight.key.by_status if sight.key else {}
    failed = {status: count for status, count in counts.items() if status >= 400}
    if not failed:
        return None
    listed = ", ".join(f"{status} ×{count}" for status, count in failed.items())
    return Answer("one" if len(failed) == 1 else "several", {"statuses": listed})


def burst(sight: Sight) -> Answer | None:
    """Requests of the key within a minute of the failure, among its newest."""
    key, at = sight.key, _failed_at(sight)
    if key is None or at is None:
        return None
    near = sum(abs(other.started_at - at) <= MINUTE_MS for other in key.recent)
    return Answer("many" if near >= BURST else "few", {"number": near})


def repeats(sight: Sight) -> Answer | None:
    """Whether the same costly job came again within minutes as another action."""
    record, key = sight.record, sight.key
    if record is None or key is None or record.request_type not in COSTLY:
        return None
    again = sum(_is_repeat(record, other) for other in key.recent)
    return Answer("yes" if again else "no", {"number": again})


def distinct_keys(sight: Sight) -> Answer | None:
    """How many keys failed alike around then."""
    around = sight.neighbours
    if around is None:
        return None
    values: dict[str, Value] = {"keys": around.distinct_keys, "failures": around.failures, "minutes": around.window_minutes}
    if not around.failures:
        return Answer("none", values)
    return Answer("many" if around.distinct_keys >= MANY_KEYS else "one" if around.distinct_keys <= 1 else "few", values)


def others_answered(sight: Sight) -> Answer | None:
    """Whether this model was answered for anybody around then; only a record names the model as the gateway knows it."""
    around = sight.neighbours
    if around is None or not (sight.record and sight.record.model_requested) or not around.requests:
        return None
    answered = around.requests - around.failures
    return Answer("yes" if answered > 0 else "no", {"answered": answered, "requests": around.requests})


def _failed_at(sight: Sight) -> int | None:
    if sight.record:
        return sight.record.started_at
    told = sight.evidence.request_time
    return int(told.timestamp() * 1000) if told else None


def _is_repeat(record: RedactedRecord, other: RedactedRecord) -> bool:
    return (
        other.action_id != record.action_id
        and (other.model_requested, other.request_type) == (record.model_requested, record.request_type)
        and abs(other.started_at - record.started_at) <= REPEAT_WITHIN_MS
    )
