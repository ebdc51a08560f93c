"""A stretch that some rule wants hidden, and what happens where such stretches overlap."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.core.key_ref import KeyRef
from app.core.redaction.findings import Finding
from app.core.redaction.values import HIDDEN
from app.core.redaction.view import View, ViewBuilder


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


@dataclass(frozen=True, slots=True)
class Settled:
    """A text with its candidates replaced. view: the clean text, knowing where in the given text it came from."""

    view: View
    taken: tuple[Candidate, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was replaced, with places in the given text."""
        return tuple(Finding(c.rule, c.start, c.end, c.label, c.key) for c in self.taken)


def settle(text: str, candidates: Iterable[Candidate], inner: View | None = None) -> Settled:
    """Replace every candidate; of overlapping ones the better rule speaks and the rest is hidden too.

    inner: the view that `text` itself is of, when it came from an earlier round.
    """
    taken = _without_overlaps(text, candidates)
    builder = ViewBuilder(text)
    at = 0
    for candidate in taken:
        builder.copy(at, candidate.start)
        builder.rewrite(candidate.start, candidate.end, candidate.shown)
        at = candidate.end
    builder.copy(at, len(text))
    return Settled(builder.build(inner), tuple(taken))


def merge(earlier: tuple[Finding, ...], later: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Findings of two rounds in order of place; one that grew over an earlier one takes its place and keeps its key."""
    merged: list[Finding] = []
    newest: set[Finding] = set(later) if earlier else set()
    for finding in sorted((*earlier, *later), key=lambda found: (found.start, found.end)):
        last = merged[-1] if merged else None
        if last is None or finding.start >= last.end:
            merged.append(finding)
            continue
        speaker = finding if finding in newest else last
        merged[-1] = replace(speaker, start=last.start, end=max(last.end, finding.end), key=finding.key or last.key)
        newest.add(merged[-1])
    return tuple(merged)


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
