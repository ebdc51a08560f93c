"""Add up the signals of every cause and turn the sums into calibrated confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from app.core.causes import CauseBook
from app.core.diagnosis.log_facts import likely_match, log_facts, record_evidence
from app.core.diagnosis.reading import read_report
from app.core.diagnosis.verdict import UNKNOWN, CauseScore
from app.core.evidence import Evidence
from app.core.log_context import LogContext
from app.core.signals import CauseSignal, SignalRule, exact_token

SHOWN = 6
SAYS_LITTLE = 0.7  # log-odds; a reason up to here does not name a cause by itself


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best causes with their reasons; the numbers of all causes, best first; their odds in book order; the statuses told or shown."""

    scores: tuple[CauseScore, ...]
    order: tuple[int, ...]
    odds: tuple[float, ...]
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """What speaks for and against each cause, and the statuses told or shown."""

    reasons: dict[str, list[CauseSignal]]
    statuses: tuple[int, ...]
    status_weights: Sequence[float]


def ranked(evidence: Evidence, causes: CauseBook, context: LogContext) -> Ranking:
    """Rank every cause by its sum of signals; `unknown` comes first when none stands out."""
    tally = _tally(evidence, causes, context)
    sums = [prior + weight for prior, weight in zip(causes.priors, tally.status_weights, strict=True)]
    for cause_id, reasons in tally.reasons.items():
        sums[causes.numbers[cause_id]] += sum([reason.weight for reason in reasons])
    odds = _confidences(sums, causes)
    order = _order(odds, sums, tally, causes)
    return Ranking(
        tuple(_score(number, sums[number], odds[number], tally, causes) for number in order[:SHOWN]), order, odds, tally.statuses
    )


def _tally(evidence: Evidence, causes: CauseBook, context: LogContext) -> Tally:
    """Collect the signals of the report, then those that only the matched log row gives."""
    reading = read_report(evidence, causes)
    facts = {exact_token("fact", fact) for fact in log_facts(evidence, context)}
    reading.tokens.update(facts)
    held = causes.index.that_hold(reading.tokens, reading.text)
    reasons: dict[str, list[CauseSignal]] = {}
    for rule in held:
        reasons.setdefault(rule.cause, []).append(rule.reason)
    statuses = reading.statuses
    if likely_match(context):
        statuses = _add_log_row(context, causes, facts, {rule.id for rule in held}, reasons) or statuses
    return Tally(reasons, statuses, _status_weights(statuses, causes))


def _add_log_row(
    context: LogContext, causes: CauseBook, facts: set[str], known: set[str], reasons: dict[str, list[CauseSignal]]
) -> tuple[int, ...]:
    """Add the log row's own signals, weighed by how sure the match is; give the row's statuses.

    A signal that the report already gave counts once. The row's status replaces the report's when it is an error:
    the gateway knows what it answered.
    """
    match = likely_match(context)
    if match is None:
        return ()
    row = read_report(record_evidence(match.record), causes, match.record.error_code)
    share = match.probability * causes.calibration.log_weight
    for rule in causes.index.that_hold(row.tokens | facts, row.text):
        if rule.id not in known and rule.cause != UNKNOWN:
            reasons.setdefault(rule.cause, []).append(CauseSignal(rule.id, rule.weight * share, _from_log(rule, causes)))
    return row.statuses


def _from_log(rule: SignalRule, causes: CauseBook) -> dict[str, str]:
    """Say that a sentence rests on the log row."""
    return {language: frame.format(sentence=rule.sentence[language]) for language, frame in causes.phrases["from_log"].items()}


def _status_weights(statuses: tuple[int, ...], causes: CauseBook) -> Sequence[float]:
    """Say per cause how well the statuses fit it: the best of those told and shown, nothing when none is known."""
    if not statuses:
        return (0.0,) * len(causes)
    tables = [causes.status_weights(status) for status in statuses]
    return tables[0] if len(tables) == 1 else [max(weights) for weights in zip(*tables, strict=True)]


def _confidences(sums: Sequence[float], causes: CauseBook) -> tuple[float, ...]:
    """Turn sums into shares of certainty, softened by the temperature and held below the ceiling."""
    temperature, ceiling = causes.calibration.temperature, causes.calibration.ceiling
    best = max(sums)
    weights = [exp((value - best) / temperature) for value in sums]
    total = sum(weights)
    return tuple([share if (share := weight / total) < ceiling else ceiling for weight in weights])


def _order(odds: Sequence[float], sums: Sequence[float], tally: Tally, causes: CauseBook) -> tuple[int, ...]:
    """Order cause numbers, best first; `unknown` moves to the front when nothing speaks for the best guess."""
    order = sorted(range(len(sums)), key=sums.__getitem__, reverse=True)
    unknown = causes.numbers.get(UNKNOWN)
    best = order[0]
    silent = not tally.statuses and not any(reason.weight > SAYS_LITTLE for reason in tally.reasons.get(causes.everyone[best].id, ()))
    if unknown is not None and (silent or odds[best] < causes.calibration.unknown_below):
        order.remove(unknown)
        order.insert(0, unknown)
    return tuple(order)


def _score(number: int, total: float, confidence: float, tally: Tally, causes: CauseBook) -> CauseScore:
    """Give a cause with every reason, the heaviest first; the weights add up to the score."""
    cause = causes.everyone[number]
    reasons = list(tally.reasons.get(cause.id, ()))
    if tally.status_weights[number]:
        reasons.append(causes.status_reason(number, tally.statuses))
    reasons.sort(key=_heaviest_first)
    reasons.append(causes.prior_reasons[number])
    return CauseScore(cause.id, confidence, total, tuple(reasons))


def _heaviest_first(reason: CauseSignal) -> float:
    """Order reasons by how much they say."""
    return -abs(reason.weight)
