"""Prompts that stand in no JSON: in forms, multipart bodies, chat templates, and behind a person's "system prompt:"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.core.redaction.canonical import QUOTES
from app.core.redaction.literals import any_of
from app.core.redaction.rulefile import PromptNames

SHORTEST = 8  # characters: less says nothing
LONGEST_FIELD = 20_000
FIELD_END = re.compile(r"&[A-Za-z_][A-Za-z0-9_.\[\]-]{0,60}=")
_PART_HEADERS = r"(?:[ >]{0,8}[A-Za-z-]{1,40}: [^\n]{1,200}\n)*[ >]{0,8}\n"
_PART_END = re.compile(r"\n[ >]{0,8}-{2,}[A-Za-z0-9]")
_INTRODUCED = rf"(?:[ ]?:[ ]?(?=[^\s\[{{{QUOTES}])|[ ]?(?:is|was|是|为)[ ]?:?[ ]?(?=[{QUOTES}]))"
_TURNS = (  # how a turn of a chat template begins and ends
    (re.compile(r"<\|im_start\|>[a-z]{1,16}\n?"), "<|im_end|>"),
    (re.compile(r"<\|start_header_id\|>[a-z]{1,16}<\|end_header_id\|>\n{0,2}"), "<|eot_id|>"),
    (re.compile(r"\[INST\][ ]?"), "[/INST]"),
    (re.compile(r"<start_of_turn>[a-z]{1,16}\n?"), "<end_of_turn>"),
)


@dataclass(frozen=True, slots=True)
class PromptText:
    """Finds prompts by how forms, templates and people write them."""

    form: re.Pattern[str]
    part: re.Pattern[str]
    told: re.Pattern[str]

    @classmethod
    def of(cls, names: PromptNames) -> PromptText:
        """The finder for these names."""
        fields = any_of(names.strong)
        return cls(
            re.compile(rf"(?:^|(?<=[\s?&{QUOTES}]))(?:{fields})=(?![{QUOTES}\s&\[{{]|[0-9.]{{1,12}}(?![^\s&]))"),
            re.compile(rf"name=[{QUOTES}]?(?:{any_of((*names.strong, *names.weak))})[{QUOTES}]?[ \t]*\n{_PART_HEADERS}"),
            re.compile(rf"(?i:{any_of(names.told)}){_INTRODUCED}(?=[^\n]{{{SHORTEST}}})"),
        )

    @staticmethod
    def signs(names: PromptNames) -> dict[str, str]:
        """Literals, in lower case, without one of which no such prompt is there, each with what must follow it."""
        value = rf"[^\s&{QUOTES}\[{{]"
        part = rf"[{QUOTES}]?[ \t]*\n"
        fields = {name.lower(): f"(?:={value}|{part})" for name in names.strong} | {name.lower(): part for name in names.weak}
        turns = dict.fromkeys(("<|im_start|>", "<|start_header_id|>", "[inst]", "<start_of_turn>"), "")
        return fields | turns | dict.fromkeys((name.lower() for name in names.told), rf"[ ]?(?::|(?:is|was|是|为)[ ]?:?[ ]?[{QUOTES}])")

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where each prompt begins and ends."""
        yield from self._fields(text)
        yield from self._parts(text)
        yield from _turns(text)
        for found in self.told.finditer(text):
            yield found.end(), _line_end(text, found.end())

    def _fields(self, text: str) -> Iterator[tuple[int, int]]:
        """`prompt=…&model=…`: a field of a form, known by the fields beside it."""
        for found in self.form.finditer(text):
            line = min(_line_end(text, found.end()), found.end() + LONGEST_FIELD)
            further = FIELD_END.search(text, found.end(), line)
            if further or text[max(0, found.start() - 1) : found.start()] in {"?", "&"}:
                end = further.start() if further else line
                if end - found.end() >= SHORTEST:
                    yield found.end(), end

    def _parts(self, text: str) -> Iterator[tuple[int, int]]:
        """A part of a multipart body, up to the next boundary."""
        for found in self.part.finditer(text):
            end = _PART_END.search(text, found.end())
            yield found.end(), end.start() if end else len(text)


def _turns(text: str) -> Iterator[tuple[int, int]]:
    for opens, closes in _TURNS:
        at = 0
        while found := opens.search(text, at):
            end = text.find(closes, found.end())
            at = end if end >= 0 else len(text)
            yield found.end(), at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)
