"""The parts of the matcher: error texts and times."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.evidence import Evidence
from app.core.matching.error_text import fragments, quoted_ids, read, same_details, similarity
from app.core.matching.time_fit import half_window, stated_time
from tests.conftest import NOW
from tests.log_records import START
from tests.matching import LIMIT, WEIGHTS

NO_CHANNEL = "当前分组 default 下对于模型 gpt-4o 无可用渠道 (request id: 2fc13fb4fea7600a41f2654bd7966fb5)"


@pytest.mark.parametrize(
    ("said", "logged", "level"),
    [
        (LIMIT, LIMIT, "verbatim"),
        (f'{{"error":{{"message":"{LIMIT}","type":"requests"}}}}', LIMIT, "verbatim"),
        ("litellm.exceptions: Rate limit reached for gpt-4o in orga", LIMIT, "verbatim"),
        ("API Error: 503 当前分组 default 下对于模型 gpt-4o 无可用", NO_CHANNEL, "verbatim"),
        (NO_CHANNEL.replace("2fc13fb4fea7600a41f2654bd7966fb5", ""), NO_CHANNEL, "verbatim"),
        (NO_CHANNEL[:-20], NO_CHANNEL, "verbatim"),
        ("Rate limit reached for gpt-4o-mini in organization on requests per min (RPM): Limit 500", LIMIT, "close"),
        ("Insufficient Balance", LIMIT, "other"),
        ("", LIMIT, "other"),
    ],
)
def test_how_alike_two_error_texts_are(said, logged, level):
    assert similarity(read(said), read(logged)) == level


def test_figures_and_key_endings_are_compared_apart_from_the_words():
    budget = "Budget has been exceeded! Current cost: {}, Max budget: 5.0000"
    assert same_details(read(budget.format("1.2345")), read(budget.format("1.2345"))) == "same"
    assert same_details(read("cost: 1.2345"), read("cost: 9.8765")) == "other"
    assert same_details(read(budget.format("9.8765")), read(budget.format("1.2345"))) == "some"
    assert same_details(read("no figures"), read(budget.format("1.2345"))) is None
    assert same_details(read("Budget has been exceeded! Current cost: 1.23"), read(budget.format("1.2345"))) == "same"
    assert same_details(read("Incorrect API key provided: sk-***9f3c."), read("Incorrect API key provided: sk-…9f3c")) == "same"


def test_ids_of_every_make_are_found_in_a_text():
    ids = {
        "2fc13fb4fea7600a41f2654bd7966fb5",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
        "20261120083000123456789",
        "req_011CSHoEeqs5C35K2UUqR7Fy",
    }
    assert quoted_ids(" and ".join(sorted(ids))) == ids
    assert quoted_ids("gpt-4o claude-sonnet-4-5-20250929 429 Limit 500") == frozenset()


def test_fragments_are_the_longest_words():
    assert fragments("The engine is currently overloaded") == ("overloaded", "currently", "engine")
    assert "当前分组" in fragments(NO_CHANNEL)
    assert fragments("429") == ()


def fit(minutes: float, *, stated: float = 0, tolerance: int = 15, second: int = 7, latency_ms: int = 0):
    time = (NOW + timedelta(minutes=stated)).replace(second=second)
    evidence = Evidence(request_time=time, tolerance_minutes=tolerance)
    made = stated_time(evidence, WEIGHTS.time)
    assert made is not None
    return made.fit(START + int(minutes * 60_000), latency_ms)


def test_nearer_weighs_more_and_every_gap_can_be_weighed():
    bits = [fit(minutes).bits for minutes in (0, 10, 20, 29, 5 * 1440)]
    assert bits == sorted(bits, reverse=True)
    assert bits[0] > bits[1] > bits[-1]


def test_each_gap_is_named_for_what_it_is():
    assert [fit(minutes).level for minutes in (3, 20, 5 * 1440)] == ["near", "outside", "far"]
    shifted = fit(-8 * 60 + 2)
    assert (shifted.level, shifted.hours) == ("zone", -8)


def test_eight_hours_are_a_likelier_slip_than_three():
    assert fit(8 * 60).bits > fit(3 * 60).bits + 2


def test_a_time_on_the_full_ten_minutes_was_likely_rounded_down():
    after, before = (fit(minutes, second=0, tolerance=20).bits for minutes in (7, -7))
    assert after > before


def test_a_tolerant_report_says_little_about_the_minute():
    strict = fit(0, tolerance=5).bits - fit(4, tolerance=5).bits
    vague = fit(60, tolerance=120).bits - fit(100, tolerance=120).bits
    assert strict > vague


def test_the_window_grows_with_the_tolerance_and_on_request():
    assert half_window(Evidence(tolerance_minutes=5)) == 15
    assert half_window(Evidence(tolerance_minutes=60)) == 90
    assert half_window(Evidence(tolerance_minutes=60), widen=3) == 270


def test_without_a_time_there_is_nothing_to_fit():
    assert stated_time(Evidence(), WEIGHTS.time) is None


def test_a_time_given_to_the_second_may_have_been_copied_from_a_log():
    copied, said = (fit(second / 60, second=second, tolerance=60).bits for second in (7, 0))
    assert copied > said + 2
    assert fit(-8 * 60 + 7 / 60, second=7, tolerance=60).level == "zone"


def test_a_time_of_another_zone_was_copied_if_it_has_seconds():
    to_the_second, near_it = (fit(8 * 60 + seconds / 60, second=7).bits for seconds in (7, 67))
    assert to_the_second > near_it + 3


def test_who_copies_a_time_needs_no_wide_tolerance():
    exact, vague = (fit(7 / 60, tolerance=minutes).bits - fit(2, tolerance=minutes).bits for minutes in (5, 120))
    assert exact > vague


def test_of_a_long_request_the_end_may_be_told():
    assert fit(-10, tolerance=2, latency_ms=600_000).bits > fit(-10, tolerance=2).bits + 3


def test_a_time_is_not_read_as_rounded_more_coarsely_than_its_tolerance():
    within, beyond = (fit(minutes, second=0, tolerance=5).bits for minutes in (4, 20))
    assert within > beyond + 3
