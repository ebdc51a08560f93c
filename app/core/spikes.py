"""Unusually many failures in an hour: a robust, explainable test of a count against its own past.

An hour is compared with the same hour of the week in the weeks before (its neighbours included), with fewer weeks by the
same hour of the days before, else with the day before. It is a spike when it is large, twice the usual, far outside the usual
spread (median and MAD, see `Baseline.spread`), and improbable under a count distribution as wide as the past was; how
improbable depends on how many series are watched, so that watching more does not mean more false alarms. Sources: the
recipe of robust z-scores with a Poisson tail for small counts, https://en.wikipedia.org/wiki/Median_absolute_deviation and
https://en.wikipedia.org/wiki/Negative_binomial_distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log, sqrt
from statistics import median

DAY, WEEK = 24, 168  # hours
WEEKS_BACK, DAYS_BACK = 6, 14
FEWEST_WEEKS, FEWEST_DAYS = 3, 4
FEWEST = 5  # failures; fewer are never a spike
TIMES_USUAL = 2.0
SPREADS_ABOVE = 4.0
FEWEST_KEYS = 3  # one key failing alone is that key's problem, not an incident
FALSE_ALARMS_A_WEEK = 0.1  # to be expected by chance, over all series watched together
SMALLEST_RATE = 0.5  # an hour that never saw a failure may see one
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for an hour: the counts it is compared with, per hour."""

    kind: str  # week, day, recent
    counts: tuple[int, ...]

    @property
    def usual(self) -> float:
        """The median count."""
        return median(self.counts) if self.counts else 0.0

    @property
    def spread(self) -> float:
        """A standard deviation that a past spike does not inflate, and never below that of a count."""
        usual = self.usual
        deviation = median(abs(count - usual) for count in self.counts) if self.counts else 0.0
        return max(MAD_TO_SIGMA * deviation, sqrt(usual + 1))


@dataclass(frozen=True, slots=True)
class Spike:
    """One hour of one series that stands out. `chance`: how probable so many would have been on a usual day."""

    hour: int
    count: int
    usual: float
    spreads_above: float
    chance: float
    baseline: str
    keys: int | None = None  # distinct keys among the failures; None: not counted yet


def baseline(counts: Mapping[int, int], hour: int, first_hour: int) -> Baseline:
    """What `hour` (epoch hour) is to be compared with; hours since `first_hour` without a count had none."""
    for kind, step, back, fewest in (("week", WEEK, WEEKS_BACK, FEWEST_WEEKS), ("day", DAY, DAYS_BACK, FEWEST_DAYS)):
        centres = [hour - step * n for n in range(1, back + 1) if hour - step * n - 1 >= first_hour]
        if len(centres) >= fewest:
            return Baseline(kind, tuple(counts.get(centre + near, 0) for centre in centres for near in (-1, 0, 1)))
    return Baseline("recent", tuple(counts.get(past, 0) for past in range(max(first_hour, hour - DAY), hour)))


def find_spike(counts: Mapping[int, int], hour: int, first_hour: int, series_watched: int = 1) -> Spike | None:
    """Judge one whole hour of one series; None when nothing stands out. Whether several keys failed is for the caller to count."""
    count = counts.get(hour, 0)
    if count < FEWEST:
        return None
    past = baseline(counts, hour, first_hour)
    above = (count - past.usual) / past.spread
    if not past.counts or count < TIMES_USUAL * past.usual or above < SPREADS_ABOVE:
        return None
    chance = tail(count, max(past.usual, SMALLEST_RATE), past.spread)
    if chance >= FALSE_ALARMS_A_WEEK / (WEEK * max(series_watched, 1)):
        return None
    return Spike(hour, count, past.usual, above, chance, past.kind)


def tail(count: int, rate: float, spread: float) -> float:
    """How probable `count` or more is when `rate` is usual: Poisson, or negative binomial where the past varied more."""
    variance = spread * spread
    size = rate * rate / (variance - rate) if variance > rate * 1.05 else inf
    return max(0.0, 1.0 - sum(_probability(number, rate, size) for number in range(count)))


def episodes(spikes: Sequence[Spike], quiet_hours: int = 2) -> list[tuple[Spike, ...]]:
    """Spikes of one series that belong together: nothing but quiet in between ends an episode."""
    found: list[tuple[Spike, ...]] = []
    for spike in sorted(spikes, key=lambda one: one.hour):
        if found and spike.hour - found[-1][-1].hour <= quiet_hours:
            found[-1] = (*found[-1], spike)
        else:
            found.append((spike,))
    return found


def _probability(number: int, rate: float, size: float) -> float:
    """Of exactly this number: Poisson for an infinite size, else negative binomial of that mean and size."""
    if size == inf:
        return exp(number * log(rate) - rate - lgamma(number + 1))
    chosen = lgamma(number + size) - lgamma(size) - lgamma(number + 1)
    return exp(chosen + size * log(size / (size + rate)) + number * log(rate / (size + rate)))
