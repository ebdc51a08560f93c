"""Records made ready for ClickHouse: a block in the engine's own format. Needs no connection, so another process may do it."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Any

from app.core.record_columns import Columns, chosen, length
from app.store.logs import WATCHED_FIELDS, Ready
from app.store.logs_clickhouse_native import native_block, native_columns
from app.store.logs_clickhouse_rows import COLUMNS, KEPT, KINDS, encoded_columns
from app.store.logs_ready import Told

_OF_RECORD = {name: KINDS[name] for name in COLUMNS if name not in KEPT}
_OF_ROW = {name: KINDS[name] for name in COLUMNS if name in KEPT}


class Block:
    """Records as columns, each record once, and the same encoded. Another process gets the columns packed: it rarely needs them."""

    def __init__(self, columns: Columns) -> None:
        self._columns: Columns | bytes = columns
        self._encoded = native_columns(_OF_RECORD, columns)
        self.record_ids: Sequence[bytes] = columns["record_id"]
        self.told = _told(columns)

    def __getstate__(self) -> dict[str, Any]:
        """Pack the columns."""
        return {**self.__dict__, "_columns": pickle.dumps(self.columns, pickle.HIGHEST_PROTOCOL)}

    @property
    def columns(self) -> Columns:
        """The columns, unpacked."""
        packed = self._columns
        return pickle.loads(packed) if isinstance(packed, bytes) else packed  # noqa: S301 - packed by the process that this one started

    def without(self, known: frozenset[bytes]) -> Block:
        """What is left when those records go."""
        new = [record_id not in known for record_id in self.record_ids]
        return Block({name: list(compress(values, new)) for name, values in self.columns.items()}) if known else self

    def rows_of(self, number: int) -> bytes:
        """The block of these records as the rows that a turn brings."""
        count = len(self.record_ids)
        own = {"batch_id": [number] * count, "version": [number] * count, "sign": [1] * count}
        return native_block(len(COLUMNS), count, self._encoded, native_columns(_OF_ROW, own))


def make_ready(columns: Columns) -> Ready:
    """Encode records, of one identity the first. Refuses text that has not passed the redactor."""
    return Ready(length(columns), Block(encoded_columns(_each_once(columns))))


def _each_once(columns: Columns) -> Columns:
    identities = columns["record_id"]
    if len(set(identities)) == len(identities):
        return columns
    first = dict(zip(reversed(identities), reversed(range(len(identities))), strict=True))
    return chosen(columns, [first[identity] == place for place, identity in enumerate(identities)])


def _told(columns: Columns) -> Told:
    times = columns["started_at"]
    return Told(len(times), sum(times), min(times), max(times), frozenset(_filled(columns))) if times else Told()


def _filled(columns: Columns) -> Iterator[str]:
    return (name for name in WATCHED_FIELDS if columns[name].count(None) < len(columns[name]))
