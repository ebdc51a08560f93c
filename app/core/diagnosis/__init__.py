"""Evidence (and what the log says) × causes → ranked causes with confidence, reasons and the next question."""

from __future__ import annotations

from app.core.causes import CauseBook
from app.core.diagnosis.asking import completeness, fields_to_ask, missing_fields
from app.core.diagnosis.ranking import ranked
from app.core.diagnosis.verdict import UNKNOWN, CauseScore, Diagnosis
from app.core.evidence import Evidence
from app.core.log_context import LogContext
from app.core.signals import CauseSignal

__all__ = ["UNKNOWN", "CauseScore", "CauseSignal", "Diagnosis", "diagnose"]


def diagnose(evidence: Evidence, causes: CauseBook, context: LogContext = LogContext()) -> Diagnosis:  # noqa: B008 - an immutable value
    """Rank the causes of the failure the evidence describes."""
    if not len(causes):
        return Diagnosis((CauseScore(UNKNOWN, 0.0, 0.0, ()),), (), (), 0.0)
    ranking = ranked(evidence, causes, context)
    top = causes[ranking.scores[0].cause]
    return Diagnosis(
        causes=ranking.scores,
        ask=fields_to_ask(evidence, causes, ranking, top),
        missing=missing_fields(evidence, top),
        completeness=completeness(evidence, top),
    )
