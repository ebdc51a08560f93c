"""What is asked × articles → ranked articles, each with why: the cause first, then client and model, then the words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.diagnosis import UNKNOWN, Diagnosis

CAUSE_WEIGHT = 1.6
SECOND_CAUSE = 0.85  # an article's later causes are answered too, but the one it was written for comes first
LEAST_CONFIDENCE = 0.15
TEXT_WEIGHT = 1.0
CLIENT_WEIGHT = 0.12
MODEL_WEIGHT = 0.12
USEFUL_SCORE = 0.05
ASIDE = 0.7  # what the words of a page that answers no cause count when somebody asks about a failure


class Why(StrEnum):
    """The kinds of reason a suggestion can have."""

    CAUSE = "cause"
    CLIENT = "client"
    MODEL = "model"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason and what it speaks about: a cause id, a client id, a model family, or the words met."""

    why: Why
    about: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody needs an answer for. causes: id → confidence; failing: a status or an error is spoken of."""

    language: str
    causes: Mapping[str, float] = field(default_factory=dict)
    client: str | None = None
    model_family: str | None = None
    failing: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article that may answer. text: 0..1, how well its words do; words: those it was found by."""

    article_id: int
    slug: str
    language: str
    title: str
    summary: str
    causes: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    text: float = 0.0
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A ranked article with the reasons it is shown."""

    article: Candidate
    score: float
    reasons: tuple[Reason, ...]


def rank_articles(asked: Asked, candidates: Iterable[Candidate], limit: int = 10) -> tuple[Suggestion, ...]:
    """The best answers, best first; one article in one language only, in the asker's where there is one."""
    ranked = sorted((_suggest(asked, candidate) for candidate in candidates), key=lambda found: (-found.score, found.article.slug))
    useful = [found for found in ranked if found.score >= USEFUL_SCORE]
    own = {found.article.slug for found in useful if found.article.language == asked.language}
    fitting = [found for found in useful if found.article.language == asked.language or found.article.slug not in own]
    return tuple(fitting[:limit])


def likely_causes(diagnosis: Diagnosis) -> dict[str, float]:
    """The causes worth suggesting for, with their confidence."""
    return {score.cause: score.confidence for score in diagnosis.causes if score.cause != UNKNOWN and score.confidence >= LEAST_CONFIDENCE}


def _suggest(asked: Asked, candidate: Candidate) -> Suggestion:
    """Add up what speaks for one article."""
    parts: list[tuple[float, Reason]] = []
    cause, confidence = _best_cause(asked, candidate)
    if cause:
        parts.append((CAUSE_WEIGHT * confidence, Reason(Why.CAUSE, cause)))
    if asked.client and asked.client in candidate.clients:
        parts.append((CLIENT_WEIGHT, Reason(Why.CLIENT, asked.client)))
    if asked.model_family and asked.model_family in candidate.models:
        parts.append((MODEL_WEIGHT, Reason(Why.MODEL, asked.model_family)))
    if candidate.text > 0:
        weight = TEXT_WEIGHT * (ASIDE if asked.failing and not candidate.causes else 1.0)
        parts.append((weight * candidate.text, Reason(Why.TEXT, ", ".join(candidate.words))))
    return Suggestion(candidate, round(sum(weight for weight, _ in parts), 4), tuple(reason for _, reason in parts))


def _best_cause(asked: Asked, candidate: Candidate) -> tuple[str | None, float]:
    """The asked cause this article answers best, and how much that counts."""
    answered = (
        (asked.causes[cause] * (1.0 if place == 0 else SECOND_CAUSE), cause)
        for place, cause in enumerate(candidate.causes)
        if cause in asked.causes
    )
    confidence, cause = max(answered, default=(0.0, None))
    return cause, confidence
