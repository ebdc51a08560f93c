"""A ticket's clocks in words: what runs, until when, and why one stands still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _

from app.core.clocks import Reading
from app.web.kept_words import said_once


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock. said: what it comes to; due_at: while it runs; late: longer than it should."""

    title: str
    said: str
    due_at: datetime | None
    late: bool
    running: bool


def clock_lines(readings: Iterable[Reading]) -> list[ClockLine]:
    """All three, always."""
    titles = _titles()
    return [ClockLine(titles[each.clock], _said(each), each.due_at, each.late, each.running) for each in readings]


@said_once
def _titles() -> dict[str, str]:
    return {"first": _("First answer"), "next": _("Next answer"), "solve": _("Solution")}


def _said(reading: Reading) -> str:
    used = _span(reading.used)
    target = _span(reading.target)
    if reading.stands == "answered":
        return _("answered after %(used)s of %(target)s", used=used, target=target)
    if reading.stands == "nothing_asked":
        return _("nothing to answer")
    if reading.stands == "user":
        return _("stands still: we wait for the user; %(used)s of %(target)s used", used=used, target=target)
    if reading.stands == "ended":
        return _("ended; %(used)s of %(target)s used", used=used, target=target)
    said = _("%(used)s of %(target)s used", used=used, target=target)
    return said + ("; " + _("outside business hours") if reading.closed_until else "")


def _span(length: timedelta) -> str:
    """Business time, short: a day of it is not a day of the clock, so hours are the largest unit."""
    minutes = round(length.total_seconds() / 60)
    if minutes >= 120:
        return _("%(hours)s h", hours=f"{minutes / 60:g}" if minutes % 60 == 0 else f"{minutes / 60:.1f}")
    return _("%(minutes)s min", minutes=minutes)
