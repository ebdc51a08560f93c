"""What a weekly review is filled with by itself: numbers and ids only, so that a closed week can be kept as it stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.core.change import Change, of_counts, of_rates
from app.core.metrics import Metric, part_of
from app.core.rollups import Figures

MOST_ROWS = 8  # of each list: a review is read in ten minutes


class Counted(msgspec.Struct, frozen=True):
    """A number, what it was the week before, and whether that means anything. keys: distinct keys behind it, where they are known."""

    name: str
    now: float
    before: float
    change: Change = Change.UNTESTED
    keys: int | None = None


class KeyCounted(msgspec.Struct, frozen=True):
    """A key and what it cost. number: of the registry, where it is known."""

    number: int | None
    name: str
    now: float
    before: float


class DisputeLine(msgspec.Struct, frozen=True):
    """A dispute as it stood: its ticket, claim, state and outcome by code, its age in days."""

    ticket: int
    claim: str
    state: str
    outcome: str
    days: int


class WeekFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page shows. Money in micro-USD; causes, classes and fields by id; tickets and incidents by number."""

    requests: Counted
    metrics: tuple[tuple[Metric, Metric | None], ...]  # this week and the week before
    changes: dict[str, Change] = {}  # metric → what its test says
    log_before: bool = True  # the log covers the week before, so that it can be compared; as the next
    desk_before: bool = True
    uncounted: int = 0  # requests not yet counted by key: until they are, no number of keys is told
    until: str = ""  # ISO time: a week under way is compared with the same part of the week before
    costliest_models: tuple[Counted, ...] = ()
    costliest_groups: tuple[Counted, ...] = ()
    costliest_keys: tuple[KeyCounted, ...] = ()
    most_retried: tuple[Counted, ...] = ()  # models by retries
    tried_again: tuple[Counted, ...] = ()  # models by requests that followed a failure and failed too
    failures: tuple[Counted, ...] = ()  # by class, every class
    tickets: tuple[Counted, ...] = ()  # by class
    incidents: tuple[tuple[int, str, str, int], ...] = ()  # number, class, place, failures
    warnings: tuple[tuple[int, str, str], ...] = ()  # number, kind, what it is about
    disputes: tuple[int, ...] = ()  # tickets whose cause is one of money
    claims: tuple[DisputeLine, ...] = ()  # open, or closed in the week
    approvals: tuple[tuple[int, int], ...] = ()  # requests nobody decided: number, days
    repeated: tuple[Counted, ...] = ()  # causes asked about though an article answers them
    unanswered: tuple[Counted, ...] = ()  # causes asked about that no article answers
    missing: tuple[Counted, ...] = ()  # facts that tickets lacked
    unassigned: tuple[int, ...] = ()
    without_action: tuple[int, ...] = ()  # open tickets without an agreed next action
    ownerless: int = 0  # keys without an owner
    ownerless_keys: tuple[tuple[int, str], ...] = ()  # the last seen of them: number, name
    missed_words: tuple[tuple[str, int], ...] = ()
    stale_articles: tuple[tuple[int, str, str], ...] = ()  # id, title, review due


def keep(facts: WeekFacts) -> dict[str, Any]:
    """The facts as JSON keeps them."""
    kept: dict[str, Any] = msgspec.to_builtins(facts)
    return kept


def recall(kept: Mapping[str, Any]) -> WeekFacts:
    """The facts as they were kept. Raises msgspec.ValidationError."""
    return msgspec.convert(kept, WeekFacts)


def ranked(now: Mapping[str, float], before: Mapping[str, float], limit: int = MOST_ROWS, *, tested: bool = False) -> tuple[Counted, ...]:
    """The largest numbers of this week, each with the week before; zeros left out. tested: they are counts."""
    largest = sorted((name for name, number in now.items() if number > 0), key=lambda name: (-now[name], name))[:limit]
    return tuple(compared(name, now[name], before.get(name, 0), tested=tested) for name in largest)


def compared(name: str, now: float, before: float, *, tested: bool = True, keys: int | None = None) -> Counted:
    """A number beside that of the week before."""
    return Counted(name, now, before, of_counts(now, before) if tested else Change.UNTESTED, keys)


def compared_share(name: str, now: tuple[int, int], before: tuple[int, int], *, tested: bool) -> Counted:
    """A number that is a part of something whose size changes too: (part, whole) of either week."""
    return Counted(name, now[0], before[0], of_rates(*now, *before) if tested else Change.UNTESTED)


def cost(figures: Figures) -> int:
    """Net of refunds, in micro-USD."""
    return figures.cost_micros - figures.refund_micros


def pairs(now: Mapping[str, Metric], before: Mapping[str, Metric], names: Sequence[str]) -> tuple[tuple[Metric, Metric | None], ...]:
    """Figures in the order of `names`, with that of the week before."""
    return tuple((now[name], before.get(name)) for name in names)


def change_of(now: Metric, before: Metric | None, unit: str) -> Change:
    """What the test of a rate or of a count says; other figures have tests of their own, or none."""
    if before is None:
        return Change.UNTESTED
    if unit == "share":
        if now.value is None or before.value is None:
            return Change.FEW
        return of_rates(part_of(now), now.n, part_of(before), before.n)
    if unit == "count":
        return of_counts(now.value or 0, before.value or 0)
    return Change.UNTESTED
