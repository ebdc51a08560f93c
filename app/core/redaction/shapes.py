"""Rules that find by form alone, run over a view of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core.key_ref import KeyRef
from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.checks import CHECKS
from app.core.redaction.heads import HeadFinder, heads_of
from app.core.redaction.rulefile import RuleFile, Shape
from app.core.redaction.values import HIDDEN, Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

WRAPPABLE = frozenset({"key", "secret", "hash"})
LONGEST_HEAD = 20
LONGEST_LEAD = 100
LABEL_WORDS = frozenset({"key", "pat", "secret"})  # a line may end in these before the key itself
WORDS = {"phone": "[phone]", "hidden": "[number]", "secret": HIDDEN, "pem": HIDDEN, "ip": "x"}


@dataclass(frozen=True, slots=True)
class ShapeMatcher:
    """All shape rules, ready to run."""

    shapes: tuple[Shape, ...]
    heads: HeadFinder
    gated: tuple[tuple[re.Pattern[str], Shape], ...]
    number: re.Pattern[str]
    numbered: tuple[tuple[re.Pattern[str], Shape], ...]
    beginnings: frozenset[str]
    values: Values
    pepper: bytes
    mail: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rules: RuleFile, values: Values, pepper: bytes) -> ShapeMatcher:
        """The matcher for these rules."""
        shapes = rules.shapes
        keys = {head for shape in shapes if shape.show == "key" for head in shape.heads}
        beginnings = frozenset(
            head[:length] for head in keys for length in range(2, len(head)) if head[0].isalpha() and head[:length] not in LABEL_WORDS
        )
        return cls(
            shapes,
            HeadFinder.of(shapes),
            tuple((re.compile(_signs(shape.signs.items())), shape) for shape in shapes if shape.signs),
            re.compile(_numbers(number for shape in shapes for number in shape.numbers.items())),
            tuple((re.compile(_numbers(shape.numbers.items())), shape) for shape in shapes if shape.numbers),
            beginnings,
            values,
            pepper,
            rules.mail,
        )

    @property
    def glued_heads(self) -> dict[str, str]:
        """Heads that may stand inside a word, each with what must follow it."""
        glued = {head for shape in self.shapes if shape.glued for head in shape.heads}
        return {head: tail for head, tail in heads_of(self.shapes).items() if head in glued}

    @property
    def other_heads(self) -> dict[str, str]:
        """The heads that begin a word."""
        glued = self.glued_heads
        return {head: tail for head, tail in heads_of(self.shapes).items() if head not in glued}

    @property
    def gates(self) -> list[str]:
        """Patterns, on lower-case text, without one of which no shape without heads is there."""
        return [_signs(self.signs), self.number.pattern]

    @property
    def signs(self) -> list[tuple[str, str]]:
        """Rare characters that show a shape, each with what stands around it."""
        return [sign for shape in self.shapes for sign in shape.signs.items()]

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """First digits that show a shape, each with what follows."""
        return [number for shape in self.shapes for number in shape.numbers.items()]

    def find(self, view: View, lowered: str) -> Iterator[Candidate]:
        """Every stretch that has the form of a secret. `lowered` is the view's text in lower case."""
        for shape, found in self._found(view.text, lowered):
            yield self._candidate(shape, found, view, len(found["secret"]))

    def find_wrapped(self, view: View, lowered: str) -> Iterator[Candidate]:
        """Every key that a line break cuts; `view` has those breaks undone."""
        for shape, found in self._found(view.text, lowered):
            if shape.show in WRAPPABLE:
                length = whole_length(view, *found.span("secret"), shape.lengths)
                if length:
                    yield self._candidate(shape, found, view, length)

    def _found(self, text: str, lowered: str) -> Iterator[tuple[Shape, re.Match[str]]]:
        """The matches of every shape of which the first pass shows a sign."""
        for shape, found in self._tried(text, lowered):
            if self._holds(shape, found):
                yield shape, found

    def _tried(self, text: str, lowered: str) -> Iterator[tuple[Shape, re.Match[str]]]:
        """The same, before any test: tried where heads and signs stand, or searched for where those stand inside."""
        whole: dict[int, Shape] = {}
        ends: dict[int, int] = {}
        for shape, at in self.heads.places(lowered):
            if shape.inside:
                whole[shape.order] = shape
            elif at >= ends.get(shape.order, 0) and (found := shape.find.match(text, at)):
                ends[shape.order] = found.end()
                yield shape, found
        for gate, shape in self.gated:
            if shape.lead:
                yield from ((shape, found) for found in _around(shape, shape.lead, gate, text, lowered))
            elif gate.search(lowered):
                whole[shape.order] = shape
        if self.number.search(lowered):
            whole |= {shape.order: shape for gate, shape in self.numbered if gate.search(lowered)}
        yield from ((shape, found) for shape in whole.values() for found in shape.find.finditer(text))

    def _holds(self, shape: Shape, found: re.Match[str]) -> bool:
        """Whether a match stands up to the shape's test."""
        return CHECKS[shape.check](found, self.values) and not _is_head_of_mask(found)

    def _candidate(self, shape: Shape, found: re.Match[str], view: View, length: int) -> Candidate:
        start, end = view.origin(found.start("secret"), found.start("secret") + length)
        text, key = self._shown(shape, found, found["secret"][:length])
        return Candidate(start, end, shape.id, shape.label, text, shape.rank, shape.order, key)

    def _shown(self, shape: Shape, found: re.Match[str], value: str) -> tuple[str, KeyRef | None]:
        """The replacement, and the reference when it was a key."""
        if shape.show == "key":
            key = shown.key_ref(self.pepper, found.groupdict().get("prefix") or "", value)
            return shown.shown_key(key), key
        if shape.show == "hash":
            key = shown.hash_ref(self.pepper, value)
            return shown.shown_hash(key), key
        if shape.show == "email":
            return shown.shown_email(value, self.mail), None
        if shape.show == "ip6":
            return shown.shown_ipv6(value), None
        return WORDS[shape.show], None


def _around(shape: Shape, lead: re.Pattern[str], gate: re.Pattern[str], text: str, lowered: str) -> Iterator[re.Match[str]]:
    """A shape's matches, tried only where the characters before each sign can begin one."""
    at = 0
    for sign in gate.finditer(lowered):
        place = sign.start()
        before = lead.match(text[max(at, place - LONGEST_LEAD) : place][::-1]) if place >= at else None
        for start in range(place - before.end(), place) if before else ():
            if found := shape.find.match(text, start):
                at = found.end()
                yield found
                break


def _is_head_of_mask(found: re.Match[str]) -> bool:
    """`sk-ant-api03-…9f3c`: what stands before the dots is all that is left of a key."""
    end = found.end("secret")
    return len(found["secret"]) <= LONGEST_HEAD and found.string.startswith(("…", "...", "***"), end)


def _signs(signs: Iterable[tuple[str, str]]) -> str:
    """A pattern that begins with one class of rare characters, so that a scan skips everything else."""
    by_char: dict[str, set[str]] = {}
    for char, rest in signs:
        by_char.setdefault(char, set()).add(rest)
    return "|".join(f"{re.escape(char)}(?:{'|'.join(sorted(rests))})" for char, rests in sorted(by_char.items()))


def _numbers(numbers: Iterable[tuple[str, str]]) -> str:
    """The same for what begins with a digit."""
    some = "|".join(f"(?<=[{first}])(?:{rest})" for first, rest in sorted(set(numbers)))
    return f"[0-9](?=[0-9() ./-]{{9}})(?<![0-9a-z].)(?:{some})"
