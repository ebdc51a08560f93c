"""Ratings: a share with honest bounds, nothing from a handful, and two weeks to think again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.satisfaction import RATEABLE, Ratings, bounds, may_rate, response_rate, satisfaction
from app.core.ticket import State
from tests.conftest import NOW


def test_the_bounds_hold_the_share_and_narrow_with_more_answers() -> None:
    assert bounds(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    few, many = bounds(8, 10), bounds(800, 1000)
    assert few[0] < many[0] < 0.8 < many[1] < few[1]
    assert bounds(5, 5)[1] == 1.0


def test_fewer_than_five_answers_say_nothing() -> None:
    hidden = satisfaction(Ratings(finished=40, answered=4, good=4))
    assert (hidden.value, hidden.low, hidden.high, hidden.n) == (None, None, None, 4)
    told = satisfaction(Ratings(finished=40, answered=5, good=4))
    assert told.value == 0.8
    assert told.low is not None
    assert response_rate(Ratings(finished=40, answered=5, good=4)).value == 0.125


@pytest.mark.parametrize("state", list(State))
def test_only_what_is_done_is_rated(state: State) -> None:
    assert may_rate(state, None, NOW) == (state in RATEABLE)


def test_an_answer_can_be_changed_for_two_weeks() -> None:
    assert may_rate(State.SOLVED, NOW - timedelta(days=14), NOW)
    assert not may_rate(State.SOLVED, NOW - timedelta(days=14, seconds=1), NOW)
