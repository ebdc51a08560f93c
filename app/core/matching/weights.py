"""The weights of app/rules/matching.toml, typed: per field and level how telling it is and how it is said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
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
    zone_copied_share: float
    precise_minutes: float
    precise_share: float
    precise_tolerance: float
    rounded_share: float
    finest_grain: float
    coarse_grain: int
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

    def __init__(self, data: Mapping[str, Any], learnt: Mapping[str, Any] | None = None) -> None:
        """The weights of the file, and over them the shares that were learnt ({"none": …, "m": {signal: …}})."""
        prior, learnt = data["prior"], learnt or {}
        self.none: float = _share(learnt.get("none")) or prior["none"]
        self.m_strength: float = data["learning"]["strength"]
        self.learnt_groups: tuple[tuple[str, ...], ...] = tuple(tuple(group) for group in data["learning"]["groups"])
        self.u_strength: float = prior["u_strength"]
        self.sharpness: float = prior["sharpness"]
        self.listed_from: float = prior["listed_from"]
        self.time = TimeWeights(**data["time"])
        self.kin: tuple[frozenset[int], ...] = tuple(frozenset(codes) for codes in data["status"]["kin"])
        self.retries = RetryRules(frozenset(data["retries"]["statuses"]), data["retries"]["gap_seconds"], data["retries"]["most"])
        self.units: Mapping[str, Mapping[str, str]] = data["units"]
        levels = {f"{field}.{name}": _level(entry) for field, names in data["field"].items() for name, entry in names.items()}
        self.levels = _with_learnt(levels, learnt.get("m"), {signal for group in self.learnt_groups for signal in group})
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


def _with_learnt(levels: Mapping[str, Level], learnt: object, learnable: Collection[str]) -> dict[str, Level]:
    """The levels with the m that were learnt; what is no share, or of no level that may be learnt, is passed over."""
    shares = learnt if isinstance(learnt, Mapping) else {}
    known = {signal: share for signal in learnable if (share := _share(shares.get(signal)))}
    return {signal: replace(level, m=known.get(signal, level.m)) for signal, level in levels.items()}


def _share(value: object) -> float | None:
    """A number strictly between 0 and 1; else None."""
    return value if isinstance(value, float) and 0 < value < 1 else None


def _level(entry: Mapping[str, Any]) -> Level:
    """One level of the file; every key that is no number is a language."""
    sentences = {key: value for key, value in entry.items() if key not in _NUMBERS}
    return Level(entry.get("m"), entry.get("u"), entry.get("u_given"), sentences)
