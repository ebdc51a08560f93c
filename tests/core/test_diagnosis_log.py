"""What the gateway's log says moves the diagnosis."""

from __future__ import annotations

from app.core.diagnosis import Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, LogContext, Match, Neighbours, Ranking
from app.core.record import Origin, Outcome, RedactedRecord
from tests.cause_book import CAUSES
from tests.redactor import REDACTOR

STARTED = 1_763_600_000_000


def record(**changes: object) -> RedactedRecord:
    facts: dict[str, object] = {
        "record_id": "0" * 32,
        "request_id": "r1",
        "action_id": "a1",
        "source": "litellm",
        "started_at": STARTED,
        "outcome": Outcome.ERROR,
        "status_code": 429,
        "model_requested": "gpt-4o",
    }
    message = changes.pop("message", None)
    return RedactedRecord(**(facts | changes), error_message=REDACTOR.clean(str(message)) if message else None)  # type: ignore[arg-type]


def matched(row: RedactedRecord, probability: float = 0.95, **more: object) -> LogContext:
    ranking = Ranking((Match(row, probability, 9.0, ()),), 1.0 - probability, 1)
    return LogContext(ranking=ranking, log_has_records=True, **more)  # type: ignore[arg-type]


def told(text: str, context: LogContext, **facts: object) -> Diagnosis:
    return diagnose(Evidence(error_text=REDACTOR.clean(text), **facts), CAUSES, context)  # type: ignore[arg-type]


def confidence(diagnosis: Diagnosis, cause: str) -> float:
    return next((score.confidence for score in diagnosis.causes if score.cause == cause), 0.0)


def test_a_budget_error_in_the_log_beats_a_429_in_the_ticket() -> None:
    row = record(error_code="budget_exceeded", message="Budget has been exceeded! Team=t Current cost: 2, Max budget: 1")
    assert told("429 Too Many Requests", LogContext(), status_code=429).top.cause == "rate-limit-rpm"
    assert told("429 Too Many Requests", matched(row), status_code=429).top.cause == "team-budget-exceeded"


def test_a_reason_from_the_log_says_that_it_is_from_the_log() -> None:
    row = record(error_code="insufficient_user_quota", message="用户额度不足", status_code=403)
    top = told("403", matched(row), status_code=403).top
    assert top.cause == "balance-insufficient"
    assert any(signal.sentence["en"].startswith("In the log:") and signal.sentence["zh"].startswith("日志中：") for signal in top.signals)


def test_a_doubtful_match_weighs_less_and_an_unlikely_one_nothing() -> None:
    row = record(error_code="insufficient_user_quota", message="用户额度不足", status_code=403)
    sure, doubtful, unlikely = (
        confidence(told("403", matched(row, p), status_code=403), "balance-insufficient") for p in (0.95, 0.55, 0.2)
    )
    assert sure > doubtful > unlikely


def test_a_key_with_recent_successes_is_not_an_invalid_key() -> None:
    active = LogContext(key=KeyActivity(total=20, ok=18, by_status={200: 18}, last_ok_at=STARTED))
    text = "Incorrect API key provided"
    assert confidence(told(text, active, status_code=401), "key-invalid") < confidence(
        told(text, LogContext(), status_code=401), "key-invalid"
    )


def test_several_keys_failing_alike_point_to_the_gateway_or_the_vendor() -> None:
    crowd = LogContext(neighbours=Neighbours(window_minutes=30, failures=40, distinct_keys=6, requests=60))
    assert told("无效的令牌", crowd, status_code=401).top.cause == "upstream-credential-failure"
    assert confidence(told("500", crowd, status_code=500), "provider-outage-5xx") > confidence(
        told("500", LogContext(), status_code=500), "provider-outage-5xx"
    )


def test_no_line_in_a_log_that_covers_the_time_raises_causes_before_the_gateway() -> None:
    silent = LogContext(ranking=Ranking((), 1.0, 0), log_has_records=True)
    text = "request failed, no details"
    before, after = told(text, LogContext()), told(text, silent)
    assert confidence(after, "network-tls-proxy-dns") > confidence(before, "network-tls-proxy-dns")


def test_a_log_that_does_not_cover_the_time_says_nothing() -> None:
    empty = LogContext(ranking=Ranking((), 1.0, 0), log_has_records=False)
    assert told("Connection error.", empty).top.score == told("Connection error.", LogContext()).top.score


def test_a_success_in_the_log_behind_a_504_means_that_the_client_or_a_hop_gave_up() -> None:
    row = record(outcome=Outcome.OK, status_code=200, completion_tokens=900, latency_ms=95_000)
    assert told("timed out", matched(row), status_code=504).top.cause in {"timeout-client", "timeout-upstream"}
    assert confidence(told("timed out", matched(row), status_code=504), "timeout-client") > confidence(
        told("timed out", LogContext(), status_code=504), "timeout-client"
    )


def test_a_cancelled_row_means_that_the_client_went_away() -> None:
    assert told("stopped", matched(record(outcome=Outcome.CANCELLED, status_code=499))).top.cause == "timeout-client"


def test_a_partial_row_is_a_cut_stream() -> None:
    assert (
        told("没了", matched(record(outcome=Outcome.PARTIAL, status_code=200, stream=True, stream_end="upstream"))).top.cause
        == "stream-interrupted"
    )


def test_a_success_without_output_is_an_empty_answer() -> None:
    assert (
        told("什么都没有", matched(record(outcome=Outcome.OK, status_code=200, completion_tokens=0))).top.cause
        == "empty-or-truncated-output"
    )


def test_a_spent_key_and_a_spent_account_are_told_apart() -> None:
    key = record(quota_micros=0, balance_micros=5_000_000, status_code=403)
    account = record(quota_micros=0, balance_micros=0, status_code=403)
    assert told("额度不足", matched(key), status_code=403).top.signals
    assert confidence(told("额度", matched(key), status_code=403), "key-quota-exhausted") > confidence(
        told("额度", matched(account), status_code=403), "key-quota-exhausted"
    )


def test_the_vendors_refusal_of_the_gateways_key_is_not_the_users_key() -> None:
    row = record(status_code=401, origin=Origin.PROVIDER, message="Incorrect API key provided", provider="openai")
    active = KeyActivity(total=9, ok=8, by_status={200: 8}, last_ok_at=STARTED)
    assert told("401 Unauthorized", matched(row, key=active), status_code=401).top.cause == "upstream-credential-failure"


def test_the_same_costly_job_again_within_minutes_is_a_duplicate() -> None:
    first = record(outcome=Outcome.OK, status_code=200, request_type="video", model_requested="veo3", action_id="a1")
    again = record(
        outcome=Outcome.OK,
        status_code=200,
        request_type="video",
        model_requested="veo3",
        action_id="a2",
        record_id="1" * 32,
        started_at=STARTED + 61_000,
    )
    activity = KeyActivity(total=2, ok=2, by_status={200: 2}, last_ok_at=STARTED, recent=(again, first))
    diagnosis = told("扣了两次", matched(first, key=activity))
    assert diagnosis.top.cause == "duplicate-submission"
    assert any(signal.id == "duplicate-submission.log-repeats" for signal in diagnosis.top.signals)


def test_the_score_is_still_the_sum_of_its_signals_with_a_log() -> None:
    row = record(error_code="rate_limit_exceeded", message="Rate limit reached for requests per min")
    for score in told("429", matched(row), status_code=429).causes:
        assert abs(score.score - sum(signal.weight for signal in score.signals)) < 1e-9
