"""Weeks as reviews count them: ISO weeks of UTC, from Monday to Monday."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAYS = timedelta(days=7)
FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """One ISO week."""

    monday: date

    def __str__(self) -> str:
        year, week, _day = self.monday.isocalendar()
        return f"{year}-W{week:02d}"

    @classmethod
    def of(cls, moment: datetime) -> Week:
        """The week a moment lies in."""
        day = moment.astimezone(UTC).date()
        return cls(day - timedelta(days=day.weekday()))

    @classmethod
    def read(cls, text: str) -> Week | None:
        """`2026-W47`; None for anything else."""
        try:
            week = cls(datetime.strptime(f"{text}-1", "%G-W%V-%u").replace(tzinfo=UTC).date())
        except ValueError:
            return None
        return week if str(week) == text and week.monday.year >= FIRST_YEAR else None

    @property
    def start(self) -> datetime:
        """Monday, midnight UTC."""
        return datetime(self.monday.year, self.monday.month, self.monday.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The next Monday, midnight UTC."""
        return self.start + DAYS

    @property
    def before(self) -> Week:
        """The week before."""
        return Week(self.monday - DAYS)

    @property
    def after(self) -> Week:
        """The week after."""
        return Week(self.monday + DAYS)
