"""A second view in which tokens that were broken over lines are whole again.

Terminals, mail programs and chat windows break long keys. A line break is undone only where the token before it
and the token behind it can be halves of one: neither is a plain word and the second does not begin something new.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from app.core.key_ref import ELLIPSIS
from app.core.redaction.values import FORMS, changes_in, is_word
from app.core.redaction.view import View, ViewBuilder

_GLYPH = r"A-Za-z0-9_+/=.%\-"
_WORD = rf"(?:[A-Z]?[a-z]{{1,15}}|[A-Z]{{1,15}})(?![{_GLYPH}])"
# What no token goes on with, so that most breaks need no second look: a date or a name with its sign.
_NO_PIECE = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]",
    r"(?=[A-Fa-f0-9-]{0,14}[G-Zg-z_])[A-Za-z0-9_.+/-]{1,15}(?:[:(@]|=[A-Za-z0-9])",
)
_ENDS = (r"\n", r"\r\n")
_AFTER_SPACE = r"(?<=[ \t]\n)|(?<=[ \t]\r\n)"
_AFTER_LETTERS = "|".join((_AFTER_SPACE, *(f"(?<={letter}{{16}}{end})" for letter in ("[a-z]", "[A-Z]") for end in _ENDS)))
_AFTER_LONG = "|".join((_AFTER_SPACE, *(rf"(?<=[{_GLYPH}]{{15}}{end})" for end in _ENDS)))
# It begins with the line break itself, which a scan finds at once; spaces before it are taken off afterwards.
_BREAK = re.compile(
    rf"\n(?<=[{_GLYPH} \t\r]\n)(?:{_AFTER_LONG}|(?!{_WORD}))(?:{_AFTER_LETTERS}|(?!{_WORD}[ ][A-Za-z0-9(]))"
    rf"[ \t]{{0,16}}(?:[>|][ \t]{{0,8}}){{0,4}}(?=[A-Za-z0-9_+/=.]|-[A-Za-z0-9_])(?!{'|'.join(_NO_PIECE)})"
)
_RUN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/=.%-"
_BEHIND = re.compile(r"""[A-Za-z0-9_+/.-]{1,4096}(?:={1,2}(?=[\s"'`,;)\]}]|$))?""")
_BEGINS_ANEW = re.compile(r"[=:(@]|://")
_ALONE = re.compile(r"[\"'`\])},;.。，\ue000-\ue00f]{0,4}[ \t]*\|?[ \t]*(?:\r?\n|$)|(?=[\u3400-\u9fff])")
_IDS = "req|chatcmpl|cmpl|msg|resp|gen|file|asst|thread|run|call|toolu|batch|fp|org|proj|task|job|trace|span|img|vs|ft|user|team"
_OBJECT = re.compile(rf"(?:{_IDS})[-_]|https?:|www\.|-{{1,2}}[A-Za-z][a-z-]*(?:[ =]|$)|[0-9]{{4}}[-/][0-9]{{2}}")
_LETTERS = re.compile(r"(?:[a-z]{16}|[A-Z]{16})$")  # more than a word: the keys that are letters only
_FILLER = re.compile(r"(.)\1{5}$")  # `sk-xxxxxxxx` stands for a key and is whole
HEX_HALF = re.compile(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{16,}")
HEX_END = re.compile(r"[0-9a-f]{2,64}")
SHORTEST = 4
LONGEST_WORD = 16
FARTHEST = 200


def unwrapped(view: View, beginnings: frozenset[str]) -> View | None:
    """The view without breaks inside tokens; None when there are none. `beginnings`: how keys begin, in lower case."""
    text = view.text
    builder = ViewBuilder(text)
    at = 0
    for found in _BREAK.finditer(text):
        line = text[max(0, found.start() - FARTHEST) : found.start()].rstrip(" \t\r")
        if _is_inside_token(text, line, found.end(), beginnings):
            builder.copy(at, max(0, found.start() - FARTHEST) + len(line))
            at = found.end()
    if not at:
        return None
    builder.copy(at, len(text))
    return builder.build(view)


def whole_length(view: View, start: int, end: int, lengths: frozenset[int]) -> int:
    """How much of an unwrapped view's [start:end] is one token; 0 when it crosses no break or ends at the first.

    Where pieces add up to a full length of the key, the rest belongs to something else.
    """
    breaks = view.starts[bisect_right(view.starts, start) : bisect_left(view.starts, end)]
    if not breaks:
        return 0
    full = max((place - start for place in (*breaks, end) if place - start in lengths), default=end - start)
    return full if full > breaks[0] - start else 0


def _is_inside_token(text: str, line: str, end: int, beginnings: frozenset[str]) -> bool:
    """Whether what ends `line` goes on at `end`."""
    before = line[len(line.rstrip(_RUN)) :]
    behind = _BEHIND.match(text, end) if before else None
    if behind is None or line.endswith(ELLIPSIS + before) or _FILLER.search(before):  # a key that is hidden already is whole
        return False
    if len(before) < SHORTEST or _is_plain(before):
        return before.rpartition("=")[2].lower() in beginnings and len(behind[0]) >= LONGEST_WORD and not is_word(behind[0])
    if _is_form(before, behind[0]):
        return True
    begins = _BEGINS_ANEW.match(text, behind.end()) or _OBJECT.match(text, end)
    return begins is None and _continues(line, before, behind)


def _continues(line: str, before: str, behind: re.Match[str]) -> bool:
    """Whether `behind` goes on with the token that ends `line`."""
    if _LETTERS.search(before) and behind[0].isalpha():
        return True
    alone = _ALONE.match(behind.string, behind.end()) is not None
    if alone and len(before) >= LONGEST_WORD and line.rpartition("\n")[2].strip(" \t>|") == before:
        return True  # a line that is nothing but token, and a last piece
    return not _is_plain(behind[0]) and (alone or _is_piece(before, behind[0]))


def _is_form(before: str, behind: str) -> bool:
    """Two halves of a UUID, or of hex where the first half is too long to be a word."""
    half = re.split(r"[=/+.]", before)[-1]
    return FORMS.fullmatch(half + behind) is not None or (HEX_HALF.fullmatch(half) is not None and HEX_END.fullmatch(behind) is not None)


def _is_piece(before: str, behind: str) -> bool:
    """Whether `behind` looks like more of a token; the last piece may be short when much stands before it."""
    return len(behind) >= LONGEST_WORD or _is_mixed(behind) or (len(before) >= LONGEST_WORD and not behind.isdigit())


def _is_plain(token: str) -> bool:
    return len(token) < LONGEST_WORD and is_word(token.strip(".="))


def _is_mixed(token: str) -> bool:
    """Letters among digits, or capitals among small letters."""
    return changes_in(token[:64]) >= 2
