"""Cells of the roll-ups as rows of their table, and those as PostgreSQL's COPY reads them.

Needs no connection, so another process may do it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from struct import Struct

from app.core.rollups import Cell, Dimension

CellRow = tuple[str, int, str, bytes]  # dimension, hour, value, figures
CellKey = tuple[str, int, str]

AT_ONCE = 500  # rows given to the driver; some hundred bytes each
_NAMES = {id(dimension): dimension.value for dimension in Dimension}  # by identity: a member of an enum hashes slowly

# COPY's binary format: a header, each row's number of fields, each field behind its length, an end
_HEADER, _END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
_FIELDS = (5).to_bytes(2, "big")
_LENGTH = Struct(">i").pack
_INTEGER = Struct(">ii").pack


def cell_rows(cells: Mapping[Cell, int]) -> list[CellRow]:
    """In the order of the table; of plain values, which are quick to compare and to hand to another process."""
    return sorted((_NAMES[id(dimension)], hour, value, to_bytes(packed)) for (dimension, hour, value), packed in cells.items() if packed)


def to_bytes(packed: int) -> bytes:
    """A packed number as it is stored."""
    return packed.to_bytes(-(-packed.bit_length() // 8), "little")


def from_bytes(figures: bytes) -> int:
    """A packed number as it was stored."""
    return int.from_bytes(figures, "little")


def add_figures(some: bytes, others: bytes) -> bytes:
    """Both packed numbers together."""
    return to_bytes(int.from_bytes(some, "little") + int.from_bytes(others, "little"))


def copied(rows: Sequence[CellRow], kept: bool) -> Iterator[bytes]:
    """Rows as COPY reads them: dimension, hour, value, kept, figures."""
    yield _HEADER
    middle = _INTEGER(4, kept)
    for start in range(0, len(rows), AT_ONCE):
        yield b"".join([piece for row in rows[start : start + AT_ONCE] for piece in _row(row, middle)])
    yield _END


def _row(row: CellRow, kept: bytes) -> tuple[bytes, ...]:
    dimension, hour, value, figures = row
    name, text = dimension.encode(), value.encode()
    return _FIELDS, _LENGTH(len(name)), name, _INTEGER(4, hour), _LENGTH(len(text)), text, kept, _LENGTH(len(figures)), figures
