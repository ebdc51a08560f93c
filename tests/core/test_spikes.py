"""Spikes stand out against their own past, and against nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.spikes import DAY, WEEK, Spike, baseline, began, episodes, find_cluster, find_slow_rise, find_spike, stands_without, tail

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


def test_what_comes_too_slowly_for_an_hour_stands_out_in_a_day() -> None:
    drip = dict.fromkeys(range(NOW - DAY + 1, NOW + 1), 3)
    assert all(find_spike(drip, hour, 0) is None for hour in drip)
    spike = find_slow_rise([4, 6, 5, 4, 7, 5, 72], NOW)
    assert spike is not None
    assert (spike.count, spike.usual, spike.hours, spike.baseline) == (72, 5, DAY, "days")


@pytest.mark.parametrize("days", [[72], [5, 72], [5, 5, 9], [40, 30, 50, 45, 72]])
def test_a_day_without_a_past_or_hardly_above_it_is_none(days: list[int]) -> None:
    assert find_slow_rise(days, NOW) is None


def test_a_monday_after_a_weekend_is_no_rise_when_the_traffic_rose_as_much() -> None:
    assert find_slow_rise([5, 4, 30], NOW) is not None
    assert find_slow_rise([5, 4, 30], NOW, traffic=[200, 180, 1200]) is None
    assert find_slow_rise([5, 4, 30], NOW, traffic=[900, 800, 1000]) is not None


@given(st.lists(st.integers(0, 400), min_size=1, max_size=15), st.integers(1, 5000))
def test_a_day_that_stands_out_is_at_least_twice_the_usual(days: list[int], watched: int) -> None:
    spike = find_slow_rise(days, NOW, watched)
    assert spike is None or (spike.count >= 10 and spike.count >= 2 * spike.usual)


def test_a_few_of_a_rare_thing_within_hours_are_a_cluster() -> None:
    rare = {NOW - 40: 1, NOW - 200: 1}
    found = find_cluster(rare | {NOW: 2, NOW - 1: 2}, NOW, NOW - 10 * DAY, 3)
    assert found is not None
    assert (found.count, found.hours, found.since) == (4, 3, NOW - 1)
    assert find_cluster(rare | {NOW: 2}, NOW, NOW - 10 * DAY, 3) is None
    assert find_cluster({NOW: 4}, NOW, NOW - DAY, 3) is None  # nobody knows yet what is usual
    often = dict.fromkeys(range(NOW - 10 * DAY, NOW), 1)
    assert find_cluster(often | {NOW: 2, NOW - 1: 2}, NOW, NOW - 10 * DAY, 3) is None


def test_a_spike_that_is_mostly_one_keys_does_not_stand_without_it() -> None:
    spike = Spike(NOW, 100, 2.0, 40.0, 1e-9, "week")
    assert stands_without(spike, 60)
    assert not stands_without(spike, 97)
    assert not stands_without(spike, 100)


def test_a_rise_began_with_the_first_hour_that_had_its_part() -> None:
    assert began({NOW: 10, NOW - 3: 10, NOW - 20: 0}, NOW, DAY) == NOW - 3
    assert began({}, NOW, DAY) == NOW
