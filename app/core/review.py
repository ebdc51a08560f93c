"""What a weekly review is filled with by itself: numbers and ids only, so that a closed week can be kept as it stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core.metrics import Metric
from app.core.rollups import Figures

MOST_ROWS = 8  # of each list: a review is read in ten minutes


class Counted(msgspec.Struct, frozen=True):
    """A number and what it was the week before."""

    name: str
    now: float
    before: float


class WeekFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows. Money in micro-USD; causes, classes and fields by id; tickets and incidents by number."""

    requests: Counted
    metrics: tuple[tuple[Metric, Metric | None], ...]  # this week and the week before
    costliest_models: tuple[Counted, ...] = ()
    costliest_groups: tuple[Counted, ...] = ()
    most_retried: tuple[Counted, ...] = ()  # models by retries
    failures: tuple[Counted, ...] = ()  # by class
    tickets: tuple[Counted, ...] = ()  # by class
    incidents: tuple[tuple[int, str, str, int], ...] = ()  # number, class, place, failures
    disputes: tuple[int, ...] = ()
    repeated: tuple[Counted, ...] = ()  # causes asked about though an article answers them
    missing: tuple[Counted, ...] = ()  # facts that tickets lacked
    unassigned: tuple[int, ...] = ()
    without_action: tuple[int, ...] = ()  # open tickets without an agreed next action
    missed_words: tuple[tuple[str, int], ...] = ()
    stale_articles: tuple[tuple[int, str, str], ...] = ()  # id, title, review due


def keep(facts: WeekFacts) -> dict[str, Any]:
    """The facts as JSON keeps them."""
    kept: dict[str, Any] = msgspec.to_builtins(facts)
    return kept


def recall(kept: Mapping[str, Any]) -> WeekFacts:
    """The facts as they were kept. Raises msgspec.ValidationError."""
    return msgspec.convert(kept, WeekFacts)


def ranked(now: Mapping[str, float], before: Mapping[str, float], limit: int = MOST_ROWS) -> tuple[Counted, ...]:
    """The largest numbers of this week, each with the week before; zeros left out."""
    largest = sorted((name for name, number in now.items() if number > 0), key=lambda name: (-now[name], name))[:limit]
    return tuple(Counted(name, now[name], before.get(name, 0)) for name in largest)


def cost(figures: Figures) -> int:
    """Net of refunds, in micro-USD."""
    return figures.cost_micros - figures.refund_micros


def pairs(now: Mapping[str, Metric], before: Mapping[str, Metric], names: Sequence[str]) -> tuple[tuple[Metric, Metric | None], ...]:
    """Figures in the order of `names`, each with that of the week before."""
    return tuple((now[name], before.get(name)) for name in names)
