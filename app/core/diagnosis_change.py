"""What changed between two diagnoses of the same ticket, as they were stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_FEW = 3
NOTICEABLE = 0.01

StoredCauses = Sequence[Mapping[str, Any]]  # [{cause, confidence, signals: [{id, weight, …}]}]


@dataclass(frozen=True, slots=True)
class CauseShift:
    """How sure the desk was of a cause before and is now; None: it was not among those kept."""

    cause: str
    before: float | None
    after: float | None

    @property
    def moved(self) -> bool:
        """Whether it is worth pointing out."""
        return abs((self.after or 0.0) - (self.before or 0.0)) >= NOTICEABLE


@dataclass(frozen=True, slots=True)
class DiagnosisChange:
    """Old and new, side by side. gained and lost: ids of the signals that count now and did not, and the reverse."""

    shifts: tuple[CauseShift, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    top_before: str
    top_after: str

    @property
    def same(self) -> bool:
        """Whether nothing worth pointing out changed."""
        return not (self.gained or self.lost or any(shift.moved for shift in self.shifts))


def compare(before: StoredCauses, after: StoredCauses) -> DiagnosisChange:
    """Compare the first few causes of each, and the signals of all that were kept."""
    old, new = _confidences(before), _confidences(after)
    named = dict.fromkeys((*tuple(new)[:FIRST_FEW], *tuple(old)[:FIRST_FEW]))
    signals_before, signals_after = _signals(before), _signals(after)
    return DiagnosisChange(
        shifts=tuple(CauseShift(cause, old.get(cause), new.get(cause)) for cause in named),
        gained=tuple(sorted(signals_after - signals_before)),
        lost=tuple(sorted(signals_before - signals_after)),
        top_before=next(iter(old), ""),
        top_after=next(iter(new), ""),
    )


def _confidences(causes: StoredCauses) -> dict[str, float]:
    """Give causes and confidence, best first."""
    return {line["cause"]: line["confidence"] for line in causes}


def _signals(causes: StoredCauses) -> set[str]:
    """Name the signals that spoke."""
    return {signal["id"] for line in causes for signal in line["signals"]}
