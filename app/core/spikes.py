"""Unusually many failures in an hour: a robust, explainable test of a count against its own past.

An hour is compared with the same hour of the week in the weeks before (its neighbours included), with fewer weeks by the
same hour of the days before, else with the day before. It is a spike when it is large, twice the usual, far outside the usual
spread (median and MAD, see `Baseline.spread`), and improbable under a count distribution as wide as the past was; how
improbable depends on how many series are watched, so that watching more does not mean more false alarms. What comes too
slowly for one hour to stand out is judged by the day (`find_slow_rise`), and what is rare by nature, as tickets are, against
its mean rate (`find_cluster`). Sources: the recipe of robust z-scores with a Poisson tail for small counts,
https://en.wikipedia.org/wiki/Median_absolute_deviation and https://en.wikipedia.org/wiki/Negative_binomial_distribution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, inf, lgamma, log, sqrt
from statistics import median

DAY, WEEK = 24, 168  # hours
WEEKS_BACK, DAYS_BACK = 6, 14
FEWEST_WEEKS, FEWEST_DAYS = 3, 4
FEWEST_DAYS_SLOW = 2
MOST_BUSIER = 10.0
BURSTS_OF_A_DAY = 2.0  # what failed is tried again: over a day such bursts add up
FEWEST = 5  # failures; fewer are never a spike
TIMES_USUAL = 2.0
SPREADS_ABOVE = 4.0
FEWEST_A_DAY = 10
FEWEST_RARE = 3  # of a thing that hardly ever happens
PEAK = 3.0  # rare things come in office hours: then three times as many as over the whole day
FEWEST_KEYS = 3  # one key failing alone is that key's problem, not an incident
FALSE_ALARMS_A_WEEK = 0.1  # to be expected by chance, over all series watched together
CHANCE_OF_THE_REST = 0.001
SMALLEST_RATE = 0.5  # an hour that never saw a failure may see one
MAD_TO_SIGMA = 1.4826


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for an hour: the counts it is compared with, per hour."""

    kind: str  # week, day, recent; days: whole days; mean: the mean rate
    counts: tuple[int, ...]
    bursts: float = 1.0  # how many failures come at once

    @property
    def usual(self) -> float:
        """The median count."""
        return median(self.counts) if self.counts else 0.0

    @property
    def spread(self) -> float:
        """A standard deviation that a past spike does not inflate, and never below that of a count."""
        usual = self.usual
        deviation = median(abs(count - usual) for count in self.counts) if self.counts else 0.0
        return max(MAD_TO_SIGMA * deviation, sqrt(self.bursts * (usual + 1)))


@dataclass(frozen=True, slots=True)
class Spike:
    """One hour of one series that stands out, or the `hours` up to it. `chance`: how probable so many would have been usually."""

    hour: int
    count: int
    usual: float
    spreads_above: float
    chance: float
    baseline: str
    keys: int | None = None  # distinct keys among the failures, or people who reported; None: not counted yet
    hours: int = 1
    since: int | None = None  # of several hours: the first that had its part; None: `hour` itself


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
    return _judged(count, hour, baseline(counts, hour, first_hour), series_watched) if count >= FEWEST else None


def find_slow_rise(days: Sequence[int], hour: int, series_watched: int = 1, traffic: Sequence[int] = ()) -> Spike | None:
    """Judge the 24 hours up to the end of `hour` against the days before, ended at the same time: counts, that day last.

    traffic: requests that went well on the same days. A Monday has more failures than the Sunday before: past days are scaled
    up to it.
    """
    *before, count = days
    if count < FEWEST_A_DAY or len(before) < FEWEST_DAYS_SLOW:
        return None
    scaled = (round(past * _busier(traffic, day)) for day, past in enumerate(before)) if traffic else before
    spike = _judged(count, hour, Baseline("days", tuple(scaled), BURSTS_OF_A_DAY), series_watched)
    return replace(spike, hours=DAY) if spike else None


def find_cluster(counts: Mapping[int, int], hour: int, first_hour: int, hours: int, series_watched: int = 1) -> Spike | None:
    """Judge the last `hours` of a thing so rare that no hour has a usual count: against its mean rate until then."""
    count, until = _in_hours(counts, hour, hours), hour - hours
    watched = min(until - first_hour + 1, DAY * DAYS_BACK)
    if count < FEWEST_RARE or watched < DAY * FEWEST_DAYS:
        return None
    rate = max(_in_hours(counts, until, watched), SMALLEST_RATE) / watched * hours
    chance = tail(count, rate * PEAK, sqrt(rate * PEAK))
    if count < TIMES_USUAL * rate or chance >= FALSE_ALARMS_A_WEEK / (WEEK * max(series_watched, 1)):
        return None
    since = began(counts, hour, hours)
    return Spike(hour, count, rate, (count - rate) / sqrt(rate + 1), chance, "mean", hours=hours, since=since)


def stands_without(spike: Spike, left_out: int) -> bool:
    """Whether there would be far more than usual with so many failures left out too: those of the loudest key.

    That something happened is known by now: what is asked is whether others have it too, so chance is given less benefit.
    """
    rest, spread = spike.count - left_out, (spike.count - spike.usual) / spike.spreads_above
    if rest < FEWEST or rest < TIMES_USUAL * spike.usual or rest - spike.usual < SPREADS_ABOVE / 2 * spread:
        return False
    rate = max(spike.usual, SMALLEST_RATE)
    return tail(rest, rate, sqrt(rate)) < CHANCE_OF_THE_REST


def began(counts: Mapping[int, int], hour: int, hours: int) -> int:
    """The first of the hours up to `hour` that had at least its even part of what they had together."""
    even = _in_hours(counts, hour, hours) / hours
    return next((each for each in range(hour - hours + 1, hour + 1) if counts.get(each, 0) >= max(even, 1)), hour)


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


def _judged(count: int, hour: int, past: Baseline, series_watched: int) -> Spike | None:
    """Whether so many stand out against such a past."""
    above = (count - past.usual) / past.spread
    if not past.counts or count < TIMES_USUAL * past.usual or above < SPREADS_ABOVE:
        return None
    chance = tail(count, max(past.usual, SMALLEST_RATE), past.spread)
    if chance >= FALSE_ALARMS_A_WEEK / (WEEK * max(series_watched, 1)):
        return None
    return Spike(hour, count, past.usual, above, chance, past.kind)


def _busier(traffic: Sequence[int], day: int) -> float:
    """How many times the traffic of a past day the last one had; never less than it."""
    return min(max((traffic[-1] + FEWEST_A_DAY) / (traffic[day] + FEWEST_A_DAY), 1.0), MOST_BUSIER)


def _in_hours(counts: Mapping[int, int], last: int, hours: int) -> int:
    """How many in that many hours up to the end of `last`."""
    return sum(counts.get(hour, 0) for hour in range(last - hours + 1, last + 1))


def _probability(number: int, rate: float, size: float) -> float:
    """Of exactly this number: Poisson for an infinite size, else negative binomial of that mean and size."""
    if size == inf:
        return exp(number * log(rate) - rate - lgamma(number + 1))
    chosen = lgamma(number + size) - lgamma(size) - lgamma(number + 1)
    return exp(chosen + size * log(size / (size + rate)) + number * log(rate / (size + rate)))
