"""What people's decisions about matches say of the weights: m, re-estimated, leaning on the file while decisions are few."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.core.matching.weights import MatchWeights


@dataclass(frozen=True, slots=True)
class Decided:
    """A proposed match that somebody confirmed or rejected, with the signals it was proposed for."""

    ticket_id: int
    is_confirmed: bool
    signals: Collection[str]


@dataclass(frozen=True, slots=True)
class LevelReport:
    """One level: m in the file and now, its weight in bits before and after, and how often it was seen."""

    signal: str
    m_before: float
    m_after: float
    bits_before: float
    bits_after: float
    confirmed: int
    compared: int  # confirmed matches in which the field was compared at all
    rejected: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """The re-estimated shares and how they came about."""

    m: Mapping[str, float]
    none: float
    levels: tuple[LevelReport, ...]
    confirmed: int
    rejected: int
    without_line: int  # tickets whose every proposal was rejected


def learn(decisions: Sequence[Decided], file_weights: MatchWeights) -> Learnt:
    """Re-estimate from `decisions`. `file_weights` are those of the file: learning again does not learn twice.

    Only what was proposed could be confirmed, so a level that the search never brings is not seen to be common.
    """
    confirmed = [set(each.signals) for each in decisions if each.is_confirmed]
    rejected = Counter(signal for each in decisions if not each.is_confirmed for signal in set(each.signals))
    levels = [row for group in file_weights.learnt_groups for row in _group(group, confirmed, rejected, file_weights)]
    matched = {each.ticket_id for each in decisions if each.is_confirmed}
    without = {each.ticket_id for each in decisions} - matched
    strength = file_weights.m_strength
    none = (len(without) + strength * file_weights.none) / (len(matched) + len(without) + strength)
    return Learnt(
        m={row.signal: row.m_after for row in levels},
        none=none,
        levels=tuple(levels),
        confirmed=len(confirmed),
        rejected=len(decisions) - len(confirmed),
        without_line=len(without),
    )


def _group(
    group: Sequence[str], confirmed: Sequence[set[str]], rejected: Mapping[str, int], weights: MatchWeights
) -> Iterable[LevelReport]:
    """The levels of one field that exclude one another; their m keep their sum."""
    seen = Counter(signal for signals in confirmed for signal in group if signal in signals)
    compared = sum(seen.values())
    whole = sum(weights.levels[signal].m or 0.0 for signal in group)
    for signal in group:
        level = weights.levels[signal]
        before = level.m or 0.0
        after = whole * (seen[signal] + weights.m_strength * before / whole) / (compared + weights.m_strength)
        u = level.u or 1.0
        bits = (math.log2(before / u), math.log2(after / u))
        yield LevelReport(signal, before, after, *bits, seen[signal], compared, rejected.get(signal, 0))
