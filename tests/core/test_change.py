"""A change means something only when chance hardly brings it, and few cases say nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.change import Change, of_counts, of_rates, of_times, rate_chance


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (7, 0, Change.FEW),
        (8, 0, Change.MORE),  # 2 / 2^8 < 1 %
        (0, 8, Change.LESS),
        (8, 1, Change.CHANCE),  # 20 / 2^9 > 1 %
        (60, 60, Change.CHANCE),
        (1200, 1000, Change.MORE),
        (1020, 1000, Change.CHANCE),
    ],
)
def test_two_counts(now: int, before: int, said: Change) -> None:
    assert of_counts(now, before) is said


def test_fishers_exact_test_of_the_lady_tasting_tea() -> None:
    assert rate_chance(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_a_rate_of_many_cases_is_judged_by_the_normal_curve() -> None:
    # pooled 0.15, error sqrt(.15*.85*2/1000): z = 6.262
    assert rate_chance(200, 1000, 100, 1000) == pytest.approx(3.8e-10, rel=0.02)


def test_two_rates() -> None:
    assert of_rates(30, 1000, 60, 1000) is Change.LESS
    assert of_rates(2, 10, 1, 10) is Change.CHANCE
    assert of_rates(0, 0, 1, 10) is Change.FEW


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_rate_compared_with_itself_or_turned_round_says_the_same(n: int, m: int, data: st.DataObject) -> None:
    part, other = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    assert rate_chance(part, n, part, n) == pytest.approx(1)
    assert rate_chance(part, n, other, m) == pytest.approx(rate_chance(other, m, part, n), rel=1e-6)


def test_waiting_times() -> None:
    slow, quick = [60.0 + n for n in range(12)], [5.0 + n for n in range(12)]
    assert of_times(slow, quick) is Change.MORE
    assert of_times(quick, slow) is Change.LESS
    assert of_times(quick, quick) is Change.CHANCE
    assert of_times([1.0] * 9, [1.0] * 9) is Change.CHANCE
    assert of_times(slow[:7], quick) is Change.FEW


def test_nothing_changed_is_seldom_taken_for_a_change() -> None:
    chance = random.Random(3)
    told = [of_times([chance.expovariate(1) for _ in range(20)], [chance.expovariate(1) for _ in range(25)]) for _ in range(1000)]
    assert sum(change is not Change.CHANCE for change in told) <= 20
