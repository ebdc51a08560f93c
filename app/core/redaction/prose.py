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
from app.core.redaction.values import Values, is_key_form, is_object_id
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

_RUN = re.compile(r"(?<![A-Za-z0-9_+/=.-])[A-Za-z0-9_+/-]{20,}={0,2}(?![A-Za-z0-9_(])")
FULL_LENGTHS = frozenset({32, 36, 40, 43, 64})
_LAYOUT = " \t\r\n>|`*_\"'"
_SPEAKER = r"[ \t>|\[]{0,8}[^\s:][^\n:]{0,24}:"
_ASKS = r"\?|give|send|share|post|tell|provide|paste|what|which|need|发|给|提供|多少|什么|哪"
_ASKED = re.compile(rf"(?:^|\n)(?P<asked>[^\n]*(?:{_ASKS})[^\n]*)\n{_SPEAKER}[ ]?(?:[^\W\d]{{1,8}}[ ,，]{{1,2}}){{0,3}}$")
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
                if (before == "secret" and not is_object_id(found[0])) or (not before and self._is_said_behind(lowered, end)):
                    yield start, end

    def _is_near(self, start: int, end: int, starts: list[int]) -> bool:
        """Whether any name of a secret is within reach at all."""
        index = bisect_left(starts, start - self.rule.reach)
        return index < len(starts) and starts[index] < end + self.rule.reach

    def _noun_before(self, lowered: str, start: int) -> str:
        """What the nearest telling noun before the run names: `secret`, `harmless`, or nothing."""
        before = lowered[max(0, start - self.rule.reach) : start]
        line = _SENTENCE_END.split(before.rstrip(_LAYOUT).rpartition("\n")[2])[-1]
        return self._last_noun(line) or self._noun_asked_for(before)

    def _last_noun(self, line: str) -> str:
        kinds = [noun.lastgroup or "" for noun in self.rule.noun.finditer(line)]
        return kinds[-1] if kinds else ""

    def _noun_asked_for(self, before: str) -> str:
        """What the line above asks for, when somebody answers on this one: `Q: which key?` and below it `A: …`."""
        asked = _ASKED.search(before)
        return self._last_noun(asked["asked"]) if asked else ""

    def _is_said_behind(self, lowered: str, end: int) -> bool:
        """`… is my key`."""
        return self.rule.after.match(lowered[end : end + self.rule.reach]) is not None
