"""A long JSON document, an array or an export's envelope, taken apart record by record as it is read: memory stays bounded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from app.core.body import BRACKET, CLOSING, DEEPEST_ENVELOPE, ENVELOPE_KEYS, OPENING, ROWS, Piece, number_lines, rubbish
from app.core.fields import BadLine

AT_ONCE = 2**20  # bytes; more only for a record that is longer
LONGEST = 2**25  # bytes of one record
CANDIDATES = 3

Read = Callable[[int], bytes]  # the next bytes, at most so many; none at the end

_BETWEEN = re.compile(rb"\}[ \t\r\n]*,(?=[ \t\r\n]*\{)")
_NEAR_END = 2**16
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s*:)?|[\[\]{}]', re.DOTALL)
_ARRAY_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
_OBJECT_NEXT = re.compile(rb"\s*[{\]]")


def document_records(start: bytes, read: Read) -> Iterator[Piece]:
    """Give the records of a document that begins with `start` and goes on with what `read` gives, numbered from 1.

    One that is damaged or cut off gives every record that is whole, and says once that the rest is missing. What is neither
    an array nor an envelope is taken line by line.
    """
    if array := _ARRAY_START.match(start):
        return enumerate(_elements(start[array.end() :], read, ends_at_bracket=False), 1)
    rows = _rows_in_envelope(start)
    if rows is not None:
        return enumerate(_elements(start[rows:], read, ends_at_bracket=True), 1)
    return number_lines(_lines(start, read))


class _Split(NamedTuple):
    """What a stretch of an array holds: whole elements, what is left over, and whether the array ended."""

    elements: list[bytes | msgspec.Raw]
    rest: bytes
    ended: bool = False


def _elements(stretch: bytes, read: Read, *, ends_at_bracket: bool) -> Iterator[bytes | msgspec.Raw | BadLine]:
    """Elements of an array from behind its bracket. In a damaged one a closing bracket may stand anywhere, and ends nothing."""
    while True:
        split = _split_fast(stretch) or _split(stretch, ends_at_bracket)
        yield from split.elements
        if split.ended:
            while read(AT_ONCE):  # what an envelope says beside its rows
                pass
            return
        if len(split.rest) > LONGEST:
            yield BadLine("a record longer than 32 MiB; the rest of the file cannot be told apart")
            return
        more = read(max(AT_ONCE, len(split.rest)))
        if not more:
            yield from _last(_split(split.rest, ends_at_bracket))
            return
        stretch = split.rest + more


def _last(split: _Split) -> Iterator[bytes | msgspec.Raw | BadLine]:
    """What a document ends with."""
    unfinished = list(rubbish(split.rest))
    yield from (*split.elements, *unfinished)
    if not unfinished and not split.ended and b"]" not in split.rest:
        yield BadLine("the file ends before the array does")


def _split_fast(stretch: bytes) -> _Split | None:
    """Let the decoder find the elements up to what looks like the last gap between two; only a true gap leaves valid JSON before it."""
    gaps = list(_BETWEEN.finditer(stretch, max(0, len(stretch) - _NEAR_END)))
    for gap in reversed(gaps[-CANDIDATES:]):
        try:
            elements = msgspec.json.decode(b"[%b]" % stretch[: gap.start() + 1], type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        return _Split(list(elements), stretch[gap.end() :])
    return None


def _split(stretch: bytes, ends_at_bracket: bool) -> _Split:
    """Find elements by counting brackets outside strings; rubbish between two is an element too."""
    elements: list[bytes | msgspec.Raw] = []
    depth = start = 0
    for found in BRACKET.finditer(stretch):
        if found[0] in OPENING:
            if depth == 0:
                elements += rubbish(stretch[start : found.start()])
                start = found.start()
            depth += 1
        elif found[0] in CLOSING and depth:
            depth -= 1
            if depth == 0:
                elements.append(stretch[start : found.end()])
                start = found.end()
        elif found[0] == b"]" and ends_at_bracket:
            return _Split([*elements, *rubbish(stretch[start : found.start()])], b"", ended=True)
    return _Split(elements, stretch[start:])


def _rows_in_envelope(start: bytes) -> int | None:
    """Where the rows of an envelope begin, behind their bracket; None when the document does not begin as one."""
    depth = level = 0  # level: how many objects the rows lie in, as far as is known
    key = b""
    for found in _TOKEN.finditer(start):
        directly = depth == level and depth > 0
        if found[2] and directly:
            key = found[1]
            if key.decode("utf-8", "replace") not in ENVELOPE_KEYS:
                return None
        elif found[0] in OPENING:
            holds_rows = directly and key.decode() in ROWS
            if holds_rows and found[0] == b"[":
                return found.end() if _OBJECT_NEXT.match(start, found.end()) else None
            level += depth == 0 or (holds_rows and level <= DEEPEST_ENVELOPE)
            depth += 1
        elif found[0] in CLOSING:
            depth -= 1
            if depth < level:
                return None
    return None


def _lines(start: bytes, read: Read) -> Iterator[bytes]:
    rest = b""
    for stretch in chain((start,), iter(lambda: read(AT_ONCE), b"")):
        *lines, rest = (rest + stretch).split(b"\n")
        yield from lines
    yield rest
