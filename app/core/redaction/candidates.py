"""A stretch that some rule wants hidden, and what happens where such stretches overlap."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.key_ref import KeyRef
from app.core.redaction.findings import Finding, Redaction
from app.core.redacted_text import seal
from app.core.redaction.values import HIDDEN


@dataclass(frozen=True, slots=True)
class Candidate:
    """text[start:end] is to be shown as `shown`. Lower (rank, order) wins where candidates overlap."""

    start: int
    end: int
    rule: str
    label: str
    shown: str
    rank: int
    order: int = 0
    key: KeyRef | None = None


def settle(text: str, candidates: Iterable[Candidate]) -> Redaction:
    """Replace every candidate; of overlapping ones the better rule speaks and the rest is hidden too."""
    taken = _without_overlaps(text, candidates)
    pieces: list[str] = []
    at = 0
    for candidate in taken:
        pieces += (text[at : candidate.start], candidate.shown)
        at = candidate.end
    pieces.append(text[at:])
    return Redaction(seal("".join(pieces)), tuple(Finding(c.rule, c.start, c.end, c.label, c.key) for c in taken))


def _without_overlaps(text: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Disjoint candidates in order of place that together cover all the given ones."""
    taken: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: (c.rank, c.order, c.start, -c.end)):
        for piece in _uncovered(candidate, taken):
            if piece == candidate or any(map(str.isalnum, text[piece.start : piece.end])):
                insort(taken, piece, key=lambda c: c.start)
    return taken


def _uncovered(candidate: Candidate, taken: list[Candidate]) -> list[Candidate]:
    """The parts of `candidate` that nothing taken covers yet."""
    pieces: list[Candidate] = []
    at = candidate.start
    index = bisect_left(taken, candidate.start, key=lambda c: c.end)
    while index < len(taken) and taken[index].start < candidate.end:
        if taken[index].start > at:
            pieces.append(replace(candidate, start=at, end=taken[index].start, shown=HIDDEN, key=None))
        at = max(at, taken[index].end)
        index += 1
    if at == candidate.start:
        return [candidate]
    return [*pieces, replace(candidate, start=at, shown=HIDDEN, key=None)] if at < candidate.end else pieces
