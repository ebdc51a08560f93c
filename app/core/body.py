"""A request body or a file split into numbered pieces, one JSON value each, so that a broken one harms no other."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator

import msgspec

Piece = tuple[int, bytes | msgspec.Raw]

_BOM = b"\xef\xbb\xbf"
_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
_OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")
_ESCAPE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.DOTALL)
_LONE_SURROGATE = 6  # bytes of one \uXXXX escape


class UnreadableBody(Exception):
    """Nothing in the body is JSON. The message never repeats the body."""


def split_body(body: bytes) -> Iterable[Piece]:
    """Split an array, a single object or lines of objects. Arrays are numbered by element, the rest by line.

    Raises UnreadableBody when it is empty.
    """
    body = body.removeprefix(_BOM)
    first = body.lstrip()[:1]
    if not first:
        raise UnreadableBody("the body is empty")
    if first == b"[":
        return _array(body)
    if first == b"{" and _is_one_value(body):
        return [(1, body)]
    return number_lines(io.BytesIO(body))


def number_lines(lines: Iterable[bytes]) -> Iterator[Piece]:
    """Give lines numbers from 1 and leave blank ones out."""
    for number, line in enumerate(lines, 1):
        stripped = line.strip().removeprefix(_BOM)
        if stripped:
            yield number, stripped


def repaired(piece: bytes | msgspec.Raw) -> bytes:
    """Replace bytes that are not UTF-8 and halves of surrogate pairs: Python senders write both."""
    text = bytes(piece).decode("utf-8", "replace").encode()
    return _ESCAPE.sub(lambda found: b"\\ufffd" if _is_lone(found[0]) else found[0], text)


def _array(body: bytes) -> Iterable[Piece]:
    """Split a JSON array; a damaged one gives the elements that can be told apart."""
    try:
        return list(enumerate(msgspec.json.decode(body, type=list[msgspec.Raw]), 1))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return enumerate(_elements(body), 1)


def _elements(body: bytes) -> Iterator[bytes]:
    """Find the elements of a damaged array by counting brackets outside strings; rubbish between them is an element too."""
    depth, start = 0, body.index(b"[") + 1
    for found in _BRACKET.finditer(body, start):
        if found[0] in _OPENING:
            yield from _rubbish(body[start : found.start()]) if depth == 0 else ()
            start = found.start() if depth == 0 else start
            depth += 1
        elif found[0] in _CLOSING and depth:
            depth -= 1
            if depth == 0:
                yield body[start : found.end()]
                start = found.end()
    yield from _rubbish(body[start:])


def _rubbish(between: bytes) -> Iterator[bytes]:
    """Give what stands between two elements unless it only separates or ends them."""
    if rest := between.strip(b" \t\r\n,]"):
        yield rest


def _is_one_value(body: bytes) -> bool:
    """Whether the whole body is one JSON value."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_lone(escape: bytes) -> bool:
    """Whether an escape is half of a surrogate pair."""
    return len(escape) == _LONE_SURROGATE and escape[2:3] in b"dD" and escape[3:4] in b"89abcdefABCDEF"
