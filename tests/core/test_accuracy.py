"""How often the desk was right: every figure beside what it is out of."""

from __future__ import annotations

import pytest

from app.core.accuracy import Confusion, Told, measure


def told(was: str, *said: tuple[str, float]) -> Told:
    return Told(said, was)


def test_right_first_and_among_the_first_three_are_counted_apart() -> None:
    figures = measure(
        [
            told("a", ("a", 0.9)),
            told("a", ("b", 0.5), ("c", 0.2), ("a", 0.1)),
            told("a", ("b", 0.5), ("c", 0.2), ("d", 0.1), ("a", 0.1)),
        ]
    )
    assert (figures.number, figures.right, figures.among_first) == (3, 1, 2)


def test_wrong_when_sure_counts_only_what_was_claimed() -> None:
    figures = measure([told("a", ("b", 0.95)), told("a", ("a", 0.85)), told("a", ("b", 0.4)), told("a", ("unknown", 0.9))])
    assert (figures.sure, figures.wrong_when_sure, figures.not_told) == (2, 1, 1)


def test_a_bin_holds_how_sure_and_how_often_right() -> None:
    figures = measure([told("a", ("a", 0.92)), told("a", ("b", 0.98)), told("a", ("a", 0.3))])
    low, high = figures.bins
    assert (low.low, low.number, low.right) == (0.2, 1, 1)
    assert (high.number, high.right, high.share) == (2, 1, 0.5)
    assert high.confidence == pytest.approx(0.95)


def test_full_certainty_falls_into_the_last_bin() -> None:
    assert [(part.high, part.number) for part in measure([told("a", ("a", 1.0))]).bins] == [(1.0, 1)]


def test_confusions_come_most_frequent_first() -> None:
    figures = measure([told("a", ("b", 0.5)), told("c", ("b", 0.5)), told("a", ("b", 0.6)), told("b", ("b", 0.6))])
    assert figures.confusions == (Confusion("b", "a", 2), Confusion("b", "c", 1))


def test_a_ticket_without_a_diagnosis_does_not_count() -> None:
    assert measure([Told((), "a")]).number == 0
