"""Move a log to another engine: every record once, however often the copying was cut off, and proof that they are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter

import msgspec

from app.core.record import RedactedRecord, Reject
from app.store.logs import BatchInfo, LogStore

RECORDS_AT_ONCE = 20_000
MOST_BATCHES = 1_000_000
MOST_REJECTS = 1_000_000
_BITS = (1 << 128) - 1
_SOURCE, _START = attrgetter("source"), attrgetter("started_at")
_encode = msgspec.msgpack.Encoder(enc_hook=str).encode


@dataclass(slots=True)
class Sum:
    """How many records, and one number for all their fields: the same in whatever order they come."""

    count: int = 0
    number: int = 0

    def add(self, records: Sequence[RedactedRecord]) -> None:
        """Count some more."""
        self.count += len(records)
        self.number += sum(int.from_bytes(blake2b(_encode(record), digest_size=16).digest()) for record in records)
        self.number &= _BITS


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copying came to."""

    stored: int  # records that were not there before
    known: int
    batches: int  # with rejected lines, that were not there before
    source: Sum
    target: Sum

    @property
    def same(self) -> bool:
        """Whether both logs hold the same records, field by field."""
        return self.source == self.target


def copy_log(source: LogStore, target: LogStore, advance: Callable[[int], object]) -> Copied:
    """Copy every record and every rejected line from one log to another; what is there already is passed over.

    A page whose first and last record are there was stored whole before, since a page is one batch. Should the proof
    fail nevertheless, every page is offered again. `advance` hears of each record read. Raises LogStoreBusy.
    """
    batches = _copy_rejects(source, target)
    stored, counted = _copy_records(source, target, advance, thorough=False)
    found = _sum_of(target)
    if found != counted:
        more, counted = _copy_records(source, target, lambda _count: None, thorough=True)
        stored, found = stored + more, _sum_of(target)
    return Copied(stored, counted.count - stored, batches, counted, found)


def _copy_records(source: LogStore, target: LogStore, advance: Callable[[int], object], *, thorough: bool) -> tuple[int, Sum]:
    """How many records were new to the target, and the sum of all records of the source."""
    stored, counted = 0, Sum()
    for page in source.walk(RECORDS_AT_ONCE):
        counted.add(page)
        if thorough or not _is_there(target, page):
            stored += sum(_store(target, part) for part in _parts(page))
        advance(len(page))
    return stored, counted


def _is_there(target: LogStore, page: Sequence[RedactedRecord]) -> bool:
    """Whether the page was stored by a copying before this one."""
    ends = list(dict.fromkeys((page[0].record_id, page[-1].record_id)))
    return len(target.records(ends)) == len(ends)


def _parts(page: Sequence[RedactedRecord]) -> Iterator[list[RedactedRecord]]:
    """The records of each source, as batches have one."""
    for _source, records in groupby(sorted(page, key=_SOURCE), _SOURCE):
        yield list(records)


def _store(target: LogStore, records: Sequence[RedactedRecord]) -> int:
    """One batch, dated by its newest record: so a source's figures tell when its records came, and not when they were moved."""
    received_at = datetime.fromtimestamp(max(map(_START, records)) / 1000, UTC)
    return target.append(records[0].source, records, (), received_at).accepted


def _copy_rejects(source: LogStore, target: LogStore) -> int:
    """Rejected lines keep the source, instance and time of their batch."""
    known = {_name(batch) for batch in target.batches(MOST_BATCHES) if batch.rejected}
    new = [batch for batch in reversed(source.batches(MOST_BATCHES)) if batch.rejected and _name(batch) not in known]
    for batch in new:
        target.append(batch.source, (), _rejects(source, batch), batch.received_at, instance=batch.instance)
    return len(new)


def _rejects(source: LogStore, batch: BatchInfo) -> tuple[Reject, ...]:
    return source.rejects(batch.id, MOST_REJECTS)


def _name(batch: BatchInfo) -> tuple[str, str, int, int]:
    """What tells a batch from others on any engine."""
    return batch.source, batch.instance, int(batch.received_at.timestamp() * 1000), batch.rejected


def _sum_of(store: LogStore) -> Sum:
    counted = Sum()
    for page in store.walk(RECORDS_AT_ONCE):
        counted.add(page)
    return counted
