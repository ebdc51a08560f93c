"""The two causes a question tells apart."""

from __future__ import annotations

from app.core.diagnosis import CauseScore, diagnose
from app.core.evidence import Evidence
from app.core.redacted_text import seal
from app.core.separation import told_apart
from tests.cause_book import CAUSES


def scores(*causes: str) -> list[CauseScore]:
    return [CauseScore(cause, 0.5, 0.0, ()) for cause in causes]


def apart(field: str, *causes: str) -> tuple[str, ...] | None:
    found = told_apart(field, scores(*causes), CAUSES)
    return tuple(cause.id for cause in found) if found else None


def test_the_first_two_are_named_when_their_answers_differ() -> None:
    assert apart("elapsed_seconds", "timeout-upstream", "timeout-client", "stream-interrupted") == ("timeout-upstream", "timeout-client")


def test_causes_that_would_be_answered_alike_are_passed_over() -> None:
    assert apart("request_id", "rate-limit-rpm", "rate-limit-tpm", "upstream-saturated") == ("rate-limit-rpm", "upstream-saturated")


def test_a_question_that_tells_none_apart_names_none() -> None:
    assert apart("request_id", "rate-limit-rpm", "balance-insufficient") is None
    assert apart("no_such_field", "rate-limit-rpm", "timeout-client") is None
    assert apart("status_code", "unknown") is None


def test_unknown_is_never_one_of_the_two() -> None:
    assert apart("error_text", "unknown", "rate-limit-rpm", "key-invalid") == ("rate-limit-rpm", "key-invalid")


def test_what_the_desk_asks_first_tells_two_likely_causes_apart() -> None:
    diagnosis = diagnose(Evidence(error_text=seal("Error 429"), status_code=429), CAUSES)
    assert told_apart(diagnosis.ask[0], diagnosis.causes, CAUSES) is not None
