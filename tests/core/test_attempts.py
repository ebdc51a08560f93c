"""The attempts of one action are told what came before them."""

from __future__ import annotations

from typing import Any

from app.core.attempts import RetryRules, join_attempts, likely_retries
from app.core.record import Outcome, RedactedRecord
from tests.log_records import START, a_record

FAILED = a_record("call", outcome=Outcome.ERROR, status_code=503, model_requested="big", error_message="overloaded", latency_ms=40)


def test_one_attempt_stays_as_it_is() -> None:
    assert join_attempts([FAILED]) == (FAILED,)
    assert join_attempts([]) == ()


def test_a_retry_is_no_fallback() -> None:
    again = a_record("call", started_at=START + 500, model_requested="big", model_served="big")
    first, second = join_attempts([again, FAILED])
    assert (first, second.attempt, second.fallback_from, second.fallback_reason) == (FAILED, 2, None, None)


def test_after_a_fallback_the_model_asked_for_is_the_first_ones() -> None:
    small = a_record("call", started_at=START + 500, model_requested="small", model_served="small")
    second = join_attempts([FAILED, small])[1]
    assert (second.model_requested, second.model_served, second.fallback_from, second.fallback_reason) == (
        "big",
        "small",
        "big",
        "overloaded",
    )


def test_a_stream_that_spans_its_failed_attempt_still_comes_after_it() -> None:
    spanning = a_record("call", started_at=START - 3, latency_ms=3000, model_requested="small", model_served="small")
    assert [record.status_code for record in join_attempts([spanning, FAILED])] == [503, 200]


def test_numbers_the_source_gave_are_kept() -> None:
    records = [a_record(f"r{n}", attempt=n, started_at=START - n, outcome=Outcome.ERROR) for n in (3, 1, 2)]
    assert [(record.request_id, record.attempt) for record in join_attempts(records)] == [("r1", 1), ("r2", 2), ("r3", 3)]


RULES = RetryRules(frozenset({429, 503}), 70, 4)


def a_try(name: str, seconds: float, **changes: Any) -> RedactedRecord:
    """A failure of one key, client and model."""
    fields = {
        "status_code": 429,
        "outcome": Outcome.ERROR,
        "key_fingerprint": "a" * 32,
        "client": "OpenAI/Python 1.109.1",
        "latency_ms": 500,
    }
    return a_record(name, started_at=START + int(seconds * 1000), **(fields | changes))


def retries(record: RedactedRecord, *others: RedactedRecord) -> list[str]:
    return [each.request_id for each in likely_retries(record, others, RULES)]


def test_tries_of_one_key_soon_after_a_failure_look_like_one_action():
    first, second, third = a_try("1", 0), a_try("2", 2), a_try("3", 40, status_code=200, outcome=Outcome.OK)
    assert retries(second, first, third) == ["1", "3"]
    assert retries(first, first, second, third) == ["2", "3"]


def test_what_follows_a_success_or_a_refusal_that_trying_cannot_mend_is_another_action():
    for before in ({"status_code": 200, "outcome": Outcome.OK}, {"status_code": 401}):
        assert retries(a_try("1", 0, **before), a_try("2", 2)) == []


def test_another_key_client_or_model_and_a_long_pause_are_another_action():
    strangers = [{"key_fingerprint": "b" * 32}, {"client": "curl/8.5.0"}, {"model_requested": "qwen-max"}]
    assert retries(a_try("1", 0), *(a_try(f"x{n}", 2, **change) for n, change in enumerate(strangers))) == []
    assert retries(a_try("1", 0), a_try("2", 90)) == []


def test_a_pause_is_counted_from_the_end_of_the_failed_try():
    assert retries(a_try("1", 0, latency_ms=60_000), a_try("2", 100)) == ["2"]


def test_requests_side_by_side_are_no_tries_of_each_other():
    assert retries(a_try("1", 0, latency_ms=30_000), a_try("2", 2)) == []


def test_keys_nobody_knows_are_not_one_key():
    assert retries(a_try("1", 0, key_fingerprint=None), a_try("2", 2, key_fingerprint=None)) == []


def test_a_loop_is_shown_in_part():
    tries = [a_try(f"{n:02}", n * 5) for n in range(20)]
    assert len(retries(tries[10], *tries)) == RULES.most - 1
