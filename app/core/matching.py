"""Evidence × candidate records → ranked matches with probability and plain reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.log_context import Ranking
from app.core.model_names import ModelNames
from app.core.record import RedactedRecord


class MatchWeights:
    """Per field the weight of agreement and disagreement, and its sentence by language; app/rules/matching.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data


def rank(evidence: Evidence, records: Sequence[RedactedRecord], weights: MatchWeights, clients: ClientBook, model_names: ModelNames) -> Ranking:
    """Score each candidate; the best few with calibrated probabilities, and the probability of none."""
    return Ranking((), 1.0)
