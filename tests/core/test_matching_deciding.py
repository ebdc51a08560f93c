"""When more records are alike than can be compared, the report is asked for what tells one from all others; a full hour says more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.key_ref import KeyRef
from app.core.matching import fields_that_decide, rank
from app.core.matching.time_fit import stated_time
from tests.conftest import NOW
from tests.log_records import START
from tests.matching import CLIENTS, MODELS, WEIGHTS, a_failure, a_report


def crowd(*, capped: bool):
    """Twenty failures that nothing tells apart."""
    alike = [a_failure(f"r{n}", minutes=n / 10, key_fingerprint=f"{n:032x}", key_last4="zzzz") for n in range(20)]
    return rank(a_report(), alike, WEIGHTS, CLIENTS, MODELS, capped=capped)


def test_a_search_that_was_cut_off_asks_for_the_key_and_the_request_id() -> None:
    assert fields_that_decide(a_report(), crowd(capped=True)) == ("key", "request_id")
    assert fields_that_decide(a_report(), crowd(capped=False)) == ()


@pytest.mark.parametrize(
    ("report", "asked"),
    [
        (a_report(key=KeyRef("sk-", "9f3c")), ("request_id",)),
        (a_report(request_id="call-1"), ("key",)),
        (replace(a_report(), unknown=frozenset({"key"})), ("request_id",)),
    ],
)
def test_what_is_told_or_not_known_is_not_asked(report, asked) -> None:
    assert fields_that_decide(report, crowd(capped=True)) == asked


def test_a_clear_match_asks_nothing_even_when_the_search_was_cut_off() -> None:
    report = a_report(request_id="call-1")
    clear = rank(report, [a_failure("call-1"), *(a_failure(f"r{n}") for n in range(9))], WEIGHTS, CLIENTS, MODELS, capped=True)
    assert clear.matches[0].probability > 0.9
    assert fields_that_decide(a_report(), clear) == ()


def test_about_half_past_lies_on_either_side_and_was_not_rounded_to_five_minutes() -> None:
    at = NOW.replace(minute=30, second=0, microsecond=0)
    stated = stated_time(replace(a_report(), request_time=at, tolerance_minutes=60), WEIGHTS.time)
    assert stated is not None
    base = START - int((NOW - at).total_seconds() * 1000)
    before, soon, after = (stated.fit(base + minutes * 60_000).bits for minutes in (-20, 4, 20))
    assert before == pytest.approx(after, abs=0.1)
    assert soon == pytest.approx(after, abs=0.5)
