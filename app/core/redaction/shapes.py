"""Rules that find by form alone, run over a view of the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core.key_ref import KeyRef
from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.checks import CHECKS
from app.core.redaction.literals import merged, with_tails
from app.core.redaction.rulefile import RuleFile, Shape
from app.core.redaction.values import HIDDEN, Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

WRAPPABLE = frozenset({"key", "secret", "hash"})
LONGEST_HEAD = 20
LABEL_WORDS = frozenset({"key", "pat", "secret"})  # a line may end in these before the key itself
WORDS = {"phone": "[phone]", "hidden": "[number]", "secret": HIDDEN, "pem": HIDDEN, "ip": "x"}


@dataclass(frozen=True, slots=True)
class ShapeMatcher:
    """All shape rules, ready to run. by_head: which shapes a literal calls for."""

    heads: re.Pattern[str]
    tails: Mapping[str, str]
    by_head: Mapping[str, tuple[Shape, ...]]
    gated: tuple[tuple[re.Pattern[str], Shape], ...]
    beginnings: frozenset[str]
    values: Values
    pepper: bytes
    mail: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rules: RuleFile, values: Values, pepper: bytes) -> ShapeMatcher:
        """The matcher for these rules."""
        heads = {head for shape in rules.shapes for head in shape.heads}
        by_head = {head: tuple(shape for shape in rules.shapes if any(_touches(head, other) for other in shape.heads)) for head in heads}
        gated = tuple(
            (re.compile("|".join(_gates(shape.signs.items(), shape.numbers.items()))), shape)
            for shape in rules.shapes
            if shape.signs or shape.numbers
        )
        keys = {head for shape in rules.shapes if shape.show == "key" for head in shape.heads}
        beginnings = frozenset(
            head[:length] for head in keys for length in range(2, len(head)) if head[0].isalpha() and head[:length] not in LABEL_WORDS
        )
        tails = merged(*(dict.fromkeys(shape.heads, shape.behind) for shape in rules.shapes))
        return cls(re.compile(_with_lookahead(tails)), tails, by_head, gated, beginnings, values, pepper, rules.mail)

    @property
    def glued_heads(self) -> dict[str, str]:
        """Heads that may stand inside a word, each with what must follow it."""
        return {head: self.tails[head] for head in self.tails if any(shape.glued for shape in self.by_head[head] if head in shape.heads)}

    @property
    def other_heads(self) -> dict[str, str]:
        """The heads that begin a word."""
        return {head: tail for head, tail in self.tails.items() if head not in self.glued_heads}

    @property
    def gates(self) -> list[str]:
        """Patterns, on lower-case text, without one of which no shape without heads is there."""
        shapes = [shape for _, shape in self.gated]
        return _gates(
            [sign for shape in shapes for sign in shape.signs.items()], [number for shape in shapes for number in shape.numbers.items()]
        )

    def find(self, view: View, lowered: str) -> Iterator[Candidate]:
        """Every stretch that has the form of a secret. `lowered` is the view's text in lower case."""
        for shape in self._called_for(lowered):
            for found in self._matches(shape, view.text):
                yield self._candidate(shape, found, view, len(found["secret"]))

    def find_wrapped(self, view: View, lowered: str) -> Iterator[Candidate]:
        """Every key that a line break cuts; `view` has those breaks undone."""
        for shape in self._called_for(lowered, wrappable=True):
            if shape.show in WRAPPABLE:
                for found in self._matches(shape, view.text):
                    length = whole_length(view, *found.span("secret"), shape.lengths)
                    if length:
                        yield self._candidate(shape, found, view, length)

    def _called_for(self, lowered: str, *, wrappable: bool = False) -> list[Shape]:
        """The shapes of which the first pass shows a sign."""
        seen = {found[1] for found in self.heads.finditer(lowered)}
        called = {shape.order: shape for head in seen for shape in self.by_head[head]}
        return [
            *called.values(),
            *(shape for gate, shape in self.gated if (shape.show in WRAPPABLE or not wrappable) and gate.search(lowered)),
        ]

    def _matches(self, shape: Shape, text: str) -> Iterator[re.Match[str]]:
        check = CHECKS[shape.check]
        for found in shape.find.finditer(text):
            if check(found, self.values) and not _is_head_of_mask(found):
                yield found

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


def _is_head_of_mask(found: re.Match[str]) -> bool:
    """`sk-ant-api03-…9f3c`: what stands before the dots is all that is left of a key."""
    end = found.end("secret")
    return len(found["secret"]) <= LONGEST_HEAD and found.string.startswith(("…", "...", "***"), end)


def _touches(head: str, other: str) -> bool:
    """Whether `other` may stand where the scan found `head`: inside it or beginning in it."""
    return other in head or any(head.endswith(other[:length]) for length in range(1, len(other)))


def _gates(signs: Iterable[tuple[str, str]], numbers: Iterable[tuple[str, str]]) -> list[str]:
    """Patterns that begin with one class of characters, so that a scan skips everything else."""
    by_char: dict[str, set[str]] = {}
    for char, rest in signs:
        by_char.setdefault(char, set()).add(rest)
    patterns = ["|".join(f"{re.escape(char)}(?:{'|'.join(sorted(rests))})" for char, rests in sorted(by_char.items()))] if by_char else []
    some = "|".join(f"(?<=[{first}])(?:{rest})" for first, rest in sorted(set(numbers)))
    return [*patterns, f"[0-9](?=[0-9() ./-]{{9}})(?<![0-9a-z].)(?:{some})"] if some else patterns


def _with_lookahead(tails: Mapping[str, str]) -> str:
    """The heads as group 1, each followed by what must follow it."""
    return f"({with_tails({head: f'(?={tail})' if tail else '' for head, tail in tails.items()})})"
