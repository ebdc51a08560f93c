"""Days as people count them: from midnight to midnight of a time zone, in the whole hours that roll-ups are kept in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReportDay:
    """One day: from `start` to before `end`, whole hours of UTC. Where a zone is off by minutes, the hour of its midnight is cut."""

    day: date
    start: datetime
    end: datetime


def report_days(first: date, last: date, zone: str) -> list[ReportDay]:
    """Every day from the first to the last, both included; the day the clocks change has 23 or 25 hours."""
    dates = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    midnights = [_whole_hour(datetime(each.year, each.month, each.day, tzinfo=ZoneInfo(zone))) for each in dates]
    return [ReportDay(*entry) for entry in zip(dates, midnights, midnights[1:], strict=False)]


def runs(days: Sequence[ReportDay]) -> Iterator[list[ReportDay]]:
    """Days that follow one another and have 24 hours each, together: one question to the roll-ups; any other day alone."""
    for is_usual, alike in groupby(days, key=lambda each: each.end - each.start == DAY):
        if is_usual:
            yield list(alike)
        else:
            yield from ([day] for day in alike)


def _whole_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
