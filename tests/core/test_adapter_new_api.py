"""New API's rows, and One API's, which look alike and mean different things."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.adapters import new_api, one_api
from app.core.fields import BadLine, FieldCleaner
from app.core.record import Origin, Outcome, RedactedRecord
from tests.conftest import PEPPER
from tests.redactor import REDACTOR

ENDED = 1_790_000_000
ROW: dict[str, Any] = {
    "id": 7, "type": 2, "created_at": ENDED, "use_time": 4, "elapsed_time": 4000, "request_id": "r-1", "username": "robin", "user_id": 17,
    "quota": 250_000, "token_name": "search-prod", "token_id": 8, "model_name": "gpt-4o", "prompt_tokens": 1, "completion_tokens": 2,
    "is_stream": True, "group": "data-team",
}  # fmt: skip


def cleaner() -> FieldCleaner:
    return FieldCleaner(REDACTOR, PEPPER)


def parsed(other: dict[str, Any] | str | None = None, quota_unit: int = 500_000, **changes: Any) -> RedactedRecord:
    told = other if isinstance(other, str) or other is None else json.dumps(other)
    return new_api.parse_line(json.dumps(ROW | {"other": told} | changes).encode(), cleaner(), quota_unit)


def test_the_quota_unit_is_the_operators() -> None:
    assert parsed().cost_micros == 500_000
    assert parsed(quota_unit=1_000_000).cost_micros == 250_000
    assert parsed({"subscription_remain": 1000, "subscription_total": 2000}, 1000).balance_micros == 1_000_000


def test_both_gateways_count_back_from_the_end_in_their_own_unit() -> None:
    one = one_api.parse_line(json.dumps(ROW | {"elapsed_time": 4000, "use_time": 1}).encode(), cleaner())
    assert parsed().started_at == one.started_at == (ENDED - 4) * 1000
    assert parsed().latency_ms == one.latency_ms == 4000


def test_type_five_is_an_error_here_and_a_test_there() -> None:
    assert parsed({"status_code": 500}, type=5).outcome is Outcome.ERROR
    with pytest.raises(BadLine, match="a channel test"):
        one_api.parse_line(json.dumps(ROW | {"type": 5}).encode(), cleaner())


@pytest.mark.parametrize(("code", "error_type", "origin"), [
    ("insufficient_user_quota", "new_api_error", Origin.KEY_OWNER),
    ("pre_consume_token_quota_failed", "new_api_error", Origin.KEY_OWNER),
    ("sensitive_words_detected", "new_api_error", Origin.USER),
    ("channel:no_available_key", "new_api_error", Origin.GATEWAY),
    ("get_channel_failed", "new_api_error", Origin.GATEWAY),
    ("bad_response_status_code", "new_api_error", Origin.PROVIDER),
    ("rate_limit_exceeded", "openai_error", Origin.PROVIDER),
    ("do_request_failed", "new_api_error", Origin.NETWORK),
    ("", "", Origin.UNKNOWN),
])  # fmt: skip
def test_whose_side_failed_is_told_by_new_apis_words(code: str, error_type: str, origin: Origin) -> None:
    assert parsed({"error_code": code, "error_type": error_type, "status_code": 500}, type=5).origin is origin


def test_the_status_is_read_from_the_text_when_the_details_lack_it() -> None:
    record = parsed("", type=5, content="status_code=429, slow down")
    assert (record.status_code, record.error_message) == (429, "slow down")


def test_each_failed_attempt_is_a_record_and_the_same_row_again_is_not() -> None:
    tried = [
        parsed({"status_code": 503, "admin_info": {"use_channel": channels}}, type=5, content="busy") for channels in (["1"], ["1", "1"])
    ]
    assert tried[0].record_id != tried[1].record_id
    assert [record.attempt for record in tried] == [1, 2]
    assert {record.action_id for record in tried} == {"r-1"}


def test_rows_without_a_request_id_are_told_apart_by_their_number() -> None:
    first, again, other = parsed(request_id=""), parsed(request_id=""), parsed(request_id="", id=8)
    assert first == again
    assert first.record_id != other.record_id
    assert first.request_id.startswith("row-")


def test_a_row_rewritten_number_does_not_double_a_row_that_has_a_request_id() -> None:
    assert parsed(id=1).record_id == parsed(id=2).record_id


@pytest.mark.parametrize("status", ["NOT_START", "SUBMITTED", "QUEUED", "IN_PROGRESS", "UNKNOWN", "", None, 5])
def test_a_task_is_taken_only_when_it_has_ended(status: object) -> None:
    with pytest.raises(BadLine, match=r"not ended|status is missing"):
        new_api.parse_line(json.dumps({"task_id": "task_1", "submit_time": ENDED, "status": status}).encode(), cleaner())


def test_a_result_link_in_the_reason_of_a_success_is_not_kept() -> None:
    line = {"task_id": "task_1", "submit_time": ENDED, "status": "SUCCESS", "fail_reason": "https://cdn.example/v.mp4?sig=PLANTED"}
    assert new_api.parse_line(json.dumps(line).encode(), cleaner()).error_message is None


LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
JSON = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3), max_leaves=6)
FIELDS = (*ROW, "other", "task_id", "submit_time", "mj_id", "status", "properties", "content")


@given(changes=st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5))
def test_a_row_with_odd_fields_becomes_a_record_or_a_reason(changes: dict[str, Any]) -> None:
    line = json.dumps(ROW | changes).encode()
    for adapter in (new_api.parse_line, one_api.parse_line):
        assert record_or_reason(adapter, line)


def record_or_reason(adapter: Any, line: bytes) -> str:
    """What an adapter makes of a line, as text; any other exception than BadLine fails the test."""
    try:
        return repr(adapter(line, cleaner()))
    except BadLine as problem:
        return problem.reason
