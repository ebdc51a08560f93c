"""Prompts and answers in JSON, Python or JavaScript, whole or broken: content out, structure and lengths kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.redaction.candidates import Candidate
from app.core.redaction.canonical import QUOTES
from app.core.redaction.literals import any_of, at_boundary, merged
from app.core.redaction.prompt_text import FIELD_END, PromptText
from app.core.redaction.rulefile import PROMPT_RANK, PromptNames, RuleFile
from app.core.redaction.values import is_hidden
from app.core.redaction.view import View

_VALUE = re.compile(rf"[{QUOTES}]?\s{{0,20}}(?:=>|[:=(])\s{{0,40}}[fbru]{{0,2}}(?P<open>\"\"\"|'''|[{QUOTES}]|[\[{{])", re.IGNORECASE)
_NEXT = r"[A-Za-z_][A-Za-z0-9_]{0,60}\s{0,4}[=:(]|[-0-9]|[Nn]one|null|[Tt]rue|[Ff]alse"
_CLOSES = re.compile(rf"\s{{0,40}}(?:[}}\])]|,\s{{0,200}}(?:[{QUOTES}{{\[\]}}]|{_NEXT}|$)|[{QUOTES}]|\\n|\n|;|[|│┃║]|$)")
_TOKEN = re.compile(rf"[\[\]{{}}]|[{QUOTES}]")
_OPENS = re.compile(r"[\[{,:=(]\s{0,40}[fbru]{0,2}$")
_STRUCTURAL = re.compile(r"[A-Za-z0-9_.:/+-]{0,64}")  # no type, role or id looks otherwise
_ROLE = re.compile(r"(?m)^[ \t>-]*role[ ]?:[ ]")
_META_TAG = re.compile(r"<meta\s[^<>]{0,300}$", re.IGNORECASE)  # a page's own description: a firewall names itself there
TAG_REACH = 310
NOWHERE = 1 << 30
_NAME_AFTER = re.compile(r"\s{0,40}:")


@dataclass(frozen=True, slots=True)
class PromptMatcher:
    """Finds what people asked and what models answered."""

    names: PromptNames
    gate: re.Pattern[str]
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    witness: re.Pattern[str]
    line: re.Pattern[str]
    assignment: re.Pattern[str]
    plain: PromptText

    @property
    def first_pass(self) -> dict[str, str]:
        """Names, in lower case, without one of which no prompt is there, each with what must follow it."""
        return _first_pass(self.names)

    @classmethod
    def of(cls, rules: RuleFile) -> PromptMatcher:
        """The matcher for these rules."""
        names = rules.prompts
        every = _name((*names.strong, *names.weak), names.calls)
        field = any_of((*names.strong, *names.weak))
        gate = re.compile(at_boundary(_first_pass(names)))
        return cls(
            names,
            gate,
            _name(names.strong, names.calls),
            every,
            _quoted(names.witness),
            _line(field),
            _assignment(field),
            PromptText.of(names),
        )

    def find(self, view: View, lowered: str) -> Iterator[Candidate]:
        """Every string that is prompt or answer. `lowered` is the view's text in lower case."""
        if not self.gate.search("\n" + lowered):
            return
        for start, end in (*self._values(view.text), *self._assigned(view.text), *self._lines(view.text), *self.plain.find(view.text)):
            if candidate := self._candidate(view, start, end):
                yield candidate

    def _values(self, text: str) -> Iterator[tuple[int, int]]:
        """Strings behind a name, in JSON or code."""
        pattern = self.weak if self.witness.search(text) else self.strong
        at = 0
        while found := pattern.search(text, at):
            at = found.end()
            value = _VALUE.match(text, at)
            if value and not _META_TAG.search(text, max(0, found.start() - TAG_REACH), found.start()):
                strings, at = self._strings(text, value)
                yield from strings

    def _assigned(self, text: str) -> Iterator[tuple[int, int]]:
        """`'prompt=…'`, quoted as one word for a shell."""
        for found in self.assignment.finditer(text):
            end = _closing(text, found["open"], found.end())
            further = FIELD_END.search(text, found.end(), end)
            yield found.end(), further.start() if further else end

    def _lines(self, text: str) -> Iterator[tuple[int, int]]:
        """`content: …` in YAML beside `role: …`, on its line or in the block below it."""
        for found in self.line.finditer(text) if _ROLE.search(text) else ():
            yield found.span("value") if found["value"] else found.span("block")

    def _strings(self, text: str, value: re.Match[str]) -> tuple[list[tuple[int, int]], int]:
        """The strings of one value, and where the value ends."""
        opening = value["open"]
        if opening in "[{":
            return self._inside(text, value.start("open"))
        end = _closing(text, opening, value.end("open"))
        return [(value.end("open"), end)], end

    def _inside(self, text: str, start: int) -> tuple[list[tuple[int, int]], int]:
        """Every string in an array or object, but for names and structural values; and where it ends."""
        strings: list[tuple[int, int]] = []
        depth, at, name, free = 0, start, "", NOWHERE
        while found := _TOKEN.search(text, at):
            at = found.end()
            if found[0] in "[{":
                depth += 1
                free = min(free, depth) if found[0] == "{" and name in self.names.free else free
            elif found[0] in "]}":
                free = NOWHERE if depth == free else free
                depth -= 1
                if depth <= 0:
                    return strings, at
            elif _OPENS.search(text, max(0, found.start() - 44), found.start()):
                end = _closing(text, found[0], at, names=True)
                if _NAME_AFTER.match(text, end + 1):
                    name = text[at:end]
                elif depth >= free or name not in self.names.structural or not _STRUCTURAL.fullmatch(text, at, end):
                    strings.append((at, end))
                at = end + 1
        return strings, len(text)

    def _candidate(self, view: View, start: int, end: int) -> Candidate | None:
        said = view.text[start:end]
        if end <= start or is_hidden(said) or said.casefold() in self.names.harmless:
            return None
        first, last = view.origin(start, end)
        return Candidate(first, last, self.names.id, self.names.label, f"[hidden: {last - first} characters]", PROMPT_RANK)


def _closing(text: str, quote: str, start: int, *, names: bool = False) -> int:
    """Where the string that began with `quote` ends; the end of the text when nothing closes it."""
    at = text.find(quote, start)
    while at >= 0:
        if _CLOSES.match(text, at + len(quote)) or (names and _NAME_AFTER.match(text, at + 1)):
            return at
        at = text.find(quote, at + 1)
    return len(text)


def _first_pass(names: PromptNames) -> dict[str, str]:
    value = rf"[{QUOTES}]?\s{{0,20}}(?:=>|[:=(])\s{{0,40}}[fbru]{{0,2}}[{QUOTES}\[{{]"
    fields = {name.lower(): f"(?:{value}|(?<=[{QUOTES}]{re.escape(name.lower())})=)" for name in (*names.strong, *names.weak)}
    said = merged(fields, PromptText.signs(names))
    return said | {call.lower(): rf"\s{{0,20}}\(\s{{0,40}}[{QUOTES}]" for call in names.calls} | {"role": "[ ]?:[ ]"}


def _name(names: tuple[str, ...], calls: tuple[str, ...]) -> re.Pattern[str]:
    """A name as a key of an object or an argument of a call, or a call that takes the words themselves."""
    spellings = any_of((*names, *(name[0].upper() + name[1:] for name in names)))
    return re.compile(
        rf"(?<![A-Za-z0-9_.$-])(?:{spellings})(?=[{QUOTES}]?\s{{0,20}}(?:=>|[:=(]))|(?<![A-Za-z0-9_])(?:{any_of(calls)})(?=\s{{0,20}}\()"
    )


def _line(field: str) -> re.Pattern[str]:
    """A line of YAML; a block is every following line that is indented further."""
    start = rf"(?m)^(?P<indent>[ \t>]*)(?:- )?(?:{field})[ ]?:[ ]"
    value = rf"(?P<value>[^\s|>{QUOTES}{{\[][^\n]*)"
    block = r"[|>][+-]?[ \t]*\n(?P<block>(?:(?P=indent)[ \t]+[^\n]*(?:\n|$)|[ \t]*\n)+)"
    return re.compile(f"{start}(?:{value}|{block})")


def _assignment(field: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<open>[{QUOTES}])(?:{field})=(?![{QUOTES}])")


def _quoted(names: tuple[str, ...]) -> re.Pattern[str]:
    calls = r"(?:responses|completions|messages|chat|embeddings|images|models)\.(?:create|generate|parse|stream|edit)"
    return re.compile(
        rf"{calls}|[{QUOTES}](?:{'|'.join(names)})[{QUOTES}]\s{{0,20}}:|(?<![A-Za-z0-9_.$-])(?:messages|role|contents)\s{{0,4}}[:=]"
    )
