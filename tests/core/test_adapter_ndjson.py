"""The desk's own format: fields as named, units as stated, nothing trusted."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.adapters.ndjson import parse_line
from app.core.fields import BadLine, FieldCleaner
from app.core.key_ref import fingerprint
from app.core.record import Origin, Outcome, RedactedRecord
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

KEY_HASH = hashlib.sha256(b"sk-sample-key-for-tests-only-0002").hexdigest()
LINE: dict[str, Any] = {
    "request_id": "0123456789abcdef0123456789abcdef",
    "trace_id": "fedcba9876543210fedcba9876543210",
    "attempt": 2,
    "started_at": "2026-11-18T03:04:05.678+00:00",
    "latency_ms": 812,
    "ttft_ms": None,
    "request_type": "chat",
    "endpoint": "/v1/messages",
    "client": "claude-cli/2.0.31 (external, cli)",
    "model_requested": "gpt-4o",
    "model_served": "gpt-4o",
    "provider": "openai",
    "status_code": 429,
    "outcome": "error",
    "error_code": "rate_limit_exceeded",
    "error_message": "Rate limit reached for gpt-4o",
    "key_hash": KEY_HASH,
    "key_last4": "aB3d",
    "key_alias": "search-3",
    "owner": "team-3",
    "group": "search",
    "environment": "production",
    "prompt_tokens": 120,
    "completion_tokens": 0,
    "cost": "0.000123",
    "charged": False,
    "quota": "20",
    "balance": None,
    "stream": True,
    "retries": 1,
    "fallback_from": None,
    "fallback_reason": None,
    "task_id": None,
    "tags": ["crm"],
}


def parsed(**changes: Any) -> RedactedRecord:
    return parse_line(json.dumps(LINE | changes).encode(), FieldCleaner(REDACTOR, PEPPER))


def test_every_field_arrives_in_the_desks_units() -> None:
    record = parsed()
    assert record.started_at == 1_794_971_045_678
    assert (record.request_id, record.action_id, record.attempt) == (LINE["request_id"], LINE["trace_id"], 2)
    assert (record.cost_micros, record.quota_micros, record.balance_micros) == (123, 20_000_000, None)
    assert (record.status_code, record.outcome, record.origin) == (429, Outcome.ERROR, Origin.UNKNOWN)
    assert (record.key_last4, record.key_fingerprint) == ("aB3d", fingerprint(PEPPER, KEY_HASH))
    assert record.client == "claude-cli/2.0.31"
    assert record.tags == ("crm",)


@pytest.mark.parametrize("value", [None, "", "has space", "x" * 161, 5, "нет"])
def test_a_line_without_a_usable_request_id_is_refused(value: object) -> None:
    with pytest.raises(BadLine, match="request_id"):
        parsed(request_id=value)


@pytest.mark.parametrize("value", [None, "", "yesterday", 1794971045, "1850-01-01T00:00:00Z"])
def test_a_line_without_a_usable_time_is_refused(value: object) -> None:
    with pytest.raises(BadLine, match="started_at"):
        parsed(started_at=value)


@pytest.mark.parametrize(
    ("written", "epoch_ms"),
    [
        ("2026-11-18T11:04:05+08:00", 1_794_971_045_000),
        ("2026-11-18T03:04:05Z", 1_794_971_045_000),
        ("2026-11-18T03:04:05", 1_794_971_045_000),
    ],
)
def test_times_are_utc_whatever_zone_they_are_written_in(written: str, epoch_ms: int) -> None:
    assert parsed(started_at=written).started_at == epoch_ms


def test_without_a_trace_the_request_is_its_own_action() -> None:
    assert parsed(trace_id=None).action_id == LINE["request_id"]


def test_the_outcome_follows_the_status_when_the_source_does_not_say() -> None:
    assert parsed(outcome=None).outcome is Outcome.ERROR
    assert parsed(outcome=None, status_code=200).outcome is Outcome.OK


def test_a_broken_stream_says_who_broke_it_only_when_known() -> None:
    assert parsed(outcome="partial", status_code=200).stream_end == "upstream"
    assert parsed(outcome="ok", status_code=200).stream_end == "done"
    assert parsed(outcome="error").stream_end is None


@pytest.mark.parametrize("cost", ["1e999", "nan", "free", [], True, "9" * 50])
def test_an_amount_that_is_none_is_unknown(cost: object) -> None:
    assert parsed(cost=cost).cost_micros is None


def test_a_key_in_the_place_of_its_hash_or_tail_is_not_kept() -> None:
    key = "sk-planted" + "Q7w8" * 8
    record = parsed(key_hash=key, key_last4=key, request_id=key, owner=key, tags=[key], client=key, error_code=key, task_id=key)
    assert key not in repr(record)
    assert record.key_last4 == key[-4:]
    assert record.request_id.startswith("hidden-")


def test_unknown_fields_are_skipped() -> None:
    assert "PLANTED" not in repr(parsed(messages=[{"content": "PLANTED"}], prompt="PLANTED"))


JSON = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.lists(st.text(max_size=3), max_size=2) | st.just({})
)


@given(changes=st.dictionaries(st.sampled_from(sorted(LINE)), JSON, max_size=6))
def test_a_mutated_line_becomes_a_record_or_a_reason(changes: dict[str, Any]) -> None:
    assert record_or_reason(json.dumps(LINE | changes).encode())


@given(line=st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_become_a_record_or_a_reason(line: bytes) -> None:
    assert record_or_reason(line)


def record_or_reason(line: bytes) -> str:
    """What the adapter makes of a line; any other exception than BadLine fails the test."""
    try:
        return parse_line(line, FieldCleaner(REDACTOR, PEPPER)).record_id
    except BadLine as problem:
        return problem.reason
