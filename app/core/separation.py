"""Which two of the likely causes a question would tell apart: the reason for asking it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from app.core.causes import Cause, CauseBook
from app.core.diagnosis.verdict import UNKNOWN, CauseScore

CONSIDERED = 6


def told_apart(field: str, scores: Sequence[CauseScore], book: CauseBook) -> tuple[Cause, Cause] | None:
    """Find the two likeliest causes whose answers to this question differ; None when it tells none apart."""
    answers = book.answers.get(field)
    if answers is None:
        return None
    likely = [score.cause for score in scores[:CONSIDERED] if score.cause != UNKNOWN and score.cause in book]
    pairs = sorted(combinations(range(len(likely)), 2), key=lambda pair: (sum(pair), pair))
    told = [answers[book.numbers[cause]] for cause in likely]
    apart = ((book[likely[one]], book[likely[other]]) for one, other in pairs if told[one] != told[other])
    return next(apart, None)
