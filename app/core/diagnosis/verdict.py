"""What a diagnosis is made of: causes, how sure, why, and what to ask next."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.signals import CauseSignal

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CauseScore:
    """A cause, how sure we are (0..1, calibrated), and every reason for and against; score is the sum of their weights."""

    cause: str
    confidence: float
    score: float
    signals: tuple[CauseSignal, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Ranked causes, best first; `unknown` first when the evidence does not decide.

    ask: evidence fields still missing that would most reduce the doubt, best first.
    completeness: share (0..1) of the top cause's required fields that are present or answered "unknown".
    """

    causes: tuple[CauseScore, ...]
    ask: tuple[str, ...]
    missing: tuple[str, ...]
    completeness: float

    @property
    def top(self) -> CauseScore:
        """The best cause (possibly `unknown`)."""
        return self.causes[0]
