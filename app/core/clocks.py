"""A ticket's three clocks: first answer, next answer, solution. Read from its history, so that no clock can overwrite another.

Only a public word of staff stops the first. A later word of the requester starts the next one. Time spent waiting for the user
does not count towards the solution. All time is business time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.business_calendar import Calendar
from app.core.ticket import State

ENDED = frozenset({State.SOLVED, State.CLOSED, State.DISCARDED})


class Happening(StrEnum):
    """What moves a clock."""

    FILED = "filed"
    ASKED = "asked"  # a word of the requester, by whatever way it came
    ANSWERED = "answered"  # a public word of staff
    MOVED = "moved"  # to another state


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a ticket."""

    at: datetime
    what: Happening
    state: State | None = None  # of a move: the new one


@dataclass(frozen=True, slots=True)
class Targets:
    """How soon a queue answers and solves, in business time."""

    first: timedelta
    next: timedelta
    solve: timedelta
    calendar: Calendar


@dataclass(frozen=True, slots=True)
class Reading:
    """One clock. stands: why it does not run ("answered", "nothing_asked", "user", "ended"), empty while it runs."""

    clock: str  # first, next, solve
    target: timedelta
    used: timedelta
    due_at: datetime | None = None
    met_at: datetime | None = None
    stands: str = ""
    closed_until: datetime | None = None  # runs, but it is outside business hours

    @property
    def running(self) -> bool:
        """Whether time counts, or will once business hours begin."""
        return not self.stands

    @property
    def late(self) -> bool:
        """Whether it took, or has taken, longer than it should."""
        return self.used > self.target


def read_clocks(events: Sequence[Event], targets: Targets, now: datetime) -> tuple[Reading, Reading, Reading]:
    """The first, the next and the solution clock at `now`; events in any order, one of them FILED."""
    history = sorted(events, key=lambda event: event.at)
    return _first(history, targets, now), _next(history, targets, now), _solve(history, targets, now)


def soonest(readings: Sequence[Reading]) -> Reading | None:
    """The running clock that runs out first."""
    running = [(reading.due_at, place, reading) for place, reading in enumerate(readings) if reading.running and reading.due_at]
    return min(running)[2] if running else None


def waiting_since(events: Sequence[Event]) -> datetime | None:
    """Since when the requester has been waiting for a word of ours; None when every word is answered or the ticket is done."""
    history = sorted(events, key=lambda event: event.at)
    since: datetime | None = None
    ended = False
    for event in history:
        reopened = ended and event.what is Happening.MOVED and event.state not in ENDED
        if reopened or event.what in {Happening.FILED, Happening.ASKED}:
            since = since or event.at
        elif event.what is Happening.ANSWERED or event.state in ENDED:
            since = None
        ended = event.state in ENDED if event.what is Happening.MOVED else ended
    return since


def _first(history: Sequence[Event], targets: Targets, now: datetime) -> Reading:
    start = history[0].at
    answered = next((event.at for event in history if event.what is Happening.ANSWERED), None)
    if answered:
        return Reading("first", targets.first, targets.calendar.between(start, answered), met_at=answered, stands="answered")
    ended = _ended_at(history)
    if ended:
        return Reading("first", targets.first, targets.calendar.between(start, ended), stands="ended")
    return _running("first", targets.first, start, timedelta(0), targets.calendar, now)


def _next(history: Sequence[Event], targets: Targets, now: datetime) -> Reading:
    """From the first word after our last answer; the words that follow it do not start it anew."""
    answers = [event.at for event in history if event.what is Happening.ANSWERED]
    since = waiting_since(history)
    if not answers or since is None:
        return Reading("next", targets.next, timedelta(0), stands="ended" if _ended_at(history) else "nothing_asked")
    return _running("next", targets.next, since, timedelta(0), targets.calendar, now)


def _solve(history: Sequence[Event], targets: Targets, now: datetime) -> Reading:
    used, since, state, last = timedelta(0), history[0].at, State.NEW, None
    for event in history:
        if event.what is Happening.MOVED and event.state is not None:
            if _counts(state):
                used += targets.calendar.between(since, event.at)
            state, since = event.state, event.at
            last = event.at if state in ENDED else None
    if state in ENDED:
        return Reading("solve", targets.solve, used, met_at=last, stands="ended")
    if not _counts(state):
        return Reading("solve", targets.solve, used, stands="user")
    return _running("solve", targets.solve, since, used, targets.calendar, now)


def _counts(state: State) -> bool:
    return state not in ENDED and state is not State.PENDING


def _ended_at(history: Sequence[Event]) -> datetime | None:
    """When the ticket ended, if it has."""
    moves = [event for event in history if event.what is Happening.MOVED]
    return moves[-1].at if moves and moves[-1].state in ENDED else None


def _running(clock: str, target: timedelta, since: datetime, used: timedelta, calendar: Calendar, now: datetime) -> Reading:
    left = max(target - used, timedelta(0))
    return Reading(
        clock,
        target,
        used + calendar.between(since, now),
        due_at=calendar.after(since, left),
        closed_until=None if calendar.is_open(now) else calendar.opens(now),
    )
