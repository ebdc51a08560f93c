"""The attempts of one action are told what came before them."""

from __future__ import annotations

from app.core.attempts import join_attempts
from app.core.record import Outcome
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
