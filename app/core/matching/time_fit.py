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
    exactness: float  # how far that tolerance lets a time be exact all the same; at most 1
    half_window: float
    grains: tuple[int, ...]  # the full minutes it stands on, as far as they are within the tolerance
    to_the_second: bool  # so does a time that was copied from a log or a screen
    weights: TimeWeights
    here: float  # share of reports whose zone and day are right

    @property
    def copied(self) -> float:
        """Share of copied times: who copies one has no need of a wide tolerance."""
        return self.weights.copied_share * self.exactness if self.to_the_second else 0.0

    @property
    def shown(self) -> float:
        """Where in its minute a clock that shows none but full minutes is on average."""
        return 0.0 if self.to_the_second else 0.5

    def offset(self, started_at: int) -> float:
        """Minutes from the stated time to the record's."""
        return started_at / 60_000 - self.at

    def fit(self, started_at: int, latency_ms: int = 0) -> TimeFit:
        """The likeliest reading of the gap between the two times; of a long request people may tell the beginning or the end."""
        offset = self.offset(started_at)
        ends = (offset, offset + latency_ms / 60_000) if latency_ms >= LONG_MS else (offset,)
        hours = round(offset / 60)
        near = self.here * sum(self._density(end, self.copied) for end in ends) / len(ends)
        zone = sum(self._zone(end, hours) for end in ends) / len(ends)
        far = self.weights.far_share / (self.weights.far_days * _MINUTES_PER_DAY)
        bits = math.log2((near + zone + far) * 2 * self.half_window)
        if zone > near and zone > far:
            return TimeFit("zone", round(abs(offset - hours * 60) * 60), hours, bits)
        level = "near" if abs(offset) <= self.tolerance else "outside" if near > far or abs(offset) <= self.half_window else "far"
        return TimeFit(level, round(abs(offset) * 60), 0, bits)

    def _zone(self, offset: float, hours: int) -> float:
        """Density of the reading "wrong zone" at this offset: nobody's own clock is, so the time was copied, if it can be."""
        if hours == 0 or abs(hours) > FURTHEST_ZONE:
            return 0.0
        copied = self.weights.zone_copied_share if self.to_the_second else 0.0
        return self.weights.zone_share(hours) * self._density(offset - hours * 60, copied)

    def _density(self, offset: float, copied: float) -> float:
        """Per minute: a mixture of copied times, clock readings, rounded times and vague ones."""
        weights, left = self.weights, 1 - copied - self.weights.outside_share
        rounded = left * weights.rounded_share if self.grains else 0.0
        precise = (left - rounded) * weights.precise_share * self.exactness
        vague = left - rounded - precise
        return (
            (copied * _normal(offset, weights.copied_minutes) if copied else 0.0)
            + precise * _normal(offset - self.shown, weights.precise_minutes)
            + (rounded * self._rounded(offset) if self.grains else 0.0)
            + vague * self._vague(offset)
            + weights.outside_share * _uniform(offset, -2 * self.tolerance, 2 * self.tolerance)
        )

    def _vague(self, offset: float) -> float:
        """Anywhere within the tolerance, or rather near: the word of different people."""
        return 0.5 * _uniform(offset, -self.tolerance, self.tolerance) + 0.5 * _normal(offset, self.tolerance / 2)

    def _rounded(self, offset: float) -> float:
        """To any of the grains: to a fine one down, as a clock is read, to a coarse one either way; soft by half a minute at the edges.

        Who rounds to a coarser grain is likelier to have come to this very minute: there are fewer for him to come to.
        """
        return sum(grain * self._rounded_to(grain, offset) for grain in self.grains) / sum(self.grains)

    def _rounded_to(self, grain: int, offset: float) -> float:
        down = self.weights.down_share if grain < self.weights.coarse_grain else 0.0
        return down * _uniform(offset, -0.5, grain + 0.5) + (1 - down) * _uniform(offset, -grain - 0.5, grain + 0.5)


def stated_time(evidence: Evidence, weights: TimeWeights, widen: int = 1) -> StatedTime | None:
    """The evidence's time, or None when it has none."""
    time = evidence.request_time
    if time is None:
        return None
    tolerance = max(float(evidence.tolerance_minutes), 1.0)
    window, grains = half_window(evidence, widen), _grains(time, tolerance, weights)
    exactness = min(1.0, weights.precise_tolerance / tolerance)
    return StatedTime(time.timestamp() / 60, tolerance, exactness, window, grains, time.second != 0, weights, _share_here(weights))


def _share_here(weights: TimeWeights) -> float:
    """Share of reports whose zone and day are right."""
    named = sum(share for hours, share in weights.zones.items() if hours != "other")
    rest = weights.zones["other"] * (2 * FURTHEST_ZONE - (len(weights.zones) - 1))
    return 1 - named - rest - weights.far_share


def _grains(time: datetime, tolerance: float, weights: TimeWeights) -> tuple[int, ...]:
    """The full minutes a time stands on, none of them far from the tolerance. None: read off a clock, or vague.

    Who says "within 20 minutes" has not rounded to the hour, and who says "within an hour" not to five minutes.
    """
    if time.second or time.microsecond:
        return ()
    finest, coarsest = tolerance * weights.finest_grain, max(tolerance, _GRAINS[-1])
    return tuple(grain for grain in _GRAINS if time.minute % grain == 0 and finest <= grain <= coarsest)


def _normal(offset: float, spread: float) -> float:
    """Density of a clock reading."""
    return math.exp(-0.5 * (offset / spread) ** 2) / (spread * math.sqrt(2 * math.pi))


def _uniform(offset: float, low: float, high: float) -> float:
    """Density of "somewhere between"."""
    return 1 / (high - low) if low <= offset <= high else 0.0
