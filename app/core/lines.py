"""One line decoded into a struct that names only what may be kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

import msgspec

from app.core.body import Piece, repaired
from app.core.fields import BadLine, NotARequest, NotJson
from app.core.record import Reject

Line = TypeVar("Line")
Fields = TypeVar("Fields", bound=msgspec.Struct)

_PLACE = re.compile(r"`\$([\w.]+)`")
_OBJECT = re.compile(rb"\s*\{")


def decode_line(decoder: msgspec.json.Decoder[Line], line: bytes | msgspec.Raw) -> Line:
    """Decode `line`; raises BadLine with a reason that names places and types, never content."""
    try:
        return decoder.decode(line)
    except msgspec.ValidationError as error:
        raise _misshapen(str(error), bytes(line)) from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_repaired(decoder, bytes(line))
    except RecursionError:
        raise NotJson("nested too deeply") from None


class ReadEach(NamedTuple, Generic[Line]):
    """What was read of numbered pieces, and what was not."""

    numbers: list[int]
    lines: list[Line]
    rejects: list[Reject]
    not_json: int  # rejects that are not even JSON


def read_each(pieces: Iterable[Piece], read: Callable[[bytes | msgspec.Raw], Line]) -> ReadEach[Line]:
    """Read pieces one by one; what raises BadLine becomes a reject, and what is about no request, as other spans of a trace, neither."""
    numbers: list[int] = []
    lines: list[Line] = []
    rejects: list[Reject] = []
    not_json = 0
    for number, piece in pieces:
        try:
            if isinstance(piece, BadLine):
                raise piece
            lines.append(read(piece))
            numbers.append(number)
        except NotARequest:
            continue
        except BadLine as problem:
            rejects.append(Reject(number, problem.reason))
            not_json += isinstance(problem, NotJson)
    return ReadEach(numbers, lines, rejects, not_json)


class PartDecoder(Generic[Fields]):
    """Decodes a nested object that is worth having but not worth a rejected record: an odd one counts as empty.

    An object written as text, as tables and some gateways keep it, is read like the object itself.
    """

    def __init__(self, fields: type[Fields]) -> None:
        self._decoder = msgspec.json.Decoder(fields)
        self._empty = fields()

    def decode(self, part: bytes | msgspec.Raw) -> Fields:
        """Decode `part`, or give empty fields."""
        try:
            return self._decoder.decode(part)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._repaired(bytes(part))

    def _repaired(self, part: bytes) -> Fields:
        try:
            return self._decoder.decode(unquoted(repaired(part)))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._empty


def unquoted(part: bytes) -> bytes:
    """Take an object out of the JSON text it was written as; anything else stays as it is."""
    if part[:1] != b'"':
        return part
    try:
        return msgspec.json.decode(part, type=str).encode("utf-8", "replace")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return part


def _decode_repaired(decoder: msgspec.json.Decoder[Line], line: bytes) -> Line:
    """Try once more without bytes and escapes that are no text."""
    try:
        return decoder.decode(repaired(line))
    except msgspec.ValidationError as error:
        raise _misshapen(str(error), line) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NotJson("not JSON") from None


def _misshapen(message: str, line: bytes) -> BadLine:
    """Say which field has the wrong shape."""
    if not _OBJECT.match(line):
        return BadLine("not a JSON object")
    place = _PLACE.search(message)
    return BadLine(f"{place[1].lstrip('.')} has the wrong type" if place else "a number is out of range")
