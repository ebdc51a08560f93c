"""Spikes stand out against their own past, and against nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spikes import DAY, WEEK, baseline, episodes, find_spike, tail

NOW = 6 * WEEK + 40


def steady(count: int, hours: int = NOW) -> dict[int, int]:
    return dict.fromkeys(range(hours), count)


def test_an_outage_after_quiet_weeks_is_a_spike() -> None:
    spike = find_spike(steady(1) | {NOW: 30}, NOW, 0)
    assert spike is not None
    assert (spike.count, spike.usual, spike.baseline) == (30, 1, "week")


@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_few_failures_are_never_a_spike(count: int) -> None:
    assert find_spike({NOW: count}, NOW, 0) is None


def test_what_happens_every_monday_morning_is_usual() -> None:
    mondays = {NOW - WEEK * back: 60 for back in range(7)} | {NOW - WEEK * back - 1: 60 for back in range(7)}
    mondays |= {NOW - WEEK * back + 1: 60 for back in range(1, 7)}
    assert find_spike(mondays, NOW, 0) is None


def test_one_bad_week_in_the_past_does_not_hide_a_spike() -> None:
    past = steady(2) | dict.fromkeys(range(NOW - WEEK - 1, NOW - WEEK + 2), 500)
    assert find_spike(past | {NOW: 40}, NOW, 0) is not None


def test_a_young_log_is_compared_with_days_then_with_hours() -> None:
    assert baseline({}, NOW, NOW - 5 * DAY).kind == "day"
    young = baseline({}, NOW, NOW - 20)
    assert (young.kind, len(young.counts)) == ("recent", 20)


def test_without_any_past_nothing_can_stand_out() -> None:
    assert find_spike({NOW: 500}, NOW, NOW) is None


def test_watching_more_series_asks_for_more() -> None:
    counts = steady(10) | {NOW: 26}
    assert find_spike(counts, NOW, 0, series_watched=1) is not None
    assert find_spike(counts, NOW, 0, series_watched=100_000) is None


def test_a_past_that_varied_widely_asks_for_more() -> None:
    wild = {hour: (0, 5, 40)[hour % 3] for hour in range(NOW)}
    assert find_spike(wild | {NOW: 45}, NOW, 0) is None
    assert find_spike(steady(5) | {NOW: 45}, NOW, 0) is not None


@given(st.integers(0, 60), st.floats(0.5, 40), st.floats(0.1, 60))
def test_more_is_never_likelier(count: int, rate: float, spread: float) -> None:
    assert 0 <= tail(count + 1, rate, spread) <= tail(count, rate, spread) <= 1


def test_small_counts_agree_with_the_poisson_table() -> None:
    for rate, count in ((0.5, 5), (1, 6), (2, 9), (5, 14), (10, 22), (20, 36)):
        assert tail(count, rate, rate**0.5) < 0.001 <= tail(count - 1, rate, rate**0.5)


def test_spikes_with_little_quiet_between_are_one_episode() -> None:
    counts = steady(0) | {NOW: 50, NOW + 1: 50, NOW + 3: 50, NOW + 9: 50}
    found = [spike for hour in range(NOW, NOW + 10) if (spike := find_spike(counts, hour, 0))]
    assert [[spike.hour - NOW for spike in episode] for episode in episodes(found)] == [[0, 1, 3], [9]]
