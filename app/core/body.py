"""A request body or a file split into numbered pieces, one JSON value each, so that a broken one harms no other.

An export's envelope (`{"success": true, "data": {"items": [...]}}`) counts as the array in it, a table's row as an object.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from operator import itemgetter, methodcaller

import msgspec

from app.core.csv_rows import is_table, table_rows
from app.core.fields import BadLine

Piece = tuple[int, bytes | msgspec.Raw | BadLine]  # a BadLine: it is known already that this piece cannot be read

_BOM = b"\xef\xbb\xbf"
_without_margins = methodcaller("strip", b" \t\r\n\v\f" + _BOM)  # no JSON value ends with a byte of a mark
BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
HEAD = 65_536  # bytes that tell what a file is
OPENING, CLOSING = (b"{", b"["), (b"}", b"]")
_ESCAPE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.DOTALL)
ROWS = ("data", "items", "result", "results", "logs", "records", "RECORDS")  # where exports keep their rows
_BESIDE_ROWS = ("success", "message", "messages", "code", "status", "error", "errors", "total", "count", "page", "page_size", "p", "size")
_BESIDE_MORE = ("total_pages", "totalPages", "has_more", "result_info", "next", "object", "msg", "time", "query")
ENVELOPE_KEYS = frozenset((*ROWS, *_BESIDE_ROWS, *_BESIDE_MORE))  # a record's own object has others
_ENVELOPE_START = re.compile(rb'\s*\{\s*"(?:' + "|".join((*ROWS, *_BESIDE_ROWS)).encode() + rb')"\s*:')
DEEPEST_ENVELOPE = 2
_LONE_SURROGATE = 6  # bytes of one \uXXXX escape


class UnreadableBody(Exception):
    """Nothing in the body is JSON. The message never repeats the body."""


def split_body(body: bytes) -> Iterable[Piece]:
    """Split an array, an envelope, a single object, lines of objects or a table. Arrays are numbered by element, the rest by line.

    Raises UnreadableBody when it is empty.
    """
    body = body.removeprefix(_BOM)
    first = body.lstrip()[:1]
    if not first:
        raise UnreadableBody("the body is empty")
    if first == b"[":
        return _array(body)
    if first == b"{" and _is_one_value(body):
        rows = _rows_in_envelope(body)
        return [(1, body)] if rows is None else list(enumerate(rows, 1))
    return table_rows(io.BytesIO(body)) if is_table(body[:HEAD]) else number_lines(io.BytesIO(body))


def is_whole_document(start: bytes) -> bool:
    """Whether a file that starts so is one JSON document, an array or an export's envelope, and no lines."""
    start = start.removeprefix(_BOM)
    return start.lstrip()[:1] == b"[" or bool(_ENVELOPE_START.match(start))


def number_lines(lines: Iterable[bytes]) -> Iterator[Piece]:
    """Give lines numbers from 1 and leave blank ones out. A file has as many lines as it likes: each goes through C alone."""
    return filter(itemgetter(1), enumerate(map(_without_margins, lines), 1))


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
    for found in BRACKET.finditer(body, start):
        if found[0] in OPENING:
            yield from rubbish(body[start : found.start()]) if depth == 0 else ()
            start = found.start() if depth == 0 else start
            depth += 1
        elif found[0] in CLOSING and depth:
            depth -= 1
            if depth == 0:
                yield body[start : found.end()]
                start = found.end()
    yield from rubbish(body[start:])


def rubbish(between: bytes) -> Iterator[bytes]:
    """Give what stands between two elements unless it only separates or ends them."""
    if rest := between.strip(b" \t\r\n,]"):
        yield rest


def _rows_in_envelope(body: bytes | msgspec.Raw, depth: int = 0) -> list[msgspec.Raw] | None:
    """Give the rows of an export's envelope; None when the object is no envelope but a record."""
    try:
        envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    part = next((envelope[name] for name in ROWS if bytes(envelope.get(name, b""))[:1] in OPENING), None)
    if part is None or not envelope.keys() <= ENVELOPE_KEYS:
        return None
    if bytes(part)[:1] == b"{":
        return _rows_in_envelope(part, depth + 1) if depth < DEEPEST_ENVELOPE else None
    rows = msgspec.json.decode(part, type=list[msgspec.Raw])
    return rows if all(bytes(row)[:1] == b"{" for row in rows) else None


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
