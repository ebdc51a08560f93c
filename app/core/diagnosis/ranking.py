"""Add up the signals of every cause and turn the sums into calibrated confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from app.core.causes import Cause, CauseBook
from app.core.diagnosis.log_facts import likely_match, log_facts, record_evidence
from app.core.diagnosis.reading import Reading, read_report
from app.core.diagnosis.verdict import UNKNOWN, CauseScore, CauseSignal
from app.core.evidence import Evidence
from app.core.log_context import LogContext
from app.core.signals import SignalRule, exact_token

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best causes with their reasons, and the odds of all causes in book order."""

    scores: tuple[CauseScore, ...]
    odds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """A signal that holds, with the weight it counts with."""

    rule: SignalRule
    weight: float
    from_log: bool = False


def ranked(evidence: Evidence, causes: CauseBook, context: LogContext) -> Ranking:
    """Every cause's sum of signals, best first, `unknown` first when none stands out."""
    reading = read_report(evidence, causes)
    facts = [exact_token("fact", fact) for fact in log_facts(evidence, context)]
    reading.tokens.update(facts)
    counted = [Counted(rule, rule.weight) for rule in causes.index.that_hold(reading.tokens, reading.text)]
    counted += _from_log(context, causes, {item.rule.id for item in counted})
    status_weights = _status_weights(reading, causes)
    sums = [prior + weight for prior, weight in zip(causes.priors, status_weights, strict=True)]
    for item in counted:
        sums[causes.numbers[item.rule.cause]] += item.weight
    odds = _confidences(sums, causes)
    order = _order(odds, sums, causes)
    return Ranking(
        tuple(_score(number, sums[number], odds[number], counted, reading, status_weights, causes) for number in order[:SHOWN]), tuple(odds)
    )


def _from_log(context: LogContext, causes: CauseBook, known: set[str]) -> list[Counted]:
    """The signals of the matched log row, weighed by how sure the match is; those the report already gave count once."""
    match = likely_match(context)
    if match is None:
        return []
    row = read_report(record_evidence(match.record), causes)
    share = match.probability * causes.calibration.log_weight
    return [
        Counted(rule, rule.weight * share, from_log=True)
        for rule in causes.index.that_hold(row.tokens, row.text)
        if rule.id not in known and rule.cause != UNKNOWN
    ]


def _status_weights(reading: Reading, causes: CauseBook) -> list[float]:
    """Per cause how well the statuses fit it: the best of those told and shown, nothing when none is known."""
    if not reading.statuses:
        return [0.0] * len(causes)
    other = causes.calibration.other_status
    return [0.0 if cause.id == UNKNOWN else max(cause.statuses.get(status, other) for status in reading.statuses) for cause in causes]


def _confidences(sums: Sequence[float], causes: CauseBook) -> list[float]:
    """Softmax over the sums, softened by the temperature and held below the ceiling."""
    temperature, ceiling = causes.calibration.temperature, causes.calibration.ceiling
    best = max(sums)
    weights = [exp((value - best) / temperature) for value in sums]
    total = sum(weights)
    return [min(weight / total, ceiling) for weight in weights]


def _order(odds: Sequence[float], sums: Sequence[float], causes: CauseBook) -> list[int]:
    """Cause numbers, best first; `unknown` moves to the front when the best guess is too weak to name."""
    order = sorted(range(len(odds)), key=lambda number: (-sums[number], number))
    unknown = causes.numbers.get(UNKNOWN)
    if unknown is not None and odds[order[0]] < causes.calibration.unknown_below:
        order.remove(unknown)
        order.insert(0, unknown)
    return order


def _score(
    number: int,
    total: float,
    confidence: float,
    counted: Sequence[Counted],
    reading: Reading,
    status_weights: Sequence[float],
    causes: CauseBook,
) -> CauseScore:
    """A cause with every reason, the heaviest first; the weights add up to the score."""
    cause = tuple(causes.causes.values())[number]
    reasons = [CauseSignal(item.rule.id, item.weight, _sentence(item, causes)) for item in counted if item.rule.cause == cause.id]
    if status_weights[number]:
        reasons.append(_status_reason(cause, status_weights[number], reading, causes))
    reasons.sort(key=lambda reason: -abs(reason.weight))
    reasons.append(CauseSignal(f"{cause.id}.prior", causes.priors[number], dict(causes.phrases["prior"])))
    return CauseScore(cause.id, confidence, total, tuple(reasons))


def _sentence(item: Counted, causes: CauseBook) -> dict[str, str]:
    """The signal's sentence; one that rests on the log row says so."""
    if not item.from_log:
        return item.rule.sentence
    return {language: frame.format(sentence=item.rule.sentence[language]) for language, frame in causes.phrases["from_log"].items()}


def _status_reason(cause: Cause, weight: float, reading: Reading, causes: CauseBook) -> CauseSignal:
    """The reason that the status gives."""
    status = max(reading.statuses, key=lambda value: cause.statuses.get(value, causes.calibration.other_status))
    frames = causes.phrases["status_fits" if weight > 0 else "status_unusual"]
    return CauseSignal(f"{cause.id}.status-{status}", weight, {language: frame.format(status=status) for language, frame in frames.items()})
