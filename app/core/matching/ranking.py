"""Rank candidates by how much likelier they are the ticket's record than a record picked at random."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.log_context import Match, MatchSignal, Ranking
from app.core.matching.comparison import IN_TEXT, Comparer, Comparison
from app.core.matching.frequencies import Frequencies
from app.core.matching.time_fit import StatedTime, stated_time
from app.core.matching.weights import MatchWeights
from app.core.model_names import ModelNames
from app.core.record import RedactedRecord

LONGEST_LIST = 10
# what a pasted text says of itself: when it quotes the record's id, agreeing with that very record is no further news
_QUOTED = frozenset({"model", "status", "text", "details", "client", "stream", "request_type"})


@dataclass(frozen=True, slots=True)
class _Scored:
    """A candidate with its signals."""

    record: RedactedRecord
    signals: tuple[MatchSignal, ...]

    @property
    def score(self) -> float:
        return sum(signal.weight for signal in self.signals)


def rank(
    evidence: Evidence,
    records: Sequence[RedactedRecord],
    weights: MatchWeights,
    clients: ClientBook,
    model_names: ModelNames,
    *,
    widen: int = 1,
    capped: bool = False,
) -> Ranking:
    """Score each candidate; the best few with calibrated probabilities, and the probability of none."""
    stated = stated_time(evidence, weights.time, widen)
    comparer = Comparer(evidence, weights, clients, model_names)
    compared = [(record, comparer.compare(record)) for record in records]
    near = {record.action_id: comparison for record, comparison in compared if _is_near(record, stated)}
    frequencies = Frequencies(list(near.values()), weights)
    scored = [_Scored(record, _signals(record, comparison, stated, frequencies, weights)) for record, comparison in compared]
    actions = _best_attempts(scored)
    chances, none = _probabilities([action.score for action in actions], frequencies.population, weights)
    matches = [Match(action.record, chance, action.score, action.signals) for action, chance in zip(actions, chances, strict=True)]
    listed = tuple(match for match in matches[:LONGEST_LIST] if match.probability >= weights.listed_from)
    return Ranking(listed, none, len(records), capped)


def _is_near(record: RedactedRecord, stated: StatedTime | None) -> bool:
    """Whether the record is in the window proper, not brought in by an id, a key or another zone."""
    return stated is None or abs(stated.offset(record.started_at)) <= stated.half_window


def _signals(
    record: RedactedRecord, comparison: Comparison, stated: StatedTime | None, frequencies: Frequencies, weights: MatchWeights
) -> tuple[MatchSignal, ...]:
    """The reasons for and against, in the order of the file."""
    chances = frequencies.chances(comparison)
    signals = [_field_signal(field, comparison, chances[field], weights) for field in comparison]
    if stated is not None:
        fit = stated.fit(record.started_at)
        signals.append(MatchSignal(f"time.{fit.level}", fit.bits, {"seconds": fit.seconds, "hours": f"{fit.hours:+d}"}))
    return tuple(sorted(signals, key=lambda signal: weights.order[signal.id]))


def _field_signal(field: str, comparison: Comparison, chance: float, weights: MatchWeights) -> MatchSignal:
    """log2(m / u) of one field."""
    level = comparison[field]
    m = weights.levels[f"{field}.{level.name}"].m or 1.0
    weight = 0.0 if _is_implied(field, comparison) else math.log2(m / chance)
    return MatchSignal(f"{field}.{level.name}", weight, dict(level.facts))


def _is_implied(field: str, comparison: Comparison) -> bool:
    """Whether the text quotes the record's id: then it is this record's text, be it this ticket's request or not."""
    return field in _QUOTED and comparison.get("request_id") == IN_TEXT


def _best_attempts(scored: Iterable[_Scored]) -> list[_Scored]:
    """One candidate per action, its best attempt, best action first."""
    actions: defaultdict[str, list[_Scored]] = defaultdict(list)
    for candidate in scored:
        actions[candidate.record.action_id].append(candidate)
    best = [_with_attempts(attempts) for attempts in actions.values()]
    return sorted(best, key=lambda candidate: (-candidate.score, candidate.record.started_at, candidate.record.record_id))


def _with_attempts(attempts: Sequence[_Scored]) -> _Scored:
    """The best attempt, saying that it is one of several."""
    best = max(attempts, key=lambda candidate: (candidate.score, -candidate.record.attempt, candidate.record.record_id))
    if len(attempts) == 1:
        return best
    facts = {"attempt": best.record.attempt, "attempts": max(len(attempts), best.record.attempt)}
    return _Scored(best.record, (*best.signals, MatchSignal("attempts.several", 0.0, facts)))


def _probabilities(scores: Sequence[float], population: int, weights: MatchWeights) -> tuple[list[float], float]:
    """Each candidate's chance of being the one, and that none is; they and nothing else make 1."""
    none_bits = math.log2(population) + math.log2(weights.none / (1 - weights.none))
    bits = [weights.sharpness * score for score in (*scores, none_bits)]
    highest = max(bits)
    shares = [2 ** (value - highest) for value in bits]
    total = sum(shares)
    return [share / total for share in shares[:-1]], shares[-1] / total
