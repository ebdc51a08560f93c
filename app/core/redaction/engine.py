"""The order of work: canonical copy, rules, overlaps, clean text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.redacted_text import seal
from app.core.redaction.candidates import Candidate, settle
from app.core.redaction.canonical import canonical
from app.core.redaction.findings import Redaction
from app.core.redaction.labelled import LabelledMatcher
from app.core.redaction.prompts import PromptMatcher
from app.core.redaction.prose import ProseMatcher
from app.core.redaction.rulefile import read_rule_file
from app.core.redaction.shapes import ShapeMatcher
from app.core.redaction.values import Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import unwrapped


@dataclass(frozen=True, slots=True)
class Engine:
    """All matchers, built once."""

    shapes: ShapeMatcher
    labelled: LabelledMatcher
    prose: ProseMatcher
    prompts: PromptMatcher
    first_pass: re.Pattern[str]

    @classmethod
    def of(cls, rules: Mapping[str, Any], pepper: bytes) -> Engine:
        """The engine for a parsed rule file."""
        file = read_rule_file(rules)
        values = Values.of(file)
        shapes, labelled, prompts = ShapeMatcher.of(file, values, pepper), LabelledMatcher.of(file, values, pepper), PromptMatcher.of(file)
        first_pass = "|".join((shapes.first_pass, labelled.finder.stems.pattern, prompts.first_pass))
        return cls(shapes, labelled, ProseMatcher(file.prose, values, pepper), prompts, re.compile(first_pass))

    def redact(self, text: str) -> Redaction:
        """Clean text and findings, with places in `text`."""
        view = canonical(text)
        lowered = view.text.lower()
        whole = unwrapped(view, self.shapes.beginnings) if "\n" in view.text else None
        if whole is None and self.first_pass.search(lowered) is None:
            return Redaction(seal(text), ())
        return settle(text, self.candidates(view, lowered, whole))

    def candidates(self, view: View, lowered: str, whole: View | None) -> Iterator[Candidate]:
        """Everything any rule wants hidden; overlaps are not settled yet."""
        stems = self._stems(lowered)
        yield from self.prompts.find(view)
        yield from self.shapes.find(view, lowered)
        yield from self.labelled.find(view, stems)
        yield from self.prose.find(view, lowered, stems)
        if whole:
            yield from self._wrapped(whole)

    def _wrapped(self, whole: View) -> Iterator[Candidate]:
        """What line breaks cut."""
        lowered = whole.text.lower()
        stems = self._stems(lowered)
        yield from self.shapes.find_wrapped(whole, lowered)
        yield from self.labelled.find_wrapped(whole, stems)
        yield from self.prose.find_wrapped(whole, lowered, stems)

    def _stems(self, lowered: str) -> list[tuple[int, int]]:
        """Where names of secrets may end."""
        return [found.span() for found in self.labelled.finder.stems.finditer(lowered)]
