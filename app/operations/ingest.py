"""Take a batch of log lines: split, read by allow-list, redact, store what is new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial, reduce
from itertools import islice
from typing import NamedTuple

import msgspec

from app.core.adapters import FORMATS
from app.core.body import Piece, UnreadableBody, split_body
from app.core.fields import BadLine, FieldCleaner
from app.core.lines import read_each
from app.core.log_format import Block, Format
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.record_columns import Columns, columns_of, joined, records_of
from app.core.redaction import Redactor
from app.operations.read_ahead import read_ahead
from app.operations.traces import Joined, join_traces
from app.store.logs import LogStore, LogStoreBusy, Ready
from app.store.logs import joined as joined_ready
from app.store.spool import Delivery, Spool

SENDERS_PATIENCE = 0.01  # seconds, for each lock; a sender that waits may lose what comes meanwhile
LINES_PER_TRANSACTION = 10_000  # of a file; a request body is one transaction whatever its size
LINES_READ_TOGETHER = 500  # few enough for the processor's cache, many enough for what is done once a block
BYTES_PER_TRANSACTION = 32 * 2**20  # of a file, for long lines; so the memory stays bounded


def accept_batch(
    body: bytes | Iterable[Piece],
    format_name: str,
    redactor: Redactor,
    pepper: bytes,
    log_store: LogStore,
    now: datetime,
    formats: Mapping[str, Format] = FORMATS,
    *,
    instance: str = "",
    spool: Spool | None = None,
    two_processes: bool = False,
) -> BatchOutcome:
    """Store every readable record of a request body, or of a file's numbered lines.

    `formats` are those in force, declared ones included. `instance` tells several gateways of one format apart. With a
    `spool` a busy store is not waited for: what was read is kept there, and the outcome counts it as spooled.
    `two_processes`, worth it for a long file, takes and reads its lines in a second one.

    Raises UnreadableBody when nothing in a body is JSON, LogStoreBusy when the log cannot be written now
    (sending again is then right: what is stored already counts as duplicate), KeyError for an unknown format.
    """
    log_format, cleaner = formats[format_name], FieldCleaner(redactor, pepper)

    def deliver(reading: _Reading) -> Delivery:
        return _delivery(reading, format_name, log_format, instance, now)

    if isinstance(body, bytes):
        return _keep(deliver(_read_body(body, log_format, cleaner)), log_store, spool)
    pieces = iter(body)
    if two_processes and spool is None and not log_format.joins_traces:
        read = _read_columns(pieces, log_format, cleaner)
        outcomes = _store_ahead(read, log_store, partial(log_store.append_ready, format_name, received_at=now, instance=instance))
    else:
        outcomes = (_keep(deliver(_read(part, log_format, cleaner)), log_store, spool) for part in _parts(pieces))
    return reduce(_sum, outcomes, BatchOutcome(0, 0, ()))


def _store_ahead(
    read: Iterable[tuple[Columns, list[Reject]]], log_store: LogStore, append: Callable[..., BatchOutcome]
) -> Iterator[BatchOutcome]:
    """Store part after part; all that needs no store is done in the second process."""

    def make(part: tuple[Columns, list[Reject]]) -> tuple[Ready, list[Reject]]:
        columns, rejects = part
        return log_store.ready(columns), rejects

    return (append(ready=ready, rejects=rejects) for ready, rejects in _gathered(read_ahead(read, make)))


def _gathered(made: Iterable[tuple[Ready, list[Reject]]]) -> Iterator[tuple[Ready, list[Reject]]]:
    """Join what comes until it is as much as the engine likes to store at once."""
    waiting: list[Ready] = []
    refused: list[Reject] = []
    for ready, rejects in made:
        waiting.append(ready)
        refused += rejects
        if sum(one.records for one in waiting) >= ready.wanted:
            yield joined_ready(waiting), refused
            waiting, refused = [], []
    if waiting:
        yield joined_ready(waiting), refused


class _Reading(NamedTuple):
    """What was read of one transaction's lines."""

    records: list[RedactedRecord]
    rejects: list[Reject]
    not_json: int


def _read_body(body: bytes, log_format: Format, cleaner: FieldCleaner) -> _Reading:
    """Read a request body, which is refused as a whole only when none of it is JSON."""
    reading = _read(split_body(body), log_format, cleaner)
    if reading.not_json and reading.not_json == len(reading.rejects) and not reading.records:
        raise UnreadableBody("nothing in the body is JSON")
    return reading


def _read_columns(pieces: Iterator[Piece], log_format: Format, cleaner: FieldCleaner) -> Iterator[tuple[Columns, list[Reject]]]:
    """Read a file into columns, a transaction's at a time; a bad piece becomes a reject and harms no other."""
    while blocks := list(_blocks(pieces, log_format, cleaner)):
        yield joined([block.columns for block in blocks]), [reject for block in blocks for reject in block.rejects]


def _blocks(pieces: Iterator[Piece], log_format: Format, cleaner: FieldCleaner) -> Iterator[Block]:
    """Read one transaction's pieces, few at a time: those are let go before the next come, and stay in the processor's cache."""
    lines, room = LINES_PER_TRANSACTION, BYTES_PER_TRANSACTION
    while lines > 0 and room > 0:
        part, room = _part(pieces, min(lines, LINES_READ_TOGETHER), room)
        if not part:
            return
        lines -= len(part)
        yield _read_block(part, log_format, cleaner)


def _read_block(part: list[Piece], log_format: Format, cleaner: FieldCleaner) -> Block:
    if log_format.read_block is not None:
        return log_format.read_block(part, cleaner)
    reading = _read(part, log_format, cleaner)
    return Block(columns_of(reading.records), reading.rejects, reading.not_json)


def _read(pieces: Iterable[Piece], log_format: Format, cleaner: FieldCleaner) -> _Reading:
    """Read pieces; a bad one becomes a reject and harms no other."""
    if log_format.read_block is not None:
        block = log_format.read_block(list(pieces), cleaner)
        return _Reading(records_of(block.columns), block.rejects, block.not_json)
    lines = ((number, line) for number, piece in pieces for line in _lines_of(piece, log_format))
    _, records, rejects, not_json = read_each(lines, lambda line: log_format.parse(line, cleaner))
    return _Reading(records, rejects, not_json)


def _lines_of(piece: bytes | msgspec.Raw | BadLine, log_format: Format) -> Iterable[bytes | msgspec.Raw | BadLine]:
    return (piece,) if isinstance(piece, BadLine) else log_format.lines_of(piece)


def store_delivery(delivery: Delivery, log_store: LogStore, patience: float | None = None) -> BatchOutcome:
    """Store what was read. What joins a stored trace is written after the rest: when it fails, sending again mends it."""
    records = list(delivery.records)
    joined = join_traces(records, log_store) if delivery.joins_traces else Joined(records)
    outcome = log_store.append(
        delivery.source, joined.new, delivery.rejects, delivery.received_at, instance=delivery.instance, patience=patience
    )
    for record in joined.corrected:
        log_store.replace(record)
    return outcome


def _delivery(reading: _Reading, source: str, log_format: Format, instance: str, now: datetime) -> Delivery:
    return Delivery(
        source=source,
        instance=instance,
        received_at=now,
        joins_traces=log_format.joins_traces,
        records=tuple(reading.records),
        rejects=tuple(reading.rejects),
    )


def _keep(delivery: Delivery, log_store: LogStore, spool: Spool | None) -> BatchOutcome:
    """Store a delivery at once when the store is free and it is short, else spool it: its sender must not wait."""
    if spool is None:
        return store_delivery(delivery, log_store)
    if not spool.is_queue(len(delivery.records)):
        with spool.turn() as free, suppress(LogStoreBusy):
            if free:
                return store_delivery(delivery, log_store, SENDERS_PATIENCE)
    spool.put(delivery)
    return BatchOutcome(0, 0, delivery.rejects, spooled=len(delivery.records))


def _parts(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Cut an endless stream of lines into transactions."""
    return iter(lambda: _part(pieces, LINES_PER_TRANSACTION, BYTES_PER_TRANSACTION)[0], [])


def _part(pieces: Iterator[Piece], lines: int, room: int) -> tuple[list[Piece], int]:
    """The next pieces, up to so many, and no more when they have filled the room; none at the end. And the room that is left."""
    part: list[Piece] = []
    for piece in islice(pieces, lines):
        part.append(piece)
        room -= 0 if isinstance(piece[1], BadLine) else len(piece[1])
        if room <= 0:
            break
    return part, room


def _sum(left: BatchOutcome, right: BatchOutcome) -> BatchOutcome:
    """Add what became of two transactions."""
    return BatchOutcome(
        left.accepted + right.accepted,
        left.duplicate + right.duplicate,
        left.rejects + right.rejects,
        right.batch_id,
        left.spooled + right.spooled,
    )
