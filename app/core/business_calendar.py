"""Business hours: which moments count, in a zone with holidays; and how far they carry a number of minutes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FURTHEST = 400  # days looked ahead: a calendar without hours ends there


@dataclass(frozen=True, slots=True)
class Calendar:
    """Hours per weekday, with days off and weekend days that are worked (by Monday's hours)."""

    id: str
    zone: str
    hours: Mapping[int, tuple[tuple[time, time | None], ...]]  # None: until midnight
    holidays: frozenset[date]
    workdays: frozenset[date]

    def is_open(self, moment: datetime) -> bool:
        """Whether the moment is within business hours."""
        return any(start <= moment < end for start, end in self._spans(moment, days=1))

    def opens(self, moment: datetime) -> datetime:
        """The moment itself within business hours, else the next one that is."""
        return next((max(start, moment) for start, end in self._spans(moment) if end > moment), moment)

    def after(self, start: datetime, length: timedelta) -> datetime:
        """When `length` of business time will have passed since `start`; ends within business hours."""
        left = length
        for opening, closing in self._spans(start):
            begins = max(opening, start)
            span = closing - begins
            if span <= timedelta(0):
                continue
            if left <= span:
                return begins + left
            left -= span
        return start + length

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much business time lies between; nothing when end is not later."""
        days = max(0, (end - start).days + 2)
        spans = (min(closing, end) - max(opening, start) for opening, closing in self._spans(start, days))
        return sum((span for span in spans if span > timedelta(0)), timedelta(0))

    def spans(self, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
        """Every span of business hours that begins on a day from `start` to `end`, in order."""
        return list(self._spans(start, max(0, (end - start).days + 2)))

    def _spans(self, moment: datetime, days: int = FURTHEST) -> Iterator[tuple[datetime, datetime]]:
        """Business spans from the moment's day on, in order, in the zone's own clock: a day of 23 hours has 23."""
        zone = ZoneInfo(self.zone)
        first = moment.astimezone(zone).date()
        for day in (first + timedelta(days=n) for n in range(days)):
            for start, end in self._hours_of(day):
                closing = datetime.combine(day, end, zone) if end else datetime.combine(day + timedelta(days=1), time(), zone)
                yield datetime.combine(day, start, zone).astimezone(moment.tzinfo), closing.astimezone(moment.tzinfo)

    def _hours_of(self, day: date) -> Sequence[tuple[time, time | None]]:
        if day in self.holidays:
            return ()
        return self.hours.get(day.weekday(), ()) or (self.hours.get(0, ()) if day in self.workdays else ())


def read_calendar(data: Mapping[str, Any]) -> Calendar:
    """A calendar of the rule file. Raises ValueError or KeyError on nonsense."""
    ZoneInfo(data["zone"])
    return Calendar(
        id=data["id"],
        zone=data["zone"],
        hours={DAYS.index(day): tuple(_span(text) for text in spans) for day, spans in data["hours"].items()},
        holidays=frozenset(date.fromisoformat(text) for text in data.get("holidays", ())),
        workdays=frozenset(date.fromisoformat(text) for text in data.get("workdays", ())),
    )


def _span(text: str) -> tuple[time, time | None]:
    start, _dash, end = text.partition("-")
    return time.fromisoformat(start), None if end == "24:00" else time.fromisoformat(end)
