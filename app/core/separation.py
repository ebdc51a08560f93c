"""Which two of the likely causes a question would tell apart: the reason for asking it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from app.core.causes import Cause, CauseBook
from app.core.diagnosis.verdict import UNKNOWN, CauseScore
from app.core.questions import OTHER_GROUP, Question

CONSIDERED = 6


def told_apart(field: str, scores: Sequence[CauseScore], book: CauseBook) -> tuple[Cause, Cause] | None:
    """Find the two likeliest causes whose answers to this question differ; None when it tells none apart."""
    question = book.questions.get(field)
    causes = [book[score.cause] for score in scores[:CONSIDERED] if score.cause != UNKNOWN and score.cause in book]
    if question is None:
        return None
    pairs = sorted(combinations(range(len(causes)), 2), key=lambda pair: (sum(pair), pair))
    apart = ((causes[one], causes[other]) for one, other in pairs if _answer(question, causes[one]) != _answer(question, causes[other]))
    return next(apart, None)


def _answer(question: Question, cause: Cause) -> object:
    """Name the group of causes that would be answered alike."""
    if question.by == "cause":
        return cause.id
    return cause.usual_status if question.by == "status" else question.group_of.get(cause.id, OTHER_GROUP)
