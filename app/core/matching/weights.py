"""The weights of app/rules/matching.toml, typed: per field and level how telling it is and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.attempts import RetryRules

_NUMBERS = frozenset({"m", "u", "u_given"})


@dataclass(frozen=True, slots=True)
class Level:
    """One way a field can compare. m: share among true pairs, u: share among the rest, u_given: where the field it follows from agrees."""

    m: float | None
    u: float | None
    u_given: float | None
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TimeWeights:
    """How reported times miss the true ones; see the file for each meaning."""

    copied_minutes: float
    copied_share: float
    precise_minutes: float
    precise_share: float
    precise_tolerance: float
    rounded_share: float
    down_share: float
    outside_share: float
    far_share: float
    far_days: float
    zones: Mapping[str, float]

    def zone_share(self, hours: int) -> float:
        """How likely a report is wrong by this many whole hours."""
        return self.zones.get(str(hours), self.zones["other"])


class MatchWeights:
    """Per field the weight of agreement and disagreement, and its sentence by language; app/rules/matching.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        prior = data["prior"]
        self.none: float = prior["none"]
        self.u_strength: float = prior["u_strength"]
        self.sharpness: float = prior["sharpness"]
        self.listed_from: float = prior["listed_from"]
        self.time = TimeWeights(**data["time"])
        self.kin: tuple[frozenset[int], ...] = tuple(frozenset(codes) for codes in data["status"]["kin"])
        self.retries = RetryRules(frozenset(data["retries"]["statuses"]), data["retries"]["gap_seconds"], data["retries"]["most"])
        self.units: Mapping[str, Mapping[str, str]] = data["units"]
        self.levels = {f"{field}.{name}": _level(entry) for field, names in data["field"].items() for name, entry in names.items()}
        self._fields = {field: tuple(names) for field, names in data["field"].items()}
        self.order = {signal: place for place, signal in enumerate(self.levels)}

    def as_good(self, field: str, level: str) -> tuple[str, ...]:
        """The field's levels from the best down to this one; the file lists them in that order."""
        levels = self._fields[field]
        return levels[: levels.index(level) + 1]

    def share(self, field: str, level: str) -> float:
        """m: how often the true record compares like this."""
        return self.levels[f"{field}.{level}"].m or 1.0

    def default_chance(self, field: str, level: str, *, given: bool) -> float:
        """U as the file has it."""
        rule = self.levels[f"{field}.{level}"]
        return (rule.u_given if given and rule.u_given is not None else rule.u) or 0.0


def _level(entry: Mapping[str, Any]) -> Level:
    """One level of the file; every key that is no number is a language."""
    sentences = {key: value for key, value in entry.items() if key not in _NUMBERS}
    return Level(entry.get("m"), entry.get("u"), entry.get("u_given"), sentences)
