"""The order of work: canonical copy, rules, overlaps, clean text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.redaction.candidates import Candidate, settle
from app.core.redaction.canonical import canonical
from app.core.redaction.findings import Redaction
from app.core.redaction.labelled import LabelledMatcher
from app.core.redaction.prompts import PromptMatcher
from app.core.redaction.prose import ProseMatcher
from app.core.redaction.rulefile import read_rule_file
from app.core.redaction.shapes import ShapeMatcher
from app.core.redaction.values import Values
from app.core.redaction.wrapping import unwrapped


@dataclass(frozen=True, slots=True)
class Engine:
    """All matchers, built once."""

    shapes: ShapeMatcher
    labelled: LabelledMatcher
    prose: ProseMatcher
    prompts: PromptMatcher

    @classmethod
    def of(cls, rules: Mapping[str, Any], pepper: bytes) -> Engine:
        """The engine for a parsed rule file."""
        file = read_rule_file(rules)
        values = Values.of(file)
        return cls(
            ShapeMatcher.of(file, values, pepper),
            LabelledMatcher.of(file, values, pepper),
            ProseMatcher(file.prose, values, pepper),
            PromptMatcher.of(file),
        )

    def redact(self, text: str) -> Redaction:
        """Clean text and findings, with places in `text`."""
        return settle(text, self._candidates(text))

    def _candidates(self, text: str) -> Iterator[Candidate]:
        view = canonical(text)
        yield from self.prompts.find(view)
        yield from self.shapes.find(view, view.text.lower())
        yield from self.labelled.find(view)
        yield from self.prose.find(view)
        whole = unwrapped(view)
        if whole:
            yield from self.shapes.find_wrapped(whole)
            yield from self.labelled.find_wrapped(whole)
            yield from self.prose.find_wrapped(whole)
