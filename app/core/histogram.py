"""Durations counted in buckets whose bounds grow by √2: sums of histograms give honest percentiles of any span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from math import sqrt
from typing import Self

BUCKETS = 64  # the last reaches beyond two weeks
LANE = 40  # bits a bucket has in the packed number: a million million records
_BYTES = LANE // 8


def bucket_of(milliseconds: int) -> int:
    """Which bucket a duration falls into: bucket n holds durations from √2ⁿ to below √2ⁿ⁺¹ ms, and bucket 0 what is shorter."""
    return min((milliseconds * milliseconds).bit_length() - 1, BUCKETS - 1) if milliseconds > 0 else 0


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of durations. Two of them add up by adding their packed numbers.

    Several histograms may share a number, their buckets taking turns: then this is the one at `place` of `turns`.
    """

    packed: int = 0
    turns: int = 1
    place: int = 0

    @classmethod
    def of_counts(cls, counts: Iterable[int]) -> Self:
        """From the counts of the buckets, the first first."""
        return cls(sum(count << (LANE * bucket) for bucket, count in enumerate(counts)))

    def __add__(self, other: Histogram) -> Histogram:
        if not other.packed:
            return self
        if not self.packed or (self.turns, self.place) == (other.turns, other.place):
            return Histogram(self.packed + other.packed, other.turns, other.place)
        return Histogram.of_counts(map(sum, zip_longest(self.counts, other.counts, fillvalue=0)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Histogram) and self.counts == other.counts

    def __hash__(self) -> int:
        return hash(self.counts)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many durations each bucket holds, without the empty buckets at the end."""
        lanes = self.packed.to_bytes(-(-self.packed.bit_length() // 8), "little")
        starts = range(_BYTES * self.place, len(lanes), _BYTES * self.turns)
        counts = [int.from_bytes(lanes[start : start + _BYTES], "little") for start in starts]
        while counts and not counts[-1]:
            counts.pop()
        return tuple(counts)

    @property
    def total(self) -> int:
        """How many durations were counted."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """The duration in milliseconds below which `share` (0 to 1) of all lie; None without any."""
        counts = self.counts
        rank, passed = share * sum(counts), 0
        for bucket, count in enumerate(counts):
            if count and passed + count >= rank:
                return _inside(counts, bucket, (rank - passed) / count)
            passed += count
        return None


NOTHING = Histogram()


def _inside(counts: tuple[int, ...], bucket: int, part: float) -> float:
    """Where in the bucket: durations lie denser towards the fuller neighbour."""
    low, high = (sqrt(2) ** bucket if bucket else 0.0), sqrt(2) ** (bucket + 1)
    return low + (high - low) * _bent(part, *_densities(counts, bucket))


def _densities(counts: tuple[int, ...], bucket: int) -> tuple[float, float]:
    """How dense durations lie at both ends of the bucket, judged by its neighbours."""
    before = counts[bucket - 1] * sqrt(2) if bucket else 0
    after = counts[bucket + 1] / sqrt(2) if bucket + 1 < len(counts) else 0
    return (counts[bucket] + before) / 2, (counts[bucket] + after) / 2


def _bent(part: float, left: float, right: float) -> float:
    """Invert the share passed when density changes evenly from `left` to `right` over the bucket."""
    area, slope = part * (left + right) / 2, right - left
    if abs(slope) < 1e-9 * (left + right):
        return part
    return (sqrt(left * left + 2 * slope * area) - left) / slope
