"""Take a batch of log lines: split, read by allow-list, redact, store what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from app.core.adapters import FORMATS, Adapter
from app.core.body import Piece, UnreadableBody, split_body
from app.core.fields import BadLine, FieldCleaner, NotJson
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.redaction import Redactor
from app.store.logs import LogStore

LINES_PER_TRANSACTION = 20_000  # of a file; a request body is one transaction whatever its size


def accept_batch(
    body: bytes | Iterable[Piece], format_name: str, redactor: Redactor, pepper: bytes, log_store: LogStore, now: datetime
) -> BatchOutcome:
    """Store every readable record of a request body, or of a file's numbered lines.

    Raises UnreadableBody when nothing in a body is JSON, LogStoreBusy when the log cannot be written now
    (sending again is then right: what is stored already counts as duplicate), KeyError for an unknown format.
    """
    adapter, cleaner = FORMATS[format_name], FieldCleaner(redactor, pepper)
    if isinstance(body, bytes):
        return _store(_read_body(body, adapter, cleaner), format_name, log_store, now)
    total = BatchOutcome(0, 0, ())
    for part in _parts(iter(body)):
        total = _sum(total, _store(_read(part, adapter, cleaner), format_name, log_store, now))
    return total


@dataclass(slots=True)
class _Reading:
    """What was read so far of one transaction's lines."""

    records: list[RedactedRecord] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    not_json: int = 0


def _read_body(body: bytes, adapter: Adapter, cleaner: FieldCleaner) -> _Reading:
    """Read a request body, which is refused as a whole only when none of it is JSON."""
    reading = _read(split_body(body), adapter, cleaner)
    if reading.not_json and reading.not_json == len(reading.rejects) and not reading.records:
        raise UnreadableBody("nothing in the body is JSON")
    return reading


def _read(pieces: Iterable[Piece], adapter: Adapter, cleaner: FieldCleaner) -> _Reading:
    """Read pieces; a bad one becomes a reject and harms no other."""
    reading = _Reading()
    for line, piece in pieces:
        try:
            if isinstance(piece, BadLine):
                raise piece
            reading.records.append(adapter(piece, cleaner))
        except BadLine as problem:
            reading.rejects.append(Reject(line, problem.reason))
            reading.not_json += isinstance(problem, NotJson)
    return reading


def _store(reading: _Reading, source: str, log_store: LogStore, now: datetime) -> BatchOutcome:
    return log_store.append(source, reading.records, reading.rejects, now)


def _parts(pieces: Iterator[Piece]) -> Iterator[list[Piece]]:
    """Cut an endless stream of lines into transactions."""
    while part := list(islice(pieces, LINES_PER_TRANSACTION)):
        yield part


def _sum(left: BatchOutcome, right: BatchOutcome) -> BatchOutcome:
    """Add what became of two transactions."""
    return BatchOutcome(left.accepted + right.accepted, left.duplicate + right.duplicate, left.rejects + right.rejects, right.batch_id)
