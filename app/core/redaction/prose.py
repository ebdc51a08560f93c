"""Random-looking runs that a sentence names as a secret."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.labelled import Stems
from app.core.redaction.rulefile import RANKS, Prose
from app.core.redaction.values import FORMS, Values, is_key_form
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

_RUN = re.compile(r"(?<![A-Za-z0-9_+/=.-])[A-Za-z0-9_+/-]{20,}={0,2}(?![A-Za-z0-9_(])")
_OBJECT = re.compile(r"[a-z]{2,12}[-_]|(?:19|20)[0-9]{12,20}[A-Za-z0-9]{0,12}$|/")
FULL_LENGTHS = frozenset({32, 36, 40, 43, 64})
_LAYOUT = " \t\r\n>|`*_\"'"
_SENTENCE_END = re.compile(r"[.!][ )]|[。！？；]")


@dataclass(frozen=True, slots=True)
class ProseMatcher:
    """Looks back from each run for the nearest telling noun."""

    rule: Prose
    values: Values
    pepper: bytes

    def find(self, view: View, lowered: str, stems: Stems) -> Iterator[Candidate]:
        """Every run that the text around it calls a key. `stems`: where the text names secrets."""
        for start, end in self._runs(view.text, lowered, stems):
            yield self._candidate(view, start, end)

    def find_wrapped(self, view: View, lowered: str, stems: Stems) -> Iterator[Candidate]:
        """Every such run that a line break cuts; `view` has those breaks undone."""
        for start, end in self._runs(view.text, lowered, stems):
            length = whole_length(view, start, end, FULL_LENGTHS)
            if length:
                yield self._candidate(view, start, start + length)

    def _candidate(self, view: View, start: int, end: int) -> Candidate:
        key = shown.key_ref(self.pepper, "", view.text[start:end])
        return Candidate(*view.origin(start, end), self.rule.id, self.rule.label, shown.shown_key(key), RANKS["prose"], key=key)

    def _runs(self, text: str, lowered: str, stems: Stems) -> Iterator[tuple[int, int]]:
        starts = [start for start, _ in stems]
        for found in _RUN.finditer(text) if starts else ():
            start, end = found.span()
            if self._is_near(start, end, starts) and is_key_form(found[0]) and not self.values.is_nothing(found[0]):
                before = self._noun_before(lowered, start)
                if (before == "secret" and not _is_id(found[0])) or (not before and self._is_said_behind(lowered, end)):
                    yield start, end

    def _is_near(self, start: int, end: int, starts: list[int]) -> bool:
        """Whether any name of a secret is within reach at all."""
        index = bisect_left(starts, start - self.rule.reach)
        return index < len(starts) and starts[index] < end + self.rule.reach

    def _noun_before(self, lowered: str, start: int) -> str:
        """What the nearest telling noun before the run names: `secret`, `harmless`, or nothing."""
        before = lowered[max(0, start - self.rule.reach) : start]
        line = _SENTENCE_END.split(before.rstrip(_LAYOUT).rpartition("\n")[2])[-1]
        kinds = [noun.lastgroup or "" for noun in self.rule.noun.finditer(line)]
        return kinds[-1] if kinds else ""

    def _is_said_behind(self, lowered: str, end: int) -> bool:
        """`… is my key`."""
        return self.rule.after.match(lowered[end : end + self.rule.reach]) is not None


def _is_id(run: str) -> bool:
    """An object's or a request's id, to judge by how it begins."""
    return FORMS.fullmatch(run) is None and _OBJECT.match(run) is not None
