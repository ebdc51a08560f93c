"""What each field of a comparison weighs: how much likelier it is of the true record than of one that agrees by chance."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.core.matching.comparison import IN_TEXT, Comparison
from app.core.matching.weights import MatchWeights

# ids do not agree by chance, and successes are not searched for: the file's u stands
_UNCOUNTED = frozenset({"request_id", "task_id", "outcome"})
_GIVEN = {"text": ("status", "same")}  # a status has few texts: where it agrees, the text may well do so by chance
# what a pasted text says of itself: when it quotes the record's id, agreeing with that very record is no further news
_QUOTED = frozenset({"model", "status", "text", "details", "client", "stream", "request_type"})
Pattern = tuple[tuple[str, str], ...]


class Weighing:
    """Weights in bits, log2(m / u), u counted among candidates near the stated time, each action once.

    The fields of one report hang together (a storm has one status, one model, one text), so each field is counted
    among those records only that agree as well as this one, or better, in all fields before it. What the counts
    cannot tell, because few records are left, comes from the field alone, and in the end from the file.
    """

    def __init__(self, comparisons: Sequence[tuple[Comparison, float]], weights: MatchWeights) -> None:
        """Each comparison with the number of records it stands for."""
        self._weights = weights
        self._patterns: defaultdict[Pattern, float] = defaultdict(float)
        for comparison, stands_for in comparisons:
            self._patterns[_pattern(comparison)] += stands_for
        self._levels: dict[Pattern, Mapping[str, str]] = {pattern: dict(pattern) for pattern in self._patterns}
        self._known: dict[Pattern, tuple[float, Mapping[str, float]]] = {}
        self._alone: dict[tuple[str, str, bool], float] = {}
        self.population = max(sum(self._patterns.values()), 1.0)

    def total(self, comparison: Comparison) -> float:
        """The sum over its fields."""
        return self._weigh(comparison)[0]

    def bits(self, comparison: Comparison) -> Mapping[str, float]:
        """The weight of every field."""
        return self._weigh(comparison)[1]

    def _weigh(self, comparison: Comparison) -> tuple[float, Mapping[str, float]]:
        """Records that compare alike weigh alike."""
        pattern = _pattern(comparison)
        if pattern not in self._known:
            chances = self._chances(pattern)
            is_quoted = comparison.get("request_id") == IN_TEXT
            bits = {
                field: 0.0 if is_quoted and field in _QUOTED else math.log2(self._weights.share(field, level) / chances[field])
                for field, level in pattern
            }
            self._known[pattern] = (sum(bits.values()), bits)
        return self._known[pattern]

    def _chances(self, pattern: Pattern) -> Mapping[str, float]:
        """U of every field, keeping for the next one only the records that have agreed so far."""
        alike = [(self._levels[other], count) for other, count in self._patterns.items()]
        chances = {}
        for field, level in pattern:
            if field in _UNCOUNTED:
                chances[field] = self._weights.levels[f"{field}.{level}"].u or 1.0
                continue
            as_good = self._weights.as_good(field, level)
            total = sum(count for levels, count in alike if field in levels)
            alike = [(levels, count) for levels, count in alike if levels.get(field) in as_good]
            expected = self._chance_alone(field, level, given=_GIVEN.get(field) in pattern)
            chances[field] = self._leaning(sum(count for _, count in alike), total, expected)
        return chances

    def _chance_alone(self, field: str, level: str, *, given: bool) -> float:
        """Take one field by itself, but for the one it follows from."""
        if (field, level, given) not in self._alone:
            as_good = self._weights.as_good(field, level)
            counts = [(levels[field], count) for levels, count in self._counted(_GIVEN[field] if given else None) if field in levels]
            alike = sum(count for name, count in counts if name in as_good)
            default = sum(self._weights.default_chance(field, name, given=given) for name in as_good)
            self._alone[field, level, given] = self._leaning(alike, sum(count for _, count in counts), min(default, 1.0))
        return self._alone[field, level, given]

    def _counted(self, given: tuple[str, str] | None) -> list[tuple[Mapping[str, str], float]]:
        """Every record, or those at one level of another field."""
        return [(self._levels[pattern], count) for pattern, count in self._patterns.items() if given is None or given in pattern]

    def _leaning(self, alike: float, total: float, expected: float) -> float:
        """A share that leans on what is expected while few are counted; the record itself is not one of the others."""
        strength = self._weights.u_strength
        return (max(alike - 1, 0.0) + strength * expected) / (max(total - 1, 0.0) + strength)


def _pattern(comparison: Comparison) -> Pattern:
    """Fields and levels in the order of comparison."""
    return tuple((field, level.name) for field, level in comparison.items())
