"""Which span a report is about: named in the address, in whole hours or days of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import request
from flask_babel import gettext as _

from app.web.render import now

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPANS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
LONGEST = 92 * DAY
USUAL = "7d"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`, cut into steps."""

    name: str  # of SPANS, or "own" for dates of the reader's choice
    start: datetime
    end: datetime

    @property
    def step(self) -> timedelta:
        """Hours for up to three days, else days."""
        return HOUR if self.end - self.start <= 3 * DAY else DAY

    @property
    def before(self) -> Span:
        """The span of the same length just before."""
        return Span(self.name, self.start - (self.end - self.start), self.start)

    @property
    def steps(self) -> list[datetime]:
        """When each step begins."""
        return [self.start + n * self.step for n in range(-(-(self.end - self.start) // self.step))]

    @property
    def query(self) -> dict[str, str]:
        """The address's values that name this span."""
        if self.name != "own":
            return {"span": self.name}
        return {"from": self.start.date().isoformat(), "to": (self.end - DAY).date().isoformat()}


def asked_span() -> Span:
    """The span the address names; nonsense means the usual one."""
    own = _own_dates()
    if own:
        return own
    name = request.args.get("span", "")
    name = name if name in SPANS else USUAL
    this_hour = now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    if name == "24h":
        return Span(name, this_hour - DAY, this_hour)
    tomorrow = this_hour.replace(hour=0) + (DAY if this_hour.hour else timedelta())
    return Span(name, tomorrow - SPANS[name], tomorrow)


def span_options() -> list[tuple[str, str]]:
    """What can be chosen."""
    return [("24h", _("the last 24 hours")), ("7d", _("the last 7 days")), ("30d", _("the last 30 days"))]


def _own_dates() -> Span | None:
    """`from` and `to` as ISO dates, both included; None unless both are there and in order."""
    try:
        first, last = (date.fromisoformat(request.args.get(name, "")) for name in ("from", "to"))
    except ValueError:
        return None
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY if last < date.max else start
    return Span("own", start, min(end, start + LONGEST)) if start < end else None
