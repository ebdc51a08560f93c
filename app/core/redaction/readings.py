"""Other ways to read a text: as mail sent it, as a form encoded it, without what stands before each of its lines.

Each is a view of the text, tried besides the text itself, and made only where the text shows a sign of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from app.core.redaction.view import View, ViewBuilder

_CONTINUED = re.compile(r"\\\r?(?=\n[ \t])")  # a shell joins what follows, or begins a new word where it is indented: read both ways
_PRINTABLE = re.compile(r"=(?:(?<=[A-Za-z0-9_.+/-]=)\r?\n(?=[A-Za-z0-9=+/])|[89A-F][0-9A-F]=[89A-F][0-9A-F]|3D)")
_PRINTED = re.compile(r"(?:=[0-9A-F]{2}|(?<!=)=\r?\n)+")
_CODE = re.compile("=([0-9A-F]{2})")
_FORM = re.compile(
    r"%[0-9A-Fa-f]{2}[^\s\"'<>]{0,400}?\+|\+[^\s\"'<>+]{0,400}?%[0-9A-Fa-f]{2}|[?&][A-Za-z_.-]{1,40}=[^\s\"'<>&+]{1,200}\+[^\s\"'<>&+]{1,200}\+"
)
_FORM_RUN = re.compile(r"[^\s\"'<>]{8,}")
_STAMP = r"\[?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9:.,]{8,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?\]?[ ](?:std(?:err|out)[ ][FP][ ])?"
_SYSLOG = r"[A-Z][a-z]{2}[ ][ 0-9][0-9][ ][0-9:]{8}[ ][A-Za-z0-9_.-]{1,64}[ ][A-Za-z0-9_./-]{1,64}(?:\[[0-9]{1,8}\])?:[ ]"
_MARGIN = re.compile(
    rf"(?P<stamp>{_STAMP}|{_SYSLOG})|(?P<bar>[ ]{{0,8}}[A-Za-z0-9_.-]{{1,48}}[ ]{{0,24}}[|│][ ]?)"
    r"|(?P<number>[ ]{0,6}[0-9]{1,5}(?:\t|[:.)][ ]|[ ]{1,2}(?=[ ]{2}|[\"'{}\[\]A-Za-z])))|(?P<edge>[ ]{0,4}[│┃║|][ ]?)"
    r"|(?P<mail>(?:>[ ]?){1,8})|(?P<comment>[ ]{0,4}(?:\#{1,3}|//+|\*|--|;)(?:[ ]|$))|(?P<change>[ ]?[+-](?![+-]{2})[ ]?)"
)
_RIGHT_EDGE = re.compile(r"(?<![ ])[ ]{0,200}[│┃║|][ ]{0,8}$")
_WORD = re.compile(r"[^\s]{1,200}")
_HALF = re.compile(r"(?=[A-Za-z_.+/-]{0,40}[0-9])[A-Za-z0-9_+/=.-]{16,}\n$|[A-Za-z]{24,}\n$")
_HALF_BEHIND = re.compile(r"[ ]{0,3}(?:(?=[A-Za-z_+/=.-]{0,40}[0-9])[A-Za-z0-9_+/=.-]{4,}|[A-Za-z]{16,})")
_PREFIX = re.compile(r"[ ]*(?:[0-9]{1,5}|[a-z][a-z0-9_.-]*-[0-9]{1,3})[ ]*[|│]")  # of a line that goes on; `N | 3.2s` is a last letter
LONGEST_HALF = 80
SHORTEST_BLOCK = 2  # lines
MOST_LINES = 20_000
EDGE = 2  # columns: the frame itself and the blank before it


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the kind of its margin, where it starts, where its margin and its text end, and where a frame closes it (or 0)."""

    kind: str
    start: int
    at: int
    end: int
    framed: int


def readings(text: str) -> Iterator[View]:
    """The text, and every other way to read it."""
    yield View(text)
    if _CONTINUED.search(text):
        yield _with_blanks(text)
    if "=" in text and _PRINTABLE.search(text):
        yield _unprinted(text)
    if "+" in text and _FORM.search(text):
        yield _unformed(text)
    if "\n" in text and (bare := _without_margins(text)):
        yield bare


def _with_blanks(text: str) -> View:
    """With a blank for each continuation: places stay the same."""
    return View(_CONTINUED.sub(lambda found: " " * len(found[0]), text))


def _unprinted(text: str) -> View:
    """Decoded from quoted-printable."""
    builder = ViewBuilder(text)
    at = 0
    for found in _PRINTED.finditer(text):
        builder.copy(at, found.start())
        builder.rewrite(*found.span(), bytes(int(code, 16) for code in _CODE.findall(found[0])).decode("utf-8", "replace"))
        at = found.end()
    builder.copy(at, len(text))
    return builder.build()


def _unformed(text: str) -> View:
    """With blanks for the plus signs of a form's encoding; places stay the same."""
    return View(_FORM_RUN.sub(lambda found: found[0].replace("+", " ") if "%" in found[0] or "?" in found[0] else found[0], text))


def _without_margins(text: str) -> View | None:
    """Without the log's prefix, line number, quotation mark or frame before each line of a block; None where there is none."""
    if text.count("\n") > MOST_LINES:
        return None
    builder = ViewBuilder(text)
    at = 0
    for _, block in groupby(_lines(text), key=lambda line: line.kind):
        of_block = list(block)
        for above, line in zip((None, *of_block), of_block, strict=False) if _is_block(text, of_block) else ():
            if above and _is_filled(text, above, line):
                builder.rewrite(at, line.at, " ")
            else:
                builder.copy(at, line.start)
            builder.copy(line.at, line.end)
            at = _line_end(text, line.end)
    if not at:
        return None
    builder.copy(at, len(text))
    return builder.build()


def _lines(text: str) -> Iterator[Line]:
    """Every line and its margin."""
    at = 0
    while at <= len(text):
        end = _line_end(text, at)
        found = _MARGIN.match(text, at, end)
        right = _RIGHT_EDGE.search(text, found.end(), end) if found and found.lastgroup == "edge" else None
        margin = found.end() if found else at
        yield Line((found.lastgroup or "") if found else "", at, margin, right.start() if right else end, right.end() if right else 0)
        at = end + 1


def _is_block(text: str, lines: list[Line]) -> bool:
    """Whether lines share a margin; one line alone when it goes on with a token of the line before."""
    first = lines[0]
    if not first.kind or len(lines) >= SHORTEST_BLOCK:
        return bool(first.kind)
    if first.kind == "stamp" or (first.kind == "bar" and not _PREFIX.match(text, first.start)):
        return False
    return (
        _HALF.search(text, max(0, first.start - LONGEST_HALF), first.start) is not None and _HALF_BEHIND.match(text, first.at) is not None
    )


def _is_filled(text: str, above: Line, line: Line) -> bool:
    """Whether a frame's line was broken between words because the next one did not fit."""
    used, room = above.end - above.at, above.framed - above.at - EDGE
    word = _WORD.match(text, line.at, line.end)
    return above.framed > 0 and used < room <= used + 1 + len(word[0] if word else "") and not text.startswith("-", above.end - 1)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)
