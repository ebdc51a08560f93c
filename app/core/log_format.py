"""What a log format is: how a line becomes a record, and by which fields it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from app.core.fields import BadLine, FieldCleaner
from app.core.record import RedactedRecord

# bytes of one JSON value → its record; raises core.fields.BadLine
Adapter = Callable[[bytes | msgspec.Raw, FieldCleaner], RedactedRecord]
Unpacker = Callable[[bytes | msgspec.Raw], Iterable[bytes | msgspec.Raw | BadLine]]


@dataclass(frozen=True, slots=True)
class Format:
    """A log format. Called with a line it gives its record, as its adapter does."""

    parse: Adapter
    signs: tuple[tuple[str, ...], ...] = ()  # per kind of row, the fields it is known by
    about: str = ""
    unpack: Unpacker | None = None  # of one value that holds several records
    joins_traces: bool = False  # its records are parts of traces, which core.traces joins

    def __call__(self, line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
        """Make one record of one line; raises BadLine."""
        return self.parse(line, clean)

    def lines_of(self, piece: bytes | msgspec.Raw) -> Iterable[bytes | msgspec.Raw | BadLine]:
        """Give the lines in a value: itself, unless the format packs several into one."""
        return (piece,) if self.unpack is None else self.unpack(piece)
