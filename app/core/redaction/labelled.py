"""Values that stand behind a name of a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.redaction import shown
from app.core.redaction.candidates import Candidate
from app.core.redaction.canonical import QUOTES
from app.core.redaction.judges import ASSIGNED, Judge, Value
from app.core.redaction.labels import Label, LabelFinder
from app.core.redaction.rulefile import RANKS, RuleFile
from app.core.redaction.values import HIDDEN, Values
from app.core.redaction.view import View
from app.core.redaction.wrapping import whole_length

LONGEST = 2048
LONGEST_NESTED = 128  # a longer harmless run is not searched again for names inside it
Stems = Sequence[tuple[int, int]]
FULL_LENGTHS = frozenset({30, 32, 36, 40, 43, 64, 84, 88})  # of keys that only a name gives away
_STOPS = "，。；！？、）】」』（【「《》"
_CLOSERS = rf"[{QUOTES}*_\])）】」』]{{0,4}}"
_FENCE = r"(?:```[A-Za-z]{0,12}[ \t]*\n[ \t]*)?"
_SCHEME = r"(?:(?:Bearer|Basic|Token|Digest|ApiKey|Api-Key|Key|Negotiate|Apikey)(?:[ ]{1,3}|[ \t]*\n[ \t>]{0,12}))?"
_OPENERS = rf"(?!\[(?:hidden|phone|number)|\*{{3}}|_{{3}})[*_(（【《\[]{{0,3}}(?P<quote>[{QUOTES}])?"
_BODY = (
    rf"(?:(?<=(?P=quote))(?P<quoted>(?:(?!(?P=quote))[^\n]){{1,{LONGEST}}})"
    rf"|(?P<plain>(?:[^\s{QUOTES}{_STOPS}<\u3040-\u30ff\u3400-\u9fff]|[{QUOTES}](?![\s,;:)}}\]>|]|$)|<(?!/)){{1,{LONGEST}}}))"
)
_SIGN = (
    rf"{_CLOSERS}(?:[ ]?\([^()\n]{{1,24}}\))?[ \t]{{0,8}}(?P<sign>:=|=>|->|→|[:=|]{{1,2}}|(?<=[A-Za-z])>(?:[ \t]*\n[ \t>]*)?)[ \t]{{0,8}}"
)
_PAIR = rf"[{QUOTES}][ \t\n]{{0,4}}(?P<pair>,|(?=[Vv]alue ?=))[ \t\n]{{0,16}}(?:[{QUOTES}]?[Vv]alue[{QUOTES}]?[ ]?[:=][ ]?)?(?=[{QUOTES}])"
_NAMED = rf"{_CLOSERS}[ \t]{{0,4}}\n[ \t>]{{0,16}}-?[ \t]{{0,4}}(?P<named>[Vv]alue)[ \t]?:[ \t]{{0,4}}"
_IS = r"[ ](?:is|was|are|equals|set to|changed to|now|=)(?: set to| now|:)?[ ]"
_IS_ZH = r"[ ]?(?:就是|改成|改为|设为|设置为|换成|用的是|填的是|写的是|是|为)[ :]?[ ]?"
_COPULA = rf"{_CLOSERS}[ ]{{0,2}}(?P<copula>{_IS}|{_IS_ZH})"
_BARE = rf"{_CLOSERS}(?P<bare>[ \t]{{0,3}})"
_BELOW = rf"{_CLOSERS}[ \t]{{0,4}}[:=]?[ \t]{{0,4}}(?P<below>\n)[ \t>]{{0,12}}"
BEHIND = tuple(
    re.compile(f"{sign}{_FENCE}{_OPENERS}{_SCHEME}{_BODY}", re.IGNORECASE) for sign in (_SIGN, _PAIR, _NAMED, _COPULA, _BELOW, _BARE)
)
_OTHER_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff](?<![是为就改设换用填写])")
_SOFT_STOP = re.compile(r"[;&,|](?=[A-Za-z_][A-Za-z0-9_.\- ]{0,40}[=:]|[;&,|]|$)|[,;:!?)|](?=[\u3000-\u30ff\u3400-\u9fff])")


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
            length = whole_length(view, value.start, value.end, FULL_LENGTHS) if label.family.judge != "password" else 0
            if length:
                yield self._candidate(label, value.cut(length), view)

    def _pairs(self, text: str, stems: Stems) -> Iterator[tuple[Label, Value]]:
        at = 0
        for start, end in stems:
            label = self.finder.label(text, start, end) if start >= at else None
            if label:
                for value, is_secret in self._values(label, text):
                    if is_secret:
                        yield label, value
                    if is_secret or value.end - value.start > LONGEST_NESTED:
                        at = max(at, value.end)

    def _values(self, label: Label, text: str) -> Iterator[tuple[Value, bool]]:
        """The values behind `label`, and whether they are secret."""
        if _OTHER_WORD.match(text, label.end):
            return
        for pattern in BEHIND:
            found = pattern.match(text, label.end)
            if found:
                value = read_value(found)
                secret = tuple(self.judge.secrets(label, value, text))
                yield from ((part, True) for part in secret)
                if not secret and not value.quoted:
                    yield value, False
                if secret or value.kind in ASSIGNED:
                    return

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


def read_value(found: re.Match[str]) -> Value:
    """The value of a match, without what only ends a sentence or a list."""
    names = found.groupdict()
    kind = next(name for name in ("sign", "pair", "named", "copula", "below", "bare") if names.get(name) is not None)
    if names["quoted"] is not None:
        return Value(names["quoted"], *found.span("quoted"), kind, quoted=True)
    text = names["plain"]
    stop = _SOFT_STOP.search(text)
    text = _trimmed(text[: stop.start()] if stop else text)
    start = found.start("plain")
    return Value(text, start, start + len(text), kind, quoted=False)


def _trimmed(text: str) -> str:
    """Without the full stop or bracket that follows it; dots that stand for the rest of a key stay."""
    without = text.rstrip(",;:!?)]}|*")
    return without if without.endswith(("...", "***")) or text.endswith("***") else text.rstrip(".,;:!?)]}|*")
