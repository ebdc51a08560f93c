"""Values that stand behind a name of a secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.judges import Judge
from app.core.redaction.labels import Label, LabelFinder
from app.core.redaction.nested import values_under
from app.core.redaction.rulefile import RANKS, RuleFile
from app.core.redaction.tables import cells_below
from app.core.redaction.tied import ASSIGNED, FALLBACK, ITEM, OTHER_WORD, TIES, Value, read_value
from app.core.redaction.values import HIDDEN, Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

LONGEST_NESTED = 128  # a longer harmless run is not searched again for names inside it
Stems = Sequence[tuple[int, int]]
FULL_LENGTHS = frozenset({30, 32, 36, 40, 43, 64, 84, 88})  # of keys that only a name gives away


@dataclass(frozen=True, slots=True)
class LabelledMatcher:
    """Finds values by their names."""

    finder: LabelFinder
    judge: Judge
    hash_names: frozenset[str]
    pepper: bytes

    @classmethod
    def of(cls, rules: RuleFile, values: Values, pepper: bytes) -> LabelledMatcher:
        """The matcher for these rules."""
        return cls(LabelFinder.of(rules), Judge(values), rules.hash_names, pepper)

    def find(self, view: View, stems: Stems) -> Iterator[Candidate]:
        """Every value that its name makes a secret. `stems`: where names may end."""
        for label, value in self._pairs(view.text, stems):
            yield self._candidate(label, value, view)

    def find_wrapped(self, view: View, stems: Stems) -> Iterator[Candidate]:
        """Every such value that a line break cuts; `view` has those breaks undone."""
        for label, value in self._pairs(view.text, stems):
            if label.family.judge == "password":
                continue
            whole = value.end - value.start if label.plural else 0  # items of a list count from the first that is cut
            length = whole_length(view, value.start, value.end, FULL_LENGTHS) or whole
            if length:
                yield self._candidate(label, value.cut(length), view)

    def _pairs(self, text: str, stems: Stems) -> Iterator[tuple[Label, Value]]:
        at = 0
        for start, end in stems:
            label = self.finder.label(text, start, end) if start >= at else None
            if label:
                below = (*cells_below(label, text), *values_under(label, text))
                yield from ((label, part) for value in below for part in self.judge.secrets(label, value, text))
                for value, is_secret in self._values(label, text):
                    if is_secret:
                        yield label, value
                    if is_secret or value.end - value.start > LONGEST_NESTED:
                        at = max(at, value.end)

    def _values(self, label: Label, text: str) -> Iterator[tuple[Value, bool]]:
        """The values behind `label`, and whether they are secret."""
        if OTHER_WORD.match(text, label.end):
            return
        for tie in TIES:
            found = tie.match(text, label.end)
            if found:
                value = read_value(found)
                secret = tuple(self.judge.secrets(label, value, text))
                yield from ((part, True) for part in secret)
                if secret and label.family.judge == "cookie":
                    yield from self._more(label, value.end, text)
                elif secret and label.plural:
                    yield from self._more(label, secret[-1].end, text)
                if not secret and not value.quoted:
                    yield value, False
                if not secret and (otherwise := FALLBACK.match(text, value.end)):
                    yield from ((part, True) for part in self.judge.secrets(label, read_value(otherwise), text))
                if secret or value.kind in ASSIGNED:
                    return

    def _more(self, label: Label, at: int, text: str) -> Iterator[tuple[Value, bool]]:
        """The further items of a list."""
        while found := ITEM.match(text, at):
            value = read_value(found)
            value = replace(value, kind="sign") if label.family.judge == "cookie" else value
            parts = tuple(self.judge.secrets(label, value, text))
            if not parts:
                return
            yield from ((part, True) for part in parts)
            at = value.end

    def _candidate(self, label: Label, value: Value, view: View) -> Candidate:
        start, end = view.origin(value.start, value.end)
        family = label.family
        if family.judge != "key":
            return Candidate(start, end, family.id, family.label, HIDDEN, RANKS["label"])
        if shown.is_hash(value.text) and " ".join(label.words) in self.hash_names:
            key = shown.hash_ref(self.pepper, value.text)
            return Candidate(start, end, "key-hash", family.label, shown.shown_hash(key), RANKS["hash"], key=key)
        key = shown.key_ref(self.pepper, "", value.text)
        return Candidate(start, end, family.id, family.label, shown.shown_key(key), RANKS["label"], key=key)
