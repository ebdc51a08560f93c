"""Whether a figure changed by more than chance explains: a stated test for each kind of figure, and silence where there is too little.

Rates: two-proportion z-test, or Fisher's exact test where an expected cell is below five. Counts: the exact binomial test of two
spans of the same length. Durations: the Mann-Whitney test with its correction for ties. All two-sided at SIGNIFICANT.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from enum import StrEnum
from itertools import chain
from math import comb, erfc, exp, lgamma, sqrt

SIGNIFICANT = 0.01  # a change that chance alone brings once in a hundred weeks
FEWEST_COUNTED = 8  # of two counts together: fewer cannot tell even when all are on one side
FEWEST_TIMES = 8  # durations on either side
FEWEST_EXPECTED = 5.0
EXACT_UP_TO = 1000


class Change(StrEnum):
    """What two spans say when they are compared."""

    MORE = "more"
    LESS = "less"
    CHANCE = "chance"  # the difference is no larger than chance explains
    FEW = "few"  # too few cases to say
    UNTESTED = ""  # no test is made for this kind of figure


def of_counts(now: float, before: float) -> Change:
    """Two counts of spans of the same length."""
    total = int(now + before)
    if total < FEWEST_COUNTED:
        return Change.FEW
    return _said(_binomial(int(max(now, before)), total), now - before)


def of_rates(part: int, whole: int, part_before: int, whole_before: int) -> Change:
    """Two rates, each a part of a whole."""
    if not whole or not whole_before:
        return Change.FEW
    return _said(rate_chance(part, whole, part_before, whole_before), part / whole - part_before / whole_before)


def of_times(now: Sequence[float], before: Sequence[float]) -> Change:
    """Two samples of durations."""
    if min(len(now), len(before)) < FEWEST_TIMES:
        return Change.FEW
    above, chance = _mann_whitney(now, before)
    return _said(chance, above)


def rate_chance(part: int, whole: int, part_before: int, whole_before: int) -> float:
    """How probable so large a difference of two rates would be if nothing had changed."""
    parts, wholes = part + part_before, whole + whole_before
    smallest = min(parts, wholes - parts) * min(whole, whole_before) / wholes
    if smallest < FEWEST_EXPECTED:
        return _fisher(part, whole, part_before, whole_before)
    pooled = parts / wholes
    error = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / whole_before))
    return _two_sided((part / whole - part_before / whole_before) / error)


def _said(chance: float, difference: float) -> Change:
    if chance >= SIGNIFICANT or difference == 0:
        return Change.CHANCE
    return Change.MORE if difference > 0 else Change.LESS


def _binomial(larger: int, total: int) -> float:
    """Two-sided, of a fair coin; by the normal curve (with continuity) where the sum would be long."""
    if total > EXACT_UP_TO:
        return _two_sided(max(0.0, larger - total / 2 - 0.5) / (sqrt(total) / 2))
    ways = tail = comb(total, larger)
    for count in range(larger, total):
        ways = ways * (total - count) // (count + 1)
        tail += ways
    return float(min(1.0, 2 * tail / 2**total))


def _fisher(part: int, whole: int, part_before: int, whole_before: int) -> float:
    """The probability of every table no likelier than this one, its sums given."""
    parts, wholes = part + part_before, whole + whole_before
    low, high = max(0, parts - whole_before), min(parts, whole)

    def likelihood(count: int) -> float:
        return exp(_log_choose(whole, count) + _log_choose(whole_before, parts - count) - _log_choose(wholes, parts))

    limit = likelihood(part) * (1 + 1e-7)
    return min(1.0, sum(chance for count in range(low, high + 1) if (chance := likelihood(count)) <= limit))


def _log_choose(whole: int, part: int) -> float:
    return lgamma(whole + 1) - lgamma(part + 1) - lgamma(whole - part + 1)


def _mann_whitney(now: Sequence[float], before: Sequence[float]) -> tuple[float, float]:
    """(which side is larger, the chance), by the normal curve, ties sharing their ranks."""
    n, m = len(now), len(before)
    ranks, ties = _rank_sum(now, before)
    above = ranks - n * (n + 1) / 2 - n * m / 2
    variance = n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
    if variance <= 0:
        return 0.0, 1.0
    return above, _two_sided(max(0.0, abs(above) - 0.5) / sqrt(variance))


def _rank_sum(now: Sequence[float], before: Sequence[float]) -> tuple[float, int]:
    """The ranks of the first sample added up, and the correction for ties."""
    n, others = len(now), sorted(before)
    above = sum(bisect_left(others, value) + bisect_right(others, value) for value in now) / 2  # an equal one is half below
    ties = sum(alike**3 - alike for alike in Counter(chain(now, before)).values())
    return above + n * (n + 1) / 2, ties


def _two_sided(deviations: float) -> float:
    return erfc(abs(deviations) / sqrt(2))
