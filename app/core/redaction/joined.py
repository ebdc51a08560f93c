"""A second view in which tokens that something cut on one line are whole again: literals put together, tags, blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.core.redaction.canonical import QUOTES
from app.core.redaction.values import changes_in, is_word
from app.core.redaction.view import View, ViewBuilder

_GLYPH = "A-Za-z0-9_+/=.-"
_GLUE = re.compile(
    rf"(?P<quote>[{QUOTES}])[ \t]{{0,4}}\n?[ \t]{{0,24}}(?:\.\.|\|\||[+.&~])?[ \t]{{0,4}}\n?[ \t]{{0,24}}(?P=quote)(?=[A-Za-z0-9_+/=.-])"
)
_TAG = re.compile(
    r"(?:</?(?:b|i|u|s|em|strong|span|mark|font|code|tt|a|wbr)(?:[ ][^<>\n]{0,120})?/?>){1,4}(?=[A-Za-z0-9_+/=.-])", re.IGNORECASE
)
_BEFORE = re.compile(rf"[{_GLYPH}]{{4,64}}$")
_BEHIND = re.compile(rf"[{_GLYPH}]{{1,64}}")
_MARKED = re.compile(
    r"(?P<open>(?P<mark>\*{1,3}|__|~~|\|\||==))[A-Za-z0-9+/.-][A-Za-z0-9_+/.-]{14,511}?(?P<close>(?P=mark))(?![A-Za-z0-9])"
    r"|(?P<tag><(?P<name>code|b|strong|em|i|kbd|pre|tt|mark)>)[A-Za-z0-9_+/=.-]{16,512}(?P<end></(?P=name)>)"
    r"|(?P<bracket>\[)[A-Za-z0-9_+/=.-]{16,512}(?P<link>\]\((?:https?:|mailto:)[^\s()]{1,300}\))"
)
_SIGNS = ("*", "__", "~~", "||", "==", "</", "](")
_MARKS = (("open", "close"), ("tag", "end"), ("bracket", "link"))
_GROUPS = re.compile(r"(?<![A-Za-z0-9_+/.-])[A-Za-z0-9_+/.-]{3,12}(?:[ ][A-Za-z0-9_+/.-]{1,12}){2,200}(?![A-Za-z0-9_+/.-])")
NARROWEST, WIDEST = 3, 12
MANY_GROUPS = 6
FEWEST_GROUPS = 4


def joined(view: View) -> View | None:
    """The view without cuts inside tokens; None when there are none."""
    cuts = sorted(_cuts(view.text))
    if not cuts:
        return None
    builder = ViewBuilder(view.text)
    at = 0
    for start, end in cuts:
        if start >= at:
            builder.copy(at, start)
            at = end
    builder.copy(at, len(view.text))
    return builder.build(view)


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """What to leave out."""
    for sign, cut in ((None, _GLUE), ("<", _TAG)):
        for found in cut.finditer(text) if sign is None or sign in text else ():
            if _is_inside_token(text, *found.span()):
                yield found.span()
    for marked in _MARKED.finditer(text) if any(sign in text for sign in _SIGNS) else ():
        yield from (marked.span(side) for pair in _MARKS if marked[pair[0]] for side in pair)
    for groups in _GROUPS.finditer(text):
        yield from _blanks(groups)


def _is_inside_token(text: str, start: int, end: int) -> bool:
    """Whether halves of a token stand on both sides."""
    before, behind = _BEFORE.search(text, max(0, start - 64), start), _BEHIND.match(text, end)
    return before is not None and behind is not None and not (is_word(before[0]) and is_word(behind[0]))


def _blanks(groups: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The blanks of the longest series of groups of one width, if it reads like no words."""
    pieces = groups[0].split(" ")
    at, first = groups.start(), 0
    while first < len(pieces):
        last = first + 1
        while last < len(pieces) and len(pieces[last]) == len(pieces[first]):
            last += 1
        if last == len(pieces) - 1 and len(pieces[last]) < len(pieces[first]):
            last += 1
        series = pieces[first:last]
        if _is_token(series):
            for piece in series[:-1]:
                yield at + len(piece), at + len(piece) + 1
                at += len(piece) + 1
            at += len(series[-1]) + 1
        else:
            at += sum(map(len, series)) + len(series)
        first = last


def _is_token(pieces: list[str]) -> bool:
    """Groups of one width that are no words and no numbers."""
    whole = "".join(pieces)
    if len(pieces) < FEWEST_GROUPS - (len(pieces[0]) > 6) or not NARROWEST <= len(pieces[0]) <= WIDEST or whole.isdigit():
        return False
    return len(pieces) >= MANY_GROUPS or changes_in(whole) * 7 >= len(whole)
