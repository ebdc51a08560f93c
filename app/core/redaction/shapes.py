"""Rules that find by form alone, run over a view of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.core.key_ref import KeyRef
from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.checks import CHECKS
from app.core.redaction.rulefile import RuleFile, Shape
from app.core.redaction.values import HIDDEN, Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

WRAPPABLE = frozenset({"key", "secret", "hash"})
LONGEST_HEAD = 20
WORDS = {"phone": "[phone]", "hidden": "[number]", "secret": HIDDEN, "pem": HIDDEN, "ip": "x"}


@dataclass(frozen=True, slots=True)
class ShapeMatcher:
    """All shape rules, ready to run."""

    shapes: tuple[Shape, ...]
    values: Values
    pepper: bytes
    mail: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rules: RuleFile, values: Values, pepper: bytes) -> ShapeMatcher:
        """The matcher for these rules."""
        return cls(rules.shapes, values, pepper, rules.mail)

    def find(self, view: View, lowered: str) -> Iterator[Candidate]:
        """Every stretch that has the form of a secret. `lowered` is the view's text in lower case."""
        for shape in self.shapes:
            if any(head in lowered for head in shape.heads):
                for found in self._matches(shape, view.text):
                    yield self._candidate(shape, found, view, len(found["secret"]))

    def find_wrapped(self, view: View) -> Iterator[Candidate]:
        """Every key that a line break cuts; `view` has those breaks undone."""
        lowered = view.text.lower()
        for shape in self.shapes:
            if shape.show in WRAPPABLE and any(head in lowered for head in shape.heads):
                for found in self._matches(shape, view.text):
                    length = whole_length(view, *found.span("secret"), shape.lengths)
                    if length:
                        yield self._candidate(shape, found, view, length)

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
