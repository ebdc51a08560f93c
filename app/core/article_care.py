"""Keeping articles true: what readers may say, when an article is looked at again, how far votes can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

FLAG_REASONS = ("outdated", "wrong", "unclear", "broken")
FEWEST_VOTES = 5
FIRST_CASES = 5  # real cases after which a new article is read again
VOLATILE_DAYS = 60  # client pages and the like: programs change
OWNER_DAYS = 14  # an owner has so long after the date; then the backup owner is asked
Z95 = 1.96
EVEN = 0.5


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


def review_date(today: date, review_days: int, kind: str) -> str:
    """When an article published today is looked at again; what describes other people's programs sooner."""
    days = min(review_days, VOLATILE_DAYS) if kind == "client" else review_days
    return (today + timedelta(days=days)).isoformat()


def whose_turn(review_due: str | None, today: date) -> str:
    """Who is asked to review now: "" nobody yet, "owner", or "backup" when the owner let the date pass."""
    if review_due is None or review_due > today.isoformat():
        return ""
    late = today - date.fromisoformat(review_due)
    return "backup" if late.days > OWNER_DAYS else "owner"


def phrase_places(phrase: str, texts: Iterable[tuple[str, str]]) -> list[tuple[str, int]]:
    """Where a phrase stands, letter case ignored: (name of the text, line). texts: (name, text)."""
    wanted = phrase.casefold()
    return [(name, number) for name, text in texts for number, line in enumerate(text.splitlines(), 1) if wanted in line.casefold()]
