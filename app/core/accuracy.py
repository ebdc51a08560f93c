"""How often the desk was right, by the tickets whose cause a person confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.core.diagnosis import UNKNOWN

SURE = 0.8
FIRST_FEW = 3
BIN_EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Told:
    """What the desk said before a person decided (causes with confidence, best first), and what it was."""

    said: tuple[tuple[str, float], ...]
    was: str

    @property
    def top(self) -> str:
        """The cause that was said first."""
        return self.said[0][0]

    @property
    def confidence(self) -> float:
        """How sure the desk was of it."""
        return self.said[0][1]

    @property
    def right(self) -> bool:
        """Whether it was said first."""
        return self.top == self.was


@dataclass(frozen=True, slots=True)
class Bin:
    """Tickets told with a confidence in [low, high): how sure the desk was of them on average, and how many were right."""

    low: float
    high: float
    number: int
    confidence: float
    right: int

    @property
    def share(self) -> float:
        """The share that was right."""
        return self.right / self.number


@dataclass(frozen=True, slots=True)
class Confusion:
    """A cause that was said for another, and how often."""

    said: str
    was: str
    number: int


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counts, each beside what it is out of."""

    number: int
    right: int
    among_first: int
    not_told: int  # the desk said that it does not know
    sure: int
    wrong_when_sure: int
    bins: tuple[Bin, ...]
    confusions: tuple[Confusion, ...]


def measure(told: Iterable[Told]) -> Accuracy:
    """Measure over all; a ticket without a diagnosis does not count."""
    counted = [one for one in told if one.said]
    sure = [one for one in counted if one.confidence >= SURE and one.top != UNKNOWN]
    return Accuracy(
        number=len(counted),
        right=sum(one.right for one in counted),
        among_first=sum(one.was in {cause for cause, _ in one.said[:FIRST_FEW]} for one in counted),
        not_told=sum(one.top == UNKNOWN and not one.right for one in counted),
        sure=len(sure),
        wrong_when_sure=sum(not one.right for one in sure),
        bins=tuple(_bins([one for one in counted if one.top != UNKNOWN])),
        confusions=_confusions(counted),
    )


def _bins(told: Sequence[Told]) -> Iterable[Bin]:
    """Sort by confidence; empty bins are left out, and "unknown" claims no confidence."""
    for low, high in pairwise(BIN_EDGES):
        inside = [one for one in told if low <= one.confidence < high]
        if inside:
            mean = sum(one.confidence for one in inside) / len(inside)
            yield Bin(low, min(high, 1.0), len(inside), mean, sum(one.right for one in inside))


def _confusions(told: Sequence[Told]) -> tuple[Confusion, ...]:
    """List what was said for what, the most frequent first."""
    pairs = Counter((one.top, one.was) for one in told if not one.right)
    return tuple(Confusion(said, was, number) for (said, was), number in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])))
