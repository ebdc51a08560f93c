"""When timed work is due: the last time before a moment, the next one after it, and whether it was missed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
FURTHEST = 8 * 24 * 60  # minutes looked at: no job is rarer than once a week
GRACE = timedelta(minutes=10)  # how late a job may begin before it counts as overdue
When = Callable[[datetime], bool]


@dataclass(frozen=True, slots=True)
class JobEntry:
    """A job's name and its times (UTC, whole minutes)."""

    name: str
    when: When


@dataclass(frozen=True, slots=True)
class JobBoard:
    """Every job; how to have one run soon (False: it waits already); which wait in the queue; and how to run one here (None: it failed)."""

    entries: tuple[JobEntry, ...]
    ask: Callable[[str], bool]
    waiting: Callable[[], list[str]]
    run: Callable[[str], int | None]


@dataclass(frozen=True, slots=True)
class JobTimes:
    """A job's last due time, the last one whose grace is over, its next one, and how far apart they are at this time of the week."""

    last: datetime | None
    settled: datetime | None
    next: datetime | None
    every: timedelta | None


def job_times(when: When, now: datetime) -> JobTimes:
    """Found by trying minute after minute: what tells the times is a function."""
    minute = now.replace(second=0, microsecond=0)
    last, following = _first(when, minute, -MINUTE), _first(when, minute + MINUTE, MINUTE)
    settled = _first(when, minute - GRACE, -MINUTE)
    after = _first(when, following + MINUTE, MINUTE) if following else None
    return JobTimes(last, settled, following, after - following if following and after else None)


def is_overdue(times: JobTimes, began: datetime | None) -> bool:
    """Whether a due time and its grace passed without a run. A job that never ran may be new: nobody can say that it is late."""
    return began is not None and times.settled is not None and began < times.settled


def _first(when: When, start: datetime, step: timedelta) -> datetime | None:
    return next((moment for n in range(FURTHEST) if when(moment := start + n * step)), None)
