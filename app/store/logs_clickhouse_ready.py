"""Records made ready for ClickHouse: a block in the engine's own format. Needs no connection, so another process may do it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from app.core.record_columns import Columns, chosen, length
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
    """Records as encoded columns, each record once. It is little to hand to another process."""

    record_ids: bytes  # one behind the other
    encoded: bytes
    told: Told

    def identities(self) -> list[bytes]:
        """The records' ids, one by one."""
        return [self.record_ids[start : start + ID_BYTES] for start in range(0, len(self.record_ids), ID_BYTES)]

    def without(self, known: Collection[bytes]) -> Block:
        """What is left when those records go. Only then the columns are needed one by one, and read again."""
        new = [identity not in known for identity in self.identities()]
        if all(new):
            return self
        columns = read_columns(len(_OF_RECORD), len(new), self.encoded) if any(new) else dict.fromkeys(_OF_RECORD, ())
        return block_of({name: list(compress(values, new)) for name, values in columns.items()})

    def rows_of(self, number: int) -> bytes:
        """The block of these records as the rows that a turn brings."""
        count = self.told.records
        own = {"batch_id": [number] * count, "version": [number] * count, "sign": [1] * count}
        return native_block(len(COLUMNS), count, self.encoded, native_columns(_OF_ROW, own))


def make_ready(columns: Columns) -> Ready:
    """Encode records, of one identity the first. Refuses text that has not passed the redactor."""
    return Ready(length(columns), (block_of(encoded_columns(_each_once(columns))),), WANTED)


def block_of(columns: dict[str, Sequence[Any]]) -> Block:
    """Columns as `encoded_columns` gives them, of records that are all different."""
    return Block(b"".join(columns["record_id"]), native_columns(_OF_RECORD, columns), told_by(columns))


def _each_once(columns: Columns) -> Columns:
    identities = columns["record_id"]
    if len(set(identities)) == len(identities):
        return columns
    first = dict(zip(reversed(identities), reversed(range(len(identities))), strict=True))
    return chosen(columns, [first[identity] == place for place, identity in enumerate(identities)])
