"""Rows as the text that PostgreSQL's COPY reads, written a column at a time. Needs no connection, so another process may do it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any

FEWEST_TO_COPY = 50  # below, COPY costs more round trips than it saves
AT_ONCE = 2**18  # bytes given to the driver
NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNLIKE = frozenset({"started_at", "latency_ms", "ttft_ms", "prompt_tokens", "completion_tokens", "cost_micros"})  # hardly ever repeat


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
    identities = encoded["record_id"]
    filled = {name: values for name, values in encoded.items() if values.count(None) < len(values)}
    rows = list(map("\t".join, zip(*starmap(_written, filled.items()), strict=True)))
    first = dict(zip(reversed(identities), reversed(rows), strict=True))
    text = "\n".join([*map(first.__getitem__, sorted(first)), ""])
    return CopyText(len(identities), tuple(filled), text.encode())


def _written(name: str, values: Sequence[Any]) -> list[str]:
    """A column's values as text."""
    sample = next(value for value in values if value is not None)
    write = _WRITERS[type(sample)]
    if name in _UNLIKE or isinstance(sample, bytes):
        return [NULL if value is None else write(value) for value in values]
    known = {value: NULL if value is None else write(value) for value in dict.fromkeys(values)}
    return list(map(known.__getitem__, values))


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _bytes(value: bytes) -> str:
    return f"\\\\x{value.hex()}"


_WRITERS: Mapping[type, Callable[[Any], str]] = {int: str, bool: str, str: _text, bytes: _bytes}
