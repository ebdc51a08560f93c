"""Random-looking runs that a sentence names as a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.rulefile import RANKS, Prose
from app.core.redaction.values import Values, is_key_form
from app.core.redaction.view import View

_RUN = re.compile(r"(?<![A-Za-z0-9_+/=.-])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[A-Za-z0-9]{20,})(?![A-Za-z0-9_+/=-])")


@dataclass(frozen=True, slots=True)
class ProseMatcher:
    """Looks back from each run for the nearest telling noun."""

    rule: Prose
    values: Values
    pepper: bytes

    def find(self, view: View) -> Iterator[Candidate]:
        """Every run that the text around it calls a key."""
        for found in _RUN.finditer(view.text):
            if self._is_named(view.text, *found.span()) and is_key_form(found[0]) and not self.values.is_nothing(found[0]):
                start, end = view.origin(*found.span())
                key = shown.key_ref(self.pepper, "", found[0])
                yield Candidate(start, end, self.rule.id, self.rule.label, shown.shown_key(key), RANKS["prose"], key=key)

    def _is_named(self, text: str, start: int, end: int) -> bool:
        before = text[max(0, start - self.rule.reach) : start]
        line = before.rstrip("\n").rpartition("\n")[2] if before.endswith("\n") else before.rpartition("\n")[2]
        nearest = None
        for nearest in self.rule.noun.finditer(line):  # noqa: B007 - the last one counts
            pass
        if nearest is not None and nearest.lastgroup == "secret":
            return True
        return nearest is None and self.rule.after.match(text[end : end + self.rule.reach]) is not None
