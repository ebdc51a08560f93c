"""Many durations whose median is wanted exactly: kept in sorted runs, as they come out of their slots of time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waits:
    """Many durations in microseconds, in sorted runs."""

    runs: Sequence[Sequence[int]] = ()

    @classmethod
    def of(cls, values: Iterable[int]) -> Waits:
        """From durations in any order."""
        return cls((sorted(values),))

    def __len__(self) -> int:
        return sum(map(len, self.runs))

    def __iter__(self) -> Iterator[int]:
        return (value for run in self.runs for value in run)

    def median(self) -> float | None:
        """The one in the middle, or the mean of the two; found without putting all in order."""
        many = len(self)
        if not many:
            return None
        low = self._at((many - 1) // 2)
        return float(low) if many % 2 else (low + self._at(many // 2)) / 2

    def _at(self, rank: int) -> int:
        """The value with `rank` values before it in order: the least that more than `rank` are not above."""
        low = min(run[0] for run in self.runs if run)
        high = max(run[-1] for run in self.runs if run)
        while low < high:
            middle = (low + high) // 2
            if sum(bisect_right(run, middle) for run in self.runs) > rank:
                high = middle
            else:
                low = middle + 1
        return low


NO_WAITS = Waits()
