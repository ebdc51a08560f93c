"""The order of work: canonical copy, rules, overlaps, clean text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.core.redacted_text import seal
from app.core.redaction.accelerator import Accelerator, expressions_for
from app.core.redaction.candidates import Candidate, merge, settle
from app.core.redaction.canonical import canonical, is_canonical
from app.core.redaction.findings import Finding, Redaction
from app.core.redaction.joined import joined
from app.core.redaction.labelled import LabelledMatcher
from app.core.redaction.literals import at_boundary, merged, seen_anywhere
from app.core.redaction.prompts import PromptMatcher
from app.core.redaction.prose import ProseMatcher
from app.core.redaction.readings import readings
from app.core.redaction.rulefile import read_rule_file
from app.core.redaction.shapes import ShapeMatcher
from app.core.redaction.values import Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import unwrapped

MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Engine:
    """All matchers, built once."""

    shapes: ShapeMatcher
    labelled: LabelledMatcher
    prose: ProseMatcher
    prompts: PromptMatcher
    first_pass: tuple[Callable[[str], object], ...]
    accelerator: Accelerator

    @classmethod
    def of(cls, rules: Mapping[str, Any], pepper: bytes) -> Engine:
        """The engine for a parsed rule file."""
        file = read_rule_file(rules)
        values = Values.of(file)
        shapes, labelled, prompts = ShapeMatcher.of(file, values, pepper), LabelledMatcher.of(file, values, pepper), PromptMatcher.of(file)
        anywhere, starts = merged(labelled.finder.first_pass, shapes.glued_heads), merged(prompts.first_pass, shapes.other_heads)
        patterns = (seen_anywhere(anywhere), at_boundary(starts), *shapes.gates)
        first_pass = tuple(re.compile(pattern).search for pattern in patterns)
        accelerator = Accelerator(expressions_for(anywhere, starts, shapes.signs, shapes.numbers))
        return cls(shapes, labelled, ProseMatcher(file.prose, values, pepper), prompts, first_pass, accelerator)

    def redact(self, text: str) -> Redaction:
        """Clean text and findings, with places in `text`.

        What is hidden can bring together what stood apart, so rounds follow until one finds nothing:
        redacting the result again changes nothing.
        """
        if is_canonical(text) and "\n" not in text and "=E" not in text and not self.is_suspect(text.lower()):
            return Redaction(seal(text), ())
        shown = View(text)
        findings: tuple[Finding, ...] = ()
        for _ in range(MOST_ROUNDS):
            candidates = list(self.candidates(shown.text))
            settled = settle(shown.text, candidates, shown) if candidates else None
            if settled is None or settled.view.text == shown.text:
                break
            findings = merge(findings, tuple(_placed(found, shown) for found in settled.findings))
            shown = settled.view
        return Redaction(seal(shown.text), findings)

    def is_suspect(self, lowered: str) -> bool:
        """The cheap first pass: whether any rule could find something in a text of one line, given in lower case."""
        if self.accelerator.rules_out(lowered):
            return False
        padded = "\n" + lowered
        for search in self.first_pass:  # noqa: SIM110 - any() with a generator costs as much as one scan
            if search(padded):
                return True
        return False

    def candidates(self, text: str) -> Iterator[Candidate]:
        """Everything any rule wants hidden; overlaps are not settled yet."""
        for reading in readings(text):
            yield from self._seen(canonical(reading.text).over(reading))

    def _seen(self, view: View) -> Iterator[Candidate]:
        """The same, for one reading of the text."""
        lowered = view.text.lower()
        whole = unwrapped(view, self.shapes.beginnings) if "\n" in view.text else None
        if whole or self.is_suspect(lowered):
            yield from self._candidates(view, lowered)
            if together := joined(view):
                yield from self._candidates(together, together.text.lower())
        if whole:
            yield from self._wrapped(whole)

    def _candidates(self, view: View, lowered: str) -> Iterator[Candidate]:
        """What the text shows as it stands."""
        stems = self.labelled.finder.ends(lowered)
        yield from self.prompts.find(view, lowered)
        yield from self.shapes.find(view, lowered)
        yield from self.labelled.find(view, stems)
        yield from self.prose.find(view, lowered, stems)

    def _wrapped(self, whole: View) -> Iterator[Candidate]:
        """What line breaks cut."""
        lowered = whole.text.lower()
        stems = self.labelled.finder.ends(lowered)
        yield from self.shapes.find_wrapped(whole, lowered)
        yield from self.labelled.find_wrapped(whole, stems)
        yield from self.prose.find_wrapped(whole, lowered, stems)


def _placed(finding: Finding, view: View) -> Finding:
    """A finding in a view, with its place in the text the view is of."""
    start, end = view.origin(finding.start, finding.end)
    return replace(finding, start=start, end=end)
