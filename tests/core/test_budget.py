"""Budgets tell what was reached, by the calendar of their zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core.budget import Mark, Spending, Window, is_zone, marks_reached, window_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
USD = 1_000_000


def spent(*days: int, past: tuple[int, ...] = (), length: int = 30) -> Spending:
    start = NOON.replace(hour=0) - timedelta(days=len(days) - 1)
    return Spending(start, start + timedelta(days=length), NOON, [day * USD for day in days], [day * USD for day in past])


@pytest.mark.parametrize(
    ("today", "marks"),
    [
        (49, []),
        (50, ["50"]),
        (80, ["50", "80"]),
        (95, ["50", "80", "90"]),
        (100, ["50", "80", "90", "100"]),
        (130, ["50", "80", "90", "100", "hard"]),
    ],
)
def test_every_mark_that_was_reached_is_told(today: int, marks: list[str]) -> None:
    assert marks_reached(spent(today), 100 * USD, 120 * USD) == marks


def test_a_run_rate_needs_three_whole_days() -> None:
    assert spent(5, 5, 1).projected is None
    assert spent(5, 5, 5, 1).projected == 150 * USD
    assert Mark.PROJECTED in marks_reached(spent(5, 5, 5, 1), 100 * USD, None)
    assert Mark.PROJECTED not in marks_reached(spent(3, 3, 3, 1), 100 * USD, None)


def test_a_day_far_above_the_usual_is_a_jump() -> None:
    usual = (4, 5, 4, 0, 5, 4)
    assert Mark.JUMP in marks_reached(spent(1, 15, past=usual), 100 * USD, None)
    assert Mark.JUMP not in marks_reached(spent(1, 9, past=usual), 100 * USD, None)
    assert Mark.JUMP not in marks_reached(spent(1, 15, past=usual), 1000 * USD, None)
    assert Mark.JUMP not in marks_reached(spent(1, 15, past=(4, 5)), 100 * USD, None)


def test_windows_follow_the_calendar_of_their_zone() -> None:
    late = datetime(2026, 11, 30, 20, tzinfo=UTC)  # already December in Shanghai
    start, end = window_of(Window.MONTH, late, "Asia/Shanghai")
    assert (start.astimezone(UTC), end.astimezone(UTC)) == (datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC))
    start, end = window_of(Window.WEEK, NOON, "UTC")
    assert (start.isoformat(), end.isoformat()) == ("2026-11-16T00:00:00+00:00", "2026-11-23T00:00:00+00:00")
    assert window_of(Window.DAY, NOON, "UTC")[0] == NOON.replace(hour=0)


def test_a_month_in_a_zone_with_summer_time_begins_and_ends_at_midnight() -> None:
    start, end = window_of(Window.MONTH, datetime(2026, 10, 20, tzinfo=UTC), "Europe/Berlin")
    assert (start.hour, end.hour) == (0, 0)
    assert end - start == timedelta(days=31)  # by the clock on the wall


@pytest.mark.parametrize(("name", "known"), [("UTC", True), ("Asia/Shanghai", True), ("../etc/passwd", False), ("", False)])
def test_zones_are_checked(name: str, known: bool) -> None:
    assert is_zone(name) is known
