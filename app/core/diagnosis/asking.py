"""Which missing fact would most reduce the doubt, and how complete the evidence is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

from app.core.causes import Cause, CauseBook
from app.core.evidence import Evidence
from app.core.questions import OTHER_GROUP, Question

SURE = 0.9
ASKED_AT_MOST = 4
CONSIDERED = 8
WORTH_ASKING = 0.04  # bits


def missing_fields(evidence: Evidence, cause: Cause) -> tuple[str, ...]:
    """The cause's required fields that the report lacks and that were not answered with "I don't know"."""
    return tuple(name for name in cause.required if not _present(evidence, name) and name not in evidence.unknown)


def completeness(evidence: Evidence, cause: Cause) -> float:
    """The share of the cause's required fields that are present or were answered with "I don't know"."""
    return 1.0 - len(missing_fields(evidence, cause)) / len(cause.required) if cause.required else 1.0


def fields_to_ask(evidence: Evidence, causes: CauseBook, odds: Sequence[float], top: Cause) -> tuple[str, ...]:
    """Missing fields by expected information gain; when the cause is clear, only what it still needs to be solved."""
    if max(odds) >= SURE:
        return missing_fields(evidence, top)[:ASKED_AT_MOST]
    everyone = tuple(causes)
    likely = sorted(range(len(odds)), key=lambda number: -odds[number])[:CONSIDERED]
    shares = [(everyone[number], odds[number]) for number in likely]
    gains = {
        name: _gain(question, shares)
        for name, question in causes.questions.items()
        if not _present(evidence, name) and name not in evidence.unknown
    }
    required = set(top.required)
    worth = sorted(
        (name for name, gain in gains.items() if gain >= WORTH_ASKING),
        key=lambda name: (-gains[name] * (1.15 if name in required else 1.0), name),
    )
    return tuple(worth[:ASKED_AT_MOST]) or missing_fields(evidence, top)[:ASKED_AT_MOST]


def _gain(question: Question, shares: Sequence[tuple[Cause, float]]) -> float:
    """Expected reduction of entropy (bits): an answer points to the true cause's group with the question's reliability."""
    groups: dict[object, list[float]] = {}
    for cause, share in shares:
        groups.setdefault(_group(question, cause), []).append(share)
    if len(groups) < 2:  # noqa: PLR2004 - every cause would give the same answer
        return 0.0
    total = sum(share for _, share in shares)
    stray = (1.0 - question.sure) / (len(groups) - 1)
    after = sum(_entropy_after(groups, answer, question.sure, stray, total) for answer in groups)
    return _entropy([share / total for _, share in shares]) - after


def _entropy_after(groups: Mapping[object, list[float]], answer: object, sure: float, stray: float, total: float) -> float:
    """The entropy left when the answer is `answer`, weighed by how likely that answer is."""
    joint = [share / total * (sure if group == answer else stray) for group, members in groups.items() for share in members]
    likelihood = sum(joint)
    return likelihood * _entropy([value / likelihood for value in joint]) if likelihood else 0.0


def _entropy(shares: Sequence[float]) -> float:
    """Entropy of a distribution, in bits."""
    return -sum(share * log2(share) for share in shares if share > 0)


def _group(question: Question, cause: Cause) -> object:
    """The group of causes that would give the same answer as this one."""
    if question.by == "cause":
        return cause.id
    if question.by == "status":
        return (
            max(cause.statuses, key=lambda status: cause.statuses[status], default=0)
            if max(cause.statuses.values(), default=0.0) > 0
            else 0
        )
    return question.group_of.get(cause.id, OTHER_GROUP)


def _present(evidence: Evidence, name: str) -> bool:
    """Whether the report holds this field."""
    if name == "key":
        return bool(evidence.key.last4 or evidence.key.fingerprint)
    return getattr(evidence, name, None) not in {None, ""}
