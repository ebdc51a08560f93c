"""How well a record's time fits the time a person states: rounded, vague, in another zone, or plainly wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from app.core.evidence import Evidence
from app.core.matching.weights import TimeWeights

NARROWEST_WINDOW = 15.0
WINDOW_PER_TOLERANCE = 1.5
FURTHEST_ZONE = 14
LONG_MS = 10_000
_GRAINS = (60, 30, 15, 10, 5)
_MINUTES_PER_DAY = 1440


@dataclass(frozen=True, slots=True)
class TimeFit:
    """level: near, outside, zone or far. seconds: the gap, after the shift of `hours`. bits: against any time in the window."""

    level: str
    seconds: int
    hours: int
    bits: float


def half_window(evidence: Evidence, widen: int = 1) -> float:
    """Minutes on each side of the stated time in which records are looked for."""
    return max(evidence.tolerance_minutes * WINDOW_PER_TOLERANCE, NARROWEST_WINDOW) * max(widen, 1)


@dataclass(frozen=True, slots=True)
class StatedTime:
    """The stated time, ready to be compared with many records."""

    at: float  # epoch minutes
    tolerance: float
    half_window: float
    grains: tuple[int, ...]  # the full minutes it stands on, as far as they are within the tolerance
    to_the_second: bool  # so does a time that was copied from a log or a screen
    weights: TimeWeights
    here: float  # share of reports whose zone and day are right

    def offset(self, started_at: int) -> float:
        """Minutes from the stated time to the record's."""
        return started_at / 60_000 - self.at

    def fit(self, started_at: int, latency_ms: int = 0) -> TimeFit:
        """The likeliest reading of the gap between the two times; of a long request people may tell the beginning or the end."""
        offset = self.offset(started_at)
        ends = (offset, offset + latency_ms / 60_000) if latency_ms >= LONG_MS else (offset,)
        hours = round(offset / 60)
        near = self.here * sum(map(self._density, ends)) / len(ends)
        zone = sum(self._zone(end, hours) for end in ends) / len(ends)
        far = self.weights.far_share / (self.weights.far_days * _MINUTES_PER_DAY)
        bits = math.log2((near + zone + far) * 2 * self.half_window)
        if zone > near and zone > far:
            return TimeFit("zone", round(abs(offset - hours * 60) * 60), hours, bits)
        level = "near" if abs(offset) <= self.tolerance else "outside" if near > far or abs(offset) <= self.half_window else "far"
        return TimeFit(level, round(abs(offset) * 60), 0, bits)

    def _zone(self, offset: float, hours: int) -> float:
        """Density of the reading "wrong zone" at this offset."""
        if hours == 0 or abs(hours) > FURTHEST_ZONE:
            return 0.0
        return self.weights.zone_share(hours) * self._density(offset - hours * 60)

    def _density(self, offset: float) -> float:
        """Per minute: a mixture of copied times, clock readings, rounded times and vague ones."""
        weights = self.weights
        copied = weights.copied_share if self.to_the_second else 0.0
        rounded = weights.rounded_share if self.grains else 0.0
        precise = weights.precise_share * min(1.0, weights.precise_tolerance / self.tolerance) * (1 - rounded - copied)
        vague = 1 - copied - precise - rounded - weights.outside_share
        return (
            (copied * _normal(offset, weights.copied_minutes) if copied else 0.0)
            + precise * _normal(offset, weights.precise_minutes)
            + (rounded * self._rounded(offset) if self.grains else 0.0)
            + vague * _normal(offset, self.tolerance / 2)
            + weights.outside_share * _uniform(offset, -2 * self.tolerance, 2 * self.tolerance)
        )

    def _rounded(self, offset: float) -> float:
        """Rounded down, as a clock is read, or either way, to any of the grains; the edges are soft by half a minute.

        Who rounds to a coarser grain is likelier to have come to this very minute: there are fewer for him to come to.
        """
        return sum(grain * self._rounded_to(grain, offset) for grain in self.grains) / sum(self.grains)

    def _rounded_to(self, grain: int, offset: float) -> float:
        down = _uniform(offset, -0.5, grain + 0.5)
        return self.weights.down_share * down + (1 - self.weights.down_share) * _uniform(offset, -grain - 0.5, grain + 0.5)


def stated_time(evidence: Evidence, weights: TimeWeights, widen: int = 1) -> StatedTime | None:
    """The evidence's time, or None when it has none."""
    time = evidence.request_time
    if time is None:
        return None
    tolerance = max(float(evidence.tolerance_minutes), 1.0)
    window, grains = half_window(evidence, widen), _grains(time, tolerance)
    return StatedTime(time.timestamp() / 60, tolerance, window, grains, time.second != 0, weights, _share_here(weights))


def _share_here(weights: TimeWeights) -> float:
    """Share of reports whose zone and day are right."""
    named = sum(share for hours, share in weights.zones.items() if hours != "other")
    rest = weights.zones["other"] * (2 * FURTHEST_ZONE - (len(weights.zones) - 1))
    return 1 - named - rest - weights.far_share


def _grains(time: datetime, tolerance: float) -> tuple[int, ...]:
    """The full minutes a time stands on: who says "within 20 minutes" has not rounded to the hour. None: read off a clock."""
    if time.second or time.microsecond:
        return ()
    return tuple(grain for grain in _GRAINS if time.minute % grain == 0 and grain <= max(tolerance, _GRAINS[-1]))


def _normal(offset: float, spread: float) -> float:
    """Density of a clock reading."""
    return math.exp(-0.5 * (offset / spread) ** 2) / (spread * math.sqrt(2 * math.pi))


def _uniform(offset: float, low: float, high: float) -> float:
    """Density of "somewhere between"."""
    return 1 / (high - low) if low <= offset <= high else 0.0
