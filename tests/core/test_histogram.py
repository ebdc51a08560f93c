"""Percentiles from histograms are near the exact ones, and sums of histograms are histograms of sums."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.histogram import BUCKETS, Histogram, bucket_of

DURATIONS = st.integers(0, 2**31 - 1)


def histogram(durations: list[int]) -> Histogram:
    counts = [0] * BUCKETS
    for duration in durations:
        counts[bucket_of(duration)] += 1
    return Histogram.of_counts(counts)


@given(st.lists(DURATIONS, max_size=40), st.lists(DURATIONS, max_size=40))
def test_two_histograms_add_up(one: list[int], two: list[int]) -> None:
    together = histogram(one) + histogram(two)
    assert together == histogram([*one, *two])
    assert together.total == len(one) + len(two)


@given(st.lists(st.integers(0, 10**12), max_size=BUCKETS), st.lists(st.integers(0, 10**12), max_size=BUCKETS))
def test_two_can_take_turns_in_one_number(one: list[int], two: list[int]) -> None:
    mixed = [0] * (2 * BUCKETS)
    mixed[0 : 2 * len(one) : 2] = one
    mixed[1 : 2 * len(two) : 2] = two
    packed = Histogram.of_counts(mixed).packed
    assert Histogram(packed, 2, 0) == Histogram.of_counts(one)
    assert Histogram(packed, 2, 1) == Histogram.of_counts(two)


@pytest.mark.parametrize("share", [0.5, 0.95])
@pytest.mark.parametrize(("mean", "spread"), [(6.0, 0.8), (7.2, 1.2), (8.0, 0.5)])
def test_percentiles_of_lifelike_durations_are_within_four_percent(share: float, mean: float, spread: float) -> None:
    chance = random.Random(5)
    durations = sorted(int(chance.lognormvariate(mean, spread)) for _ in range(20_000))
    exact = durations[int(share * len(durations))]
    assert histogram(durations).quantile(share) == pytest.approx(exact, rel=0.04)


def test_a_percentile_of_nothing_is_none_and_of_something_lies_in_its_bucket() -> None:
    assert Histogram().quantile(0.5) is None
    assert 700 < (histogram([1000]).quantile(0.5) or 0) < 1449


def test_buckets_grow_with_the_duration() -> None:
    buckets = [bucket_of(duration) for duration in (0, 1, 2, 3, 4, 1000, 2**31 - 1, 2**60)]
    assert all(low <= high for low, high in pairwise(buckets))
    assert buckets[-1] == BUCKETS - 1
