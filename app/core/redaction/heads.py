"""Where the beginnings of known forms stand, so that a rule is asked at those places and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core.redaction.literals import merged, seen_anywhere, with_tails
from app.core.redaction.rulefile import Shape

Place = tuple[Shape, int]
Calls = Mapping[str, tuple[tuple[int, Shape], ...]]


@dataclass(frozen=True, slots=True)
class HeadFinder:
    """Two scans: heads that begin a word, and heads that may stand inside one.

    from_start, from_inside: for each literal of a scan, which shapes to try and how far from it.
    """

    starts: re.Pattern[str]
    from_start: Calls
    hint: re.Pattern[str]
    inside: re.Pattern[str]
    from_inside: Calls

    @classmethod
    def of(cls, shapes: Iterable[Shape]) -> HeadFinder:
        """The finder for these shapes. Lower-case text in, as everything here."""
        tails = heads_of(shapes)
        glued = {head for shape in shapes if shape.glued for head in shape.heads}
        inside = {head: tail for head, tail in tails.items() if head in glued}
        starts = merged(*({_word(head): tail} for head, tail in tails.items() if head not in glued))
        return cls(
            re.compile(f"[^a-z0-9](?=({with_tails(_looking_ahead(starts))}))"),
            {literal: tuple(_at_start(literal, shapes)) for literal in starts},
            re.compile(seen_anywhere(inside)),
            re.compile(with_tails(_looking_ahead(inside))),
            {literal: tuple(_touching(literal, shapes)) for literal in inside},
        )

    def places(self, lowered: str) -> Iterator[Place]:
        """Every shape to try, and where its head begins; in order of place for each shape."""
        for found in self.starts.finditer("\n" + lowered):
            at = found.start()
            for offset, shape in self.from_start[found[1]]:
                yield shape, at + offset
        if self.hint.search(lowered):
            for found in self.inside.finditer(lowered):
                at = found.start()
                for offset, shape in self.from_inside[found[0]]:
                    yield shape, at + offset


def heads_of(shapes: Iterable[Shape]) -> dict[str, str]:
    """All heads, each with what must follow it."""
    return merged(*(dict.fromkeys(shape.heads, shape.behind) for shape in shapes))


def _looking_ahead(tails: Mapping[str, str]) -> dict[str, str]:
    """The same, with what follows no part of the match."""
    return {literal: f"(?={tail})" if tail else "" for literal, tail in tails.items()}


def _word(head: str) -> str:
    """A head from its first letter or digit on: what the scan for beginnings of words looks for."""
    return head if head[0].isalnum() else head[1:]


def _at_start(literal: str, shapes: Iterable[Shape]) -> Iterator[tuple[int, Shape]]:
    """The shapes with a head that begins where `literal` does: the scan tells the longest only."""
    for shape in shapes:
        for head in shape.heads:
            if literal.startswith(_word(head)):
                yield len(_word(head)) - len(head), shape


def _touching(literal: str, shapes: Iterable[Shape]) -> Iterator[tuple[int, Shape]]:
    """The same for glued heads, and for those that begin inside `literal`: the scan goes on behind it."""
    for shape in shapes:
        for head in shape.heads if shape.glued else ():
            for at in range(len(literal)):
                if literal.startswith(head, at) or (at and head.startswith(literal[at:])):
                    yield at, shape
