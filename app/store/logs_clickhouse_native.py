"""Columns as a block in ClickHouse's Native format, for the types of log_record: several times as fast as the client's own way.

Whole columns go through C (join, map, array) instead of one value at a time; a log is written by the million.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Any

Encoder = Callable[[Sequence[Any]], bytes]
_DICTIONARY_VERSION = (1).to_bytes(8, "little")
_OWN_KEYS = (1 << 9) | (1 << 10)  # the dictionary comes with the block, and is a new one


def native_block(width: int, rows: int, *columns: bytes) -> bytes:
    """One block of so many columns and rows."""
    return b"".join((_varint(width), _varint(rows), *columns))


def native_columns(types: Mapping[str, str], columns: Mapping[str, Sequence[Any]]) -> bytes:
    """Whole columns of a block, in the order of `types` (column → its type as ClickHouse writes it)."""
    parts = ((_text(name.encode()), _text(kind.encode()), encoder(kind)(columns[name])) for name, kind in types.items())
    return b"".join(chain.from_iterable(parts))


def encoder(kind: str) -> Encoder:
    """How a column of this type is written."""
    return _ENCODERS[kind]


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


_LENGTHS = tuple(_varint(number) for number in range(4096))


def _text(data: bytes) -> bytes:
    return (_LENGTHS[len(data)] if len(data) < len(_LENGTHS) else _varint(len(data))) + data


def _texts(values: Sequence[str]) -> bytes:
    encoded = [value.encode() for value in values]
    lengths = [_LENGTHS[size] if size < len(_LENGTHS) else _varint(size) for size in map(len, encoded)]
    return b"".join(chain.from_iterable(zip(lengths, encoded, strict=True)))


def _numbers(code: str) -> Encoder:
    def encode(values: Sequence[int]) -> bytes:
        numbers = array(code, values)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers.tobytes()

    return encode


def _nullable(inner: Encoder, empty: Any) -> Encoder:
    """A mark for each value that is missing, then all values."""

    def encode(values: Sequence[Any]) -> bytes:
        missing = values.count(None)
        if not missing:
            return bytes(len(values)) + inner(values)
        if missing == len(values):
            return b"\1" * len(values) + inner([empty] * len(values))
        return bytes([value is None for value in values]) + inner([empty if value is None else value for value in values])

    return encode


def _dictionary(inner: Encoder, empty: Any, *, nullable: bool) -> Encoder:
    """Each value once, and where each row finds its own; the first of a nullable column stands for a missing one."""

    def encode(values: Sequence[Any]) -> bytes:
        if not values:
            return b""
        distinct = dict.fromkeys(values)
        if nullable:
            distinct = {None: None} | distinct
        places = dict(zip(distinct, range(len(distinct)), strict=True))
        code, size = next(
            (code, size) for code, size, most in (("B", 0, 1 << 8), ("H", 1, 1 << 16), ("I", 2, 1 << 32)) if len(places) <= most
        )
        keys = inner([empty if value is None else value for value in distinct])
        head = (_OWN_KEYS | size, len(places))
        rows = _numbers(code)(list(map(places.__getitem__, values)))
        return b"".join((_numbers("Q")(head), keys, _numbers("Q")((len(values),)), rows))

    return encode


def _with_version(encode: Encoder) -> Encoder:
    return lambda values: _DICTIONARY_VERSION + encode(values)


def _lists(inner: Encoder) -> Encoder:
    """Where each row's list ends, then all their values."""

    def encode(values: Sequence[Sequence[Any]]) -> bytes:
        ends, end = [], 0
        for value in values:
            end += len(value)
            ends.append(end)
        return _DICTIONARY_VERSION + _numbers("Q")(ends) + inner(list(chain.from_iterable(values)))

    return encode


_MARK = _dictionary(_texts, "", nullable=False)
_ENCODERS: Mapping[str, Encoder] = {
    "Int8": _numbers("b"),
    "UInt8": _numbers("B"),
    "Int64": _numbers("q"),
    "UInt64": _numbers("Q"),
    "FixedString(16)": b"".join,
    "String": _texts,
    "LowCardinality(String)": _with_version(_MARK),
    "LowCardinality(Nullable(String))": _with_version(_dictionary(_texts, "", nullable=True)),
    "LowCardinality(Nullable(FixedString(16)))": _with_version(_dictionary(b"".join, bytes(16), nullable=True)),
    "Nullable(Int64)": _nullable(_numbers("q"), 0),
    "Nullable(Bool)": _nullable(_numbers("B"), 0),
    "Nullable(String)": _nullable(_texts, ""),
    "Array(LowCardinality(String))": _lists(_MARK),
}
