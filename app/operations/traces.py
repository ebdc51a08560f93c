"""Join the spans of one post with what earlier posts stored of the same traces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.core.record import Outcome, RedactedRecord
from app.core.traces import SOURCE, Trace, as_request, filled, is_request, request_identity, traces_of, with_request
from app.store.logs import LogStore


@dataclass(slots=True)
class Joined:
    """Records to append, and stored ones to write anew because a later span filled what they lacked."""

    new: list[RedactedRecord] = field(default_factory=list)
    corrected: list[RedactedRecord] = field(default_factory=list)


def join_traces(records: Iterable[RedactedRecord], log_store: LogStore) -> Joined:
    """Say what is new and what completes a stored record. Whatever was joined before changes nothing."""
    joined = Joined()
    traces = traces_of(records)
    stored = {record.action_id: record for record in log_store.records([request_identity(name) for name in _may_have_come_late(traces)])}
    for name, trace in traces.items():
        if trace.attempts:
            _join_attempts(trace, stored.get(name), joined)
        elif trace.request is not None:
            _join_request(trace.request, log_store, joined)
    return joined


def _may_have_come_late(traces: dict[str, Trace]) -> list[str]:
    """Name the traces with a failed attempt: the server's span of such a one may have come before it."""
    return [name for name, trace in traces.items() if any(attempt.outcome is not Outcome.OK for attempt in trace.attempts)]


def _join_attempts(trace: Trace, stored: RedactedRecord | None, joined: Joined) -> None:
    """Take the attempts; one that failed takes the place of the request that was stored before it."""
    attempts: Sequence[RedactedRecord] = with_request(trace.attempts, trace.request) if trace.request else trace.attempts
    for attempt in reversed(attempts):
        placed = as_request(attempt, stored) if stored is not None and attempt.outcome is not Outcome.OK else None
        if placed is None or (placed != stored and stored is not None and stored.model_requested is not None):
            joined.new.append(attempt)
        elif placed != stored:
            joined.corrected.append(placed)
            stored = placed


def _join_request(request: RedactedRecord, log_store: LogStore, joined: Joined) -> None:
    """Tell stored attempts what the request knows; without any, a request that failed is a record of its own."""
    failed = request.outcome is not Outcome.OK
    if not failed and request.client is None:
        return  # there is nothing it could add
    known = [record.record_id for record in log_store.request(request.action_id) if record.source == SOURCE]
    stored = log_store.records(known)
    attempts = [record for record in stored if not is_request(record)]
    if attempts:
        joined.corrected += [new for old, new in zip(attempts, with_request(attempts, request), strict=True) if new != old]
    elif stored:
        joined.corrected += [new for old in stored if (new := filled(old, request)) != old]
    elif failed:
        joined.new.append(request)
