"""Budgets: what a window has cost against its marks. The desk watches and tells; blocking stays in the gateway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
DAYS_TO_PROJECT = 3  # a run-rate of fewer days says nothing
JUMP_TIMES, JUMP_SHARE = 3.0, 0.10  # a day is a jump at three times the usual day, and a tenth of the budget
JUMP_ABOVE = 1.5  # and that many times the second costliest: a Monday is no jump because a weekend went before
DAYS_FOR_JUMP = 5
DAYS_COMPARED = 14
FAMILY, KEY = "family", "key"  # what a budget may be of beside the dimensions of the roll-ups: a class of models, one key
MOST_NAMED = 3  # of those who spend most


class Window(StrEnum):
    """How long a budget lasts before it begins anew, by the calendar of its zone."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Mark(StrEnum):
    """What is told once a window."""

    HALF = "50"
    EIGHTY = "80"
    NINETY = "90"
    FULL = "100"
    HARD = "hard"  # the gateway's own limit: it refuses from here on
    PROJECTED = "projected"  # at this rate the window ends above the budget
    JUMP = "jump"  # one day cost far more than usual


SHARES = {Mark.HALF: 0.5, Mark.EIGHTY: 0.8, Mark.NINETY: 0.9, Mark.FULL: 1.0}


@dataclass(frozen=True, slots=True)
class Spending:
    """What is known at one moment. Amounts in micro-USD; days: cost of each day of the window so far, today last."""

    start: datetime
    end: datetime
    now: datetime
    days: Sequence[int]
    past_days: Sequence[int]  # before today, the newest last

    @property
    def spent(self) -> int:
        """So far in this window."""
        return sum(self.days)

    @property
    def projected(self) -> int | None:
        """At the window's end, if every day costs what the whole days so far cost on average; None while too few are whole."""
        whole = self.days[:-1]
        length = (self.end - self.start) / DAY
        return round(sum(whole) / len(whole) * length) if len(whole) >= DAYS_TO_PROJECT else None


@dataclass(frozen=True, slots=True)
class Spender:
    """Who or what has how much of an amount: `what` is model or key."""

    what: str
    value: str
    share: float


def spenders(costs: Iterable[tuple[str, str, int]]) -> list[Spender]:
    """The largest of each kind, from (what, value, cost): whom to ask first."""
    sums: dict[str, dict[str, int]] = {}
    for what, value, cost in costs:
        of_kind = sums.setdefault(what, {})
        of_kind[value] = of_kind.get(value, 0) + cost
    return [spender for what, values in sums.items() for spender in _largest(what, values)]


def window_of(window: Window, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Begin and end of the window `now` lies in, by the zone's calendar."""
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    if window is Window.DAY:
        return midnight, midnight + DAY
    if window is Window.WEEK:
        monday = midnight - timedelta(days=midnight.weekday())
        return monday, monday + timedelta(days=7)
    first = midnight.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def marks_reached(spending: Spending, soft: int, hard: int | None) -> list[Mark]:
    """Every mark the spending has reached, in the order of Mark."""
    reached = [mark for mark, share in SHARES.items() if spending.spent >= share * soft]
    if hard is not None and spending.spent >= hard:
        reached.append(Mark.HARD)
    if spending.projected is not None and spending.projected > soft and Mark.FULL not in reached:
        reached.append(Mark.PROJECTED)
    if _is_jump(spending, soft):
        reached.append(Mark.JUMP)
    return reached


def is_zone(name: str) -> bool:
    """Whether a time zone of that name exists."""
    return name in available_timezones()


def _largest(what: str, values: dict[str, int]) -> list[Spender]:
    whole = sum(cost for cost in values.values() if cost > 0)
    ranked = sorted((value for value in values if value and values[value] > 0), key=lambda value: (-values[value], value))
    return [Spender(what, value, values[value] / whole) for value in ranked[:MOST_NAMED]]


def _is_jump(spending: Spending, soft: int) -> bool:
    """Whether today cost far more than a usual day of the last weeks."""
    past = [cost for cost in spending.past_days[-DAYS_COMPARED:] if cost > 0]
    today = spending.days[-1] if spending.days else 0
    if len(past) < DAYS_FOR_JUMP or today < JUMP_SHARE * soft:
        return False
    return today >= JUMP_TIMES * median(past) and today >= JUMP_ABOVE * sorted(past)[-2]
