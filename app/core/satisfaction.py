"""What requesters say of the help in the end: good or bad, and what may be concluded from how many.

Two answers, not five stars. The question is answered with one click in a mail or on the page, and a person in a hurry can decide
between two. A mean of stars hides who was let down, is read differently from one culture to the next, and says nothing at the handful
of answers a desk gets in a week; a share has an honest interval (Wilson's) and a list behind it: the tickets rated bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.article_care import wilson_lower
from app.core.metrics import Metric, share
from app.core.ticket import State

RATEABLE = frozenset({State.SOLVED, State.CLOSED})
CHANGEABLE = timedelta(days=14)  # from the first answer on


@dataclass(frozen=True, slots=True)
class Ratings:
    """Of the tickets that were solved in a span: how many, how many of them were rated, how many of those were rated good."""

    finished: int = 0
    answered: int = 0
    good: int = 0


def satisfaction(ratings: Ratings) -> Metric:
    """The share rated good with its 95 % bounds; nothing while fewer than five answered."""
    plain = share("satisfaction", ratings.good, ratings.answered)
    if plain.value is None:
        return plain
    low, high = bounds(ratings.good, ratings.answered)
    return Metric(plain.id, plain.value, plain.n, low, high)


def response_rate(ratings: Ratings) -> Metric:
    """How many of those who were asked answered."""
    return share("rating_response", ratings.answered, ratings.finished)


def bounds(hits: int, total: int) -> tuple[float, float]:
    """Wilson's interval: between what and what the true share lies with 95 % certainty."""
    return wilson_lower(hits, total), 1.0 - wilson_lower(total - hits, total)


def may_rate(state: State, first_at: datetime | None, now: datetime) -> bool:
    """Whether the question is open: the ticket is done, and the first answer, if there is one, is not too long ago."""
    return state in RATEABLE and (first_at is None or now <= first_at + CHANGEABLE)
