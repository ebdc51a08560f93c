"""Rank candidates by how much likelier they are the ticket's record than a record picked at random."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.log_context import Match, MatchSignal, Ranking
from app.core.matching.background import NO_BACKGROUND, Background
from app.core.matching.comparison import Comparer, Comparison
from app.core.matching.time_fit import StatedTime, TimeFit, stated_time
from app.core.matching.weighing import Weighing
from app.core.matching.weights import MatchWeights
from app.core.model_names import ModelNames
from app.core.record import RedactedRecord

LONGEST_LIST = 10


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A record, how it compares, and its score.

    attempts: how many candidates are attempts of its action, and `retried` what the others add to its score.
    stands_for: of how many records it is a sample.
    """

    record: RedactedRecord
    comparison: Comparison
    time: TimeFit | None
    score: float
    attempts: int = 1
    retried: float = 0.0
    stands_for: float = 1.0


def rank(
    evidence: Evidence,
    records: Sequence[RedactedRecord],
    weights: MatchWeights,
    clients: ClientBook,
    model_names: ModelNames,
    *,
    widen: int = 1,
    capped: bool = False,
    background: Background = NO_BACKGROUND,
) -> Ranking:
    """Score each candidate; the best few with calibrated probabilities, and the probability that it is none of those found."""
    stated = stated_time(evidence, weights.time, widen)
    comparer = Comparer(evidence, weights, clients, model_names)
    records = sorted(records, key=lambda record: (record.started_at, record.record_id))  # the order of asking decides nothing
    compared = [(record, comparer.compare(record), stands_for) for record, stands_for in _weighted(records, background, stated)]
    near = {record.action_id: (comparison, stands_for) for record, comparison, stands_for in compared if _is_near(record, stated)}
    weighing = Weighing(list(near.values()), weights)
    actions = _best_attempts(_candidate(*each, stated, weighing) for each in compared)
    chances, none = _probabilities(actions, weighing.population, weights)
    listed = [(action, chance) for action, chance in zip(actions[:LONGEST_LIST], chances, strict=False) if chance >= weights.listed_from]
    matches = tuple(_match(action, chance, weighing, weights, capped=capped) for action, chance in listed)
    return Ranking(matches, none, len(records), capped)


def _weighted(
    records: Sequence[RedactedRecord], background: Background, stated: StatedTime | None
) -> Iterable[tuple[RedactedRecord, float]]:
    """The records taken, each for itself, and those of the background, each for many that were left out."""
    taken = {record.record_id for record in records}
    left_out = [record for record in background.records if record.record_id not in taken]
    in_hand = sum(_is_near(record, stated) for record in records)
    stands_for = max((background.total - in_hand) / len(left_out), 1.0) if left_out else 1.0
    return [*((record, 1.0) for record in records), *((record, stands_for) for record in left_out)]


def _is_near(record: RedactedRecord, stated: StatedTime | None) -> bool:
    """Whether the record is in the window proper, not brought in by an id, a key or another zone."""
    return stated is None or abs(stated.offset(record.started_at)) <= stated.half_window


def _candidate(
    record: RedactedRecord, comparison: Comparison, stands_for: float, stated: StatedTime | None, weighing: Weighing
) -> _Candidate:
    """Add what the time weighs to what the fields weigh."""
    time = stated.fit(record.started_at, record.latency_ms or 0) if stated else None
    score = weighing.total(comparison) + (time.bits if time else 0.0)
    return _Candidate(record, comparison, time, score, stands_for=stands_for)


def _best_attempts(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """One candidate per action, its best attempt, best action first."""
    actions: defaultdict[str, list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        actions[candidate.record.action_id].append(candidate)
    best = [_best_attempt(attempts) for attempts in actions.values()]
    return sorted(best, key=lambda candidate: (-candidate.score, candidate.record.started_at, candidate.record.record_id))


def _best_attempt(attempts: Sequence[_Candidate]) -> _Candidate:
    """The likeliest attempt, the first of equals, as likely as all of them together: the report may be of any."""
    if len(attempts) == 1:
        return attempts[0]
    best = min(attempts, key=lambda candidate: (-candidate.score, candidate.record.attempt, candidate.record.record_id))
    stands_for = min(each.stands_for for each in attempts)
    retried = math.log2(sum(2 ** (each.score - best.score) for each in attempts))
    count = max(len(attempts), best.record.attempt)
    return replace(best, score=best.score + retried, attempts=count, retried=retried, stands_for=stands_for)


def _probabilities(actions: Sequence[_Candidate], population: float, weights: MatchWeights) -> tuple[list[float], float]:
    """Each candidate's chance of being the one, and that none is: no line, or one that was left out. They make 1."""
    none_bits = math.log2(population) + math.log2(weights.none / (1 - weights.none))
    bits = [weights.sharpness * score for score in (*(action.score for action in actions), none_bits)]
    highest = max(bits)
    *shares, none = [2 ** (value - highest) for value in bits]
    left_out = sum((action.stands_for - 1) * share for action, share in zip(actions, shares, strict=True))
    total = sum(shares) + none + left_out
    return [share / total for share in shares], (none + left_out) / total


def _match(candidate: _Candidate, chance: float, weighing: Weighing, weights: MatchWeights, *, capped: bool) -> Match:
    """A match whose score is the sum of its signals; a search that left out records as good is said with it."""
    signals = (*_signals(candidate, weighing, weights), *([MatchSignal("search.capped", 0.0)] if capped else []))
    return Match(candidate.record, chance, sum(signal.weight for signal in signals), signals)


def _signals(candidate: _Candidate, weighing: Weighing, weights: MatchWeights) -> tuple[MatchSignal, ...]:
    """The reasons for and against, in the order of the file."""
    bits = weighing.bits(candidate.comparison)
    signals = [MatchSignal(f"{field}.{level.name}", bits[field], dict(level.facts)) for field, level in candidate.comparison.items()]
    if candidate.time:
        time = candidate.time
        signals.append(MatchSignal(f"time.{time.level}", time.bits, {"seconds": time.seconds, "hours": f"{time.hours:+d}"}))
    if candidate.attempts > 1:
        facts = {"attempt": candidate.record.attempt, "attempts": candidate.attempts}
        signals.append(MatchSignal("attempts.several", candidate.retried, facts))
    return tuple(sorted(signals, key=lambda signal: weights.order[signal.id]))
