"""What a log format is: how a line becomes a record, and by which fields it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from app.core.body import Piece
from app.core.fields import BadLine, FieldCleaner, NotJson
from app.core.record import RedactedRecord, Reject
from app.core.record_columns import Columns, records_of

# bytes of one JSON value → its record; raises core.fields.BadLine
Adapter = Callable[[bytes | msgspec.Raw, FieldCleaner], RedactedRecord]
Unpacker = Callable[[bytes | msgspec.Raw], Iterable[bytes | msgspec.Raw | BadLine]]


class Block(NamedTuple):
    """What was read of many lines: records as columns, and what was not taken."""

    columns: Columns
    rejects: list[Reject]
    not_json: int  # rejects that are not even JSON


def only_record(block: Block) -> RedactedRecord:
    """The record of a block of one line; raises BadLine when it was not taken."""
    if block.rejects:
        raise (NotJson if block.not_json else BadLine)(block.rejects[0].reason)
    return records_of(block.columns)[0]


# numbered bytes of JSON values → their records
BlockReader = Callable[[Sequence[Piece], FieldCleaner], Block]


@dataclass(frozen=True, slots=True)
class Format:
    """A log format. Called with a line it gives its record, as its adapter does."""

    parse: Adapter
    signs: tuple[tuple[str, ...], ...] = ()  # per kind of row, the fields it is known by
    about: str = ""
    read_block: BlockReader | None = None  # the same as `parse` of each line, for formats whose files are long
    unpack: Unpacker | None = None  # of one value that holds several records
    joins_traces: bool = False  # its records are parts of traces, which core.traces joins

    def __call__(self, line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
        """Make one record of one line; raises BadLine."""
        return self.parse(line, clean)

    def lines_of(self, piece: bytes | msgspec.Raw) -> Iterable[bytes | msgspec.Raw | BadLine]:
        """Give the lines in a value: itself, unless the format packs several into one."""
        return (piece,) if self.unpack is None else self.unpack(piece)
