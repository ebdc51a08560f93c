"""The weights of app/rules/matching.toml, typed: per field and level how telling it is and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One way a field can compare. m: share among true pairs, u: share among the rest; None where computed."""

    m: float | None
    u: float | None
    sentences: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TimeWeights:
    """How reported times miss the true ones; see the file for each meaning."""

    precise_minutes: float
    precise_share: float
    precise_tolerance: float
    rounded_share: float
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
        self.units: Mapping[str, Mapping[str, str]] = data["units"]
        self.levels = {f"{field}.{name}": _level(entry) for field, names in data["field"].items() for name, entry in names.items()}
        self.order = {signal: place for place, signal in enumerate(self.levels)}


def _level(entry: Mapping[str, Any]) -> Level:
    """One level of the file; every key beside m and u is a language."""
    return Level(entry.get("m"), entry.get("u"), {key: value for key, value in entry.items() if key not in {"m", "u"}})
