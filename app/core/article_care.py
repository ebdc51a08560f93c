"""Keeping articles true: what readers may say, when an article is looked at again, how far votes can be trusted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any

FLAG_REASONS = ("outdated", "wrong", "unclear", "broken")
FEWEST_VOTES = 5
Z95 = 1.96
EVEN = 0.5


@dataclass(frozen=True, slots=True)
class CareRules:
    """How soon an article is looked at again; from rules/articles/care.toml."""

    first_cases: int = 5  # real cases after which a new article is read again
    asked_again: int = 20  # tickets with its signature it did not resolve since it was last reviewed: not found, or no help
    same_person: int = 2  # people who asked the same again since then
    volatile_days: int = 60
    volatile_kinds: frozenset[str] = frozenset({"client"})
    owner_days: int = 14  # an owner has so long after the date; then the backup owner is asked
    source_days: int = 365  # a source read longer ago is read again

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> CareRules:
        """As the rule file says."""
        said = dict(data) | {"volatile_kinds": frozenset(data["volatile_kinds"])} if "volatile_kinds" in data else dict(data)
        return cls(**said)


@dataclass(frozen=True, slots=True)
class Votes:
    """How often readers said that an article solved it, of how many who said anything."""

    solved: int
    asked: int

    @property
    def share(self) -> float | None:
        """The plain share; None when nobody said anything."""
        return self.solved / self.asked if self.asked else None

    @property
    def at_least(self) -> float | None:
        """The share that is true with 95 % certainty at least (Wilson's lower bound); None when nobody said anything."""
        return wilson_lower(self.solved, self.asked) if self.asked else None


def mostly_unhelpful(votes: Votes) -> bool:
    """Whether it is all but certain that an article fails more readers than it helps."""
    return votes.asked >= FEWEST_VOTES and wilson_lower(votes.asked - votes.solved, votes.asked) > EVEN


def wilson_lower(hits: int, total: int, z: float = Z95) -> float:
    """The lower end of Wilson's interval: three of three is not yet a hundred per cent."""
    if total <= 0:
        return 0.0
    share = hits / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt((share * (1 - share) + z * z / (4 * total)) / total)
    return max(0.0, (middle - spread) / (1 + z * z / total))


def review_date(today: date, review_days: int, kind: str, rules: CareRules, *, volatile: bool = False) -> str:
    """When an article published today is looked at again; what can change at any time sooner."""
    soon = volatile or kind in rules.volatile_kinds
    days = min(review_days, rules.volatile_days) if soon else review_days
    return (today + timedelta(days=days)).isoformat()


def whose_turn(review_due: str | None, today: date, owner_days: int) -> str:
    """Who is asked to review now: "" nobody yet, "owner", or "backup" when the owner let the date pass."""
    if review_due is None or review_due > today.isoformat():
        return ""
    late = today - date.fromisoformat(review_due)
    return "backup" if late.days > owner_days else "owner"


def is_old(checked_on: str, today: date, source_days: int) -> bool:
    """Whether a source was read so long ago that it is read again."""
    return (today - date.fromisoformat(checked_on)).days > source_days


def phrase_places(phrase: str, texts: Iterable[tuple[str, str]]) -> list[tuple[str, int]]:
    """Where a phrase stands, letter case ignored: (name of the text, line). texts: (name, text)."""
    wanted = phrase.casefold()
    return [(name, number) for name, text in texts for number, line in enumerate(text.splitlines(), 1) if wanted in line.casefold()]
