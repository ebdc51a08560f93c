"""Rows as the text that PostgreSQL's COPY reads, written a column at a time. Needs no connection, so another process may do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec

FEWEST_TO_COPY = 50  # below, COPY costs more round trips than it saves
AT_ONCE = 2**18  # bytes given to the driver
NULL = "\\N"
BEFORE_HEX = "\\\\x"  # tells bytes written as digits
REMEMBERED = 4096  # texts of what goes together, each of another combination
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IDENTITY, _REQUEST, _ACTION = _IDS = ("record_id", "request_id", "action_id")
_NUMBERS = (  # hardly ever repeat
    *("started_at", "latency_ms", "ttft_ms", "prompt_tokens", "completion_tokens"),
    *("cost_micros", "quota_micros", "balance_micros"),
)
_TOGETHER = (  # what was asked for, whose it was, what it came to: as they stand in one record they stand in many
    ("source", "attempt", "request_type", "endpoint", "client", "model_requested", "model_served", "provider"),
    ("key_prefix", "key_last4", "key_fingerprint", "key_alias", "owner", "group", "environment"),
    (
        *("status_code", "outcome", "origin", "error_code", "error_message", "charged", "stream", "stream_end"),
        *("retries", "fallback_from", "fallback_reason", "tags"),
    ),
)
_KNOWN = frozenset({*_IDS, *_NUMBERS, *chain.from_iterable(_TOGETHER)})


@dataclass(frozen=True, slots=True)
class CopyText:
    """Rows of different identity, in the order of their identities, without columns in which they have nothing."""

    count: int
    columns: tuple[str, ...]
    text: bytes

    def __len__(self) -> int:
        """How many rows they were made of, those of the same identity counted each."""
        return self.count

    def of_batch(self, batch_id: int) -> Iterator[memoryview]:
        """The text with the batch's number as a last column. A line end inside a value is written otherwise."""
        whole = memoryview(self.text.replace(b"\n", b"\t%d\n" % batch_id))
        return (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))


def copy_text(encoded: Mapping[str, Sequence[Any]]) -> CopyText:
    """Write columns of values as the driver takes them (logs_rows.encoded_columns); of rows with one identity the first."""
    filled = {name: values for name, values in encoded.items() if has_any(values)}
    names, pieces = zip(*_pieces(filled), strict=True)
    rows = list(map(b"\t".join, zip(*pieces, strict=True)))
    identities = filled[_IDENTITY]
    if len(set(identities)) < len(identities):
        rows = list(dict(zip(reversed(identities), reversed(rows), strict=True)).values())
    rows.sort()  # what stands first in a row is its identity
    return CopyText(len(identities), tuple(chain.from_iterable(names)), b"\n".join([*rows, b""]))


def has_any(values: Sequence[Any]) -> bool:
    """Whether a column has anything but None. Mostly the first value says it; only a column that begins with None is counted."""
    return bool(values) and (values[0] is not None or values.count(None) < len(values))


def _pieces(filled: Mapping[str, Sequence[Any]]) -> Iterator[tuple[Sequence[str], Sequence[bytes]]]:
    """Columns, some at a time, and what they write in each row. The order of columns is free, but for the identity."""
    yield from _ids(filled)
    numbers = [name for name in _NUMBERS if name in filled]
    yield numbers, _number_texts([filled[name] for name in numbers])
    others = ((name,) for name in filled if name not in _KNOWN)
    for together in (*_TOGETHER, *others):
        names = tuple(name for name in together if name in filled)
        yield names, list(map(_texts_of(names).__getitem__, zip(*(filled[name] for name in names), strict=True)))


def _ids(filled: Mapping[str, Sequence[bytes]]) -> Iterator[tuple[Sequence[str], Sequence[bytes]]]:
    """The action's id is nearly always the request's."""
    yield (_IDENTITY,), _hex_texts(filled[_IDENTITY])
    requests = _hex_texts(filled[_REQUEST])
    yield (_REQUEST,), requests
    yield (_ACTION,), requests if filled[_ACTION] == filled[_REQUEST] else _hex_texts(filled[_ACTION])


def _hex_texts(values: Sequence[bytes]) -> list[bytes]:
    """Bytes, nearly always of one length: then all at once."""
    size = len(values[0])
    if not size or set(map(len, values)) != {size}:
        return [_bytes(value).encode() for value in values]
    digits = b"".join(values).hex("\t", size)
    return (BEFORE_HEX + digits.replace("\t", f"\t{BEFORE_HEX}")).encode().split(b"\t")


_rows_of_json = msgspec.json.Encoder().encode_lines
_FROM_JSON = bytes.maketrans(b",nu", b"\t" + NULL.encode())  # a separator to another, and of "null" what NULL is written with
_ONLY_IN_JSON = b"[]l"


def _number_texts(columns: Sequence[Sequence[int | None]]) -> list[bytes]:
    """Rows of numbers: nothing writes those as quickly as a writer of JSON."""
    rows = _rows_of_json(zip(*columns, strict=True)).translate(_FROM_JSON, _ONLY_IN_JSON).split(b"\n")
    del rows[-1]  # behind the last line end
    return rows


class _Texts(dict[tuple[Any, ...], bytes]):
    """What values that stand together are written as, by these values. A full table starts afresh."""

    def __missing__(self, values: tuple[Any, ...]) -> bytes:
        """Write and remember."""
        if len(self) >= REMEMBERED:
            self.clear()
        text = self[values] = "\t".join([NULL if value is None else _WRITERS[type(value)](value) for value in values]).encode()
        return text


@lru_cache(maxsize=12)
def _texts_of(_names: tuple[str, ...]) -> _Texts:
    """Those of these columns. They are kept from batch to batch: keys, models and errors come again."""
    return _Texts()


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _bytes(value: bytes) -> str:
    return f"{BEFORE_HEX}{value.hex()}"


_WRITERS: Mapping[type, Callable[[Any], str]] = {int: str, bool: str, str: _text, bytes: _bytes}
