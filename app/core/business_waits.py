"""Business time between two moments, quick for very many pairs: the calendar is unrolled once, each answer is two look-ups."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from app.core.business_calendar import Calendar


class BusinessWaits:
    """The business hours of several queues from `start` to `end`; what lies outside does not count."""

    def __init__(self, calendar_of: Mapping[str, Calendar], start: datetime, end: datetime) -> None:
        unrolled = {calendar.id: _Unrolled(calendar, start, end) for calendar in calendar_of.values()}
        self._of = {queue: unrolled[calendar.id] for queue, calendar in calendar_of.items()}
        self._usual = next(iter(self._of.values()))

    def between(self, queue: str, start: datetime, end: datetime) -> timedelta:
        """How much business time of the queue lies between; nothing when end is not later."""
        passed = self._of.get(queue, self._usual)
        return max(timedelta(0), passed.until(end) - passed.until(start))


class _Unrolled:
    """Opening times in order, with the business time that had passed at each."""

    def __init__(self, calendar: Calendar, start: datetime, end: datetime) -> None:
        self._spans = calendar.spans(start, end)
        self._starts = [opening for opening, _closing in self._spans]
        self._passed = [timedelta(0)]
        for opening, closing in self._spans:
            self._passed.append(self._passed[-1] + (closing - opening))

    def until(self, moment: datetime) -> timedelta:
        """The business time before a moment."""
        place = bisect_right(self._starts, moment) - 1
        if place < 0:
            return timedelta(0)
        opening, closing = self._spans[place]
        return self._passed[place] + min(moment, closing) - opening


def calendars_digest(calendar_of: Mapping[str, Calendar]) -> str:
    """What tells these business hours from others: waits counted with one of them are not those of another."""
    told = [
        (queue, calendar.zone, sorted(calendar.hours.items()), sorted(calendar.holidays), sorted(calendar.workdays))
        for queue, calendar in calendar_of.items()
    ]
    return sha256(repr(told).encode()).hexdigest()[:16]
