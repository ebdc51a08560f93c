"""Records made ready for ClickHouse: a block in the engine's own format. Needs no connection, so another process may do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from app.core.record_columns import Columns, length
from app.store.logs import Ready
from app.store.logs_clickhouse_native import native_block, native_columns, read_columns
from app.store.logs_clickhouse_rows import COLUMNS, KEPT, KINDS, encoded_columns
from app.store.logs_ready import Told, told_by

ID_BYTES = 16
WANTED = 50_000  # each insert makes files that the engine merges later: few large ones are half the work of many small ones
_OF_RECORD = {name: KINDS[name] for name in COLUMNS if name not in KEPT}
_OF_ROW = {name: KINDS[name] for name in COLUMNS if name in KEPT}


@dataclass(frozen=True, slots=True)
class Block:
    """Records as encoded columns. It is little to hand to another process."""

    record_ids: bytes  # one behind the other
    encoded: bytes
    told: Told

    def identities(self) -> list[bytes]:
        """The records' ids, one by one."""
        return [self.record_ids[start : start + ID_BYTES] for start in range(0, len(self.record_ids), ID_BYTES)]

    def where(self, wanted: Sequence[bool]) -> Block:
        """Only those records. Columns are read again for that: most blocks are stored as they are."""
        if all(wanted):
            return self
        columns = read_columns(len(_OF_RECORD), len(wanted), self.encoded) if any(wanted) else dict.fromkeys(_OF_RECORD, ())
        return block_of({name: list(compress(values, wanted)) for name, values in columns.items()})

    def rows_of(self, number: int) -> bytes:
        """The block of these records as the rows that a turn brings."""
        count = self.told.records
        own = {"batch_id": [number] * count, "version": [number] * count, "sign": [1] * count}
        return native_block(len(COLUMNS), count, self.encoded, native_columns(_OF_ROW, own))


def make_ready(columns: Columns) -> Ready:
    """Encode records. Refuses text that has not passed the redactor."""
    return Ready(length(columns), (block_of(encoded_columns(columns)),), WANTED)


def block_of(columns: Mapping[str, Sequence[Any]]) -> Block:
    """Columns as `encoded_columns` gives them."""
    return Block(b"".join(columns["record_id"]), native_columns(_OF_RECORD, columns), told_by(columns))
