"""Which missing fact would most reduce the doubt, and how complete the evidence is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from math import log2

from app.core.causes import Cause, CauseBook
from app.core.diagnosis.ranking import Ranking
from app.core.evidence import Evidence

SURE = 0.9
ASKED_AT_MOST = 4
CONSIDERED = 8
WORTH_ASKING = 0.04  # bits
REQUIRED_BONUS = 1.15  # a field the likely cause needs anyway is the better question
ABSENT = (None, "")


def missing_fields(evidence: Evidence, cause: Cause) -> tuple[str, ...]:
    """List the cause's required fields that the report lacks and that were not answered with "I don't know"."""
    return tuple(name for name in cause.required if not _present(evidence, name) and name not in evidence.unknown)


def completeness(evidence: Evidence, cause: Cause) -> float:
    """Give the share of the cause's required fields that are present or were answered with "I don't know"."""
    return 1.0 - len(missing_fields(evidence, cause)) / len(cause.required) if cause.required else 1.0


def fields_to_ask(evidence: Evidence, causes: CauseBook, ranking: Ranking, top: Cause) -> tuple[str, ...]:
    """Order missing fields by expected information gain; when the cause is clear, name what it still needs to be solved."""
    if ranking.scores[0].confidence >= SURE:
        return missing_fields(evidence, top)[:ASKED_AT_MOST]
    likely = ranking.order[:CONSIDERED]
    total = sum(ranking.odds[number] for number in likely)
    shares = [(number, ranking.odds[number] / total) for number in likely]
    gains = {
        name: _gain(question.sure, causes.answers[name], shares) * (REQUIRED_BONUS if name in top.required else 1.0)
        for name, question in causes.questions.items()
        if not _present(evidence, name) and name not in evidence.unknown and not (name == "status_code" and ranking.statuses)
    }
    worth = sorted((name for name, gain in gains.items() if gain >= WORTH_ASKING), key=lambda name: (-gains[name], name))
    return tuple(worth[:ASKED_AT_MOST]) or missing_fields(evidence, top)[:ASKED_AT_MOST]


def _gain(sure: float, answers: Sequence[Hashable], shares: Sequence[tuple[int, float]]) -> float:
    """Give the bits that an answer is expected to tell about the cause.

    An answer falls into the true cause's group with probability `sure` and else into any other group alike. So its
    noise does not depend on the cause, and the gain is the entropy of the answer less the entropy of that noise.
    """
    groups: dict[Hashable, float] = {}
    for number, share in shares:
        answer = answers[number]
        groups[answer] = groups.get(answer, 0.0) + share
    others = len(groups) - 1
    if not others:
        return 0.0
    stray, noise = _noise(sure, others)
    heard = [sure * share + stray * (1.0 - share) for share in groups.values()]
    return sum([-share * log2(share) for share in heard if share > 0]) - noise


@lru_cache(256)
def _noise(sure: float, others: int) -> tuple[float, float]:
    """Give the probability of each wrong group, and the entropy of an answer whose true group is known."""
    stray = (1.0 - sure) / others
    return stray, _bits(sure) + others * _bits(stray)


def _bits(share: float) -> float:
    """Give one outcome's part of an entropy."""
    return -share * log2(share) if share > 0 else 0.0


def _present(evidence: Evidence, name: str) -> bool:
    """Tell whether the report holds this field."""
    if name == "key":
        return bool(evidence.key.last4 or evidence.key.fingerprint)
    return getattr(evidence, name, None) not in ABSENT
