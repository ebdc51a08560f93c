"""Joining what several posts say of a trace: filling never overwrites, and what comes again changes nothing."""

from __future__ import annotations

import msgspec

from app.core.record import Origin, Outcome, RedactedRecord
from app.core.traces import as_request, filled, is_request, request_identity, traces_of, with_request

ATTEMPT = RedactedRecord(
    record_id="a" * 32,
    request_id="call",
    action_id="t",
    source="otlp",
    started_at=1000,
    latency_ms=10,
    outcome=Outcome.ERROR,
    origin=Origin.PROVIDER,
    model_requested="gpt-4o",
)
REQUEST = RedactedRecord(
    record_id=request_identity("t"),
    request_id="t",
    action_id="t",
    source="otlp",
    started_at=990,
    latency_ms=40,
    outcome=Outcome.ERROR,
    status_code=502,
    client="OpenAI/Python 2.1.0",
    endpoint="/v1/chat/completions",
)


def changed(record: RedactedRecord, **changes: object) -> RedactedRecord:
    return msgspec.structs.replace(record, **changes)


def test_a_request_is_known_by_its_traces_identity() -> None:
    assert is_request(REQUEST)
    assert not is_request(ATTEMPT)


def test_filling_takes_only_what_is_lacking_and_only_once() -> None:
    once = filled(ATTEMPT, REQUEST)
    assert (once.latency_ms, once.origin, once.status_code, once.client) == (10, Origin.PROVIDER, 502, "OpenAI/Python 2.1.0")
    assert filled(once, changed(REQUEST, status_code=500, client="other")) == once


def test_the_requests_status_is_the_last_failed_attempts() -> None:
    first, last = with_request((ATTEMPT, changed(ATTEMPT, record_id="b" * 32, started_at=1020)), REQUEST)
    assert (first.status_code, last.status_code) == (None, 502)
    assert first.client == last.client == "OpenAI/Python 2.1.0"
    (succeeded,) = with_request((changed(ATTEMPT, outcome=Outcome.OK),), REQUEST)
    assert succeeded.status_code is None


def test_an_attempt_in_a_requests_place_keeps_its_own_facts_under_the_stored_identity() -> None:
    placed = as_request(ATTEMPT, REQUEST)
    assert (placed.record_id, placed.request_id, placed.model_requested, placed.status_code) == (REQUEST.record_id, "call", "gpt-4o", 502)
    assert placed.started_at == REQUEST.started_at
    assert as_request(ATTEMPT, placed) == placed


def test_records_are_gathered_by_trace_and_the_same_span_twice_is_one() -> None:
    other = changed(REQUEST, action_id="u", record_id=request_identity("u"))
    traces = traces_of([REQUEST, ATTEMPT, ATTEMPT, other])
    assert list(traces) == ["t", "u"]
    assert (traces["t"].attempts, traces["t"].request) == ((ATTEMPT,), REQUEST)
    assert traces["u"].attempts == ()
