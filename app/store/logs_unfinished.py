"""End batches whose writer is gone: it stored records, and had no time, or no disk left, to write down how many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from app.core.record import BatchOutcome, RedactedRecord
from app.core.record_columns import columns_of
from app.store.logs_engine import write
from app.store.logs_places import Places
from app.store.logs_ready import Told, told_by
from app.store.logs_rows import row_to_record
from app.store.logs_schema import batch, batch_part, log_record
from app.store.logs_sources import note_delivery

WRITTEN_WITHIN = timedelta(hours=1)  # a batch takes seconds; one of a long import came, it says, when the import began
IMPORTED_WITHIN = timedelta(days=1)


def end_unfinished(places: Places, now: datetime) -> int:
    """Count what those batches brought, for themselves and for their source's health. Returns how many there were. Raises LogStoreBusy."""
    late = _epoch_ms(now - WRITTEN_WITHIN)
    unfinished = select(batch).where(batch.c.duration_ms == 0, batch.c.received_at < late, batch.c.rolled_back.is_(None))
    with places.catalog.connect() as connection:
        found = connection.execute(unfinished.order_by(batch.c.id)).all()
    return sum(_end(places, each, now) for each in found)


def _end(places: Places, found: Row[Any], now: datetime) -> bool:
    """One batch, unless its writer has come back and ended it."""
    brought = _brought(places, found.id)
    this = batch.c.id == found.id, batch.c.duration_ms == 0
    with write(places.catalog) as connection:
        if brought.records:
            ended = connection.execute(update(batch).where(*this).values(accepted=brought.records, duration_ms=1)).rowcount
            if ended:
                received_at = datetime.fromtimestamp(found.received_at / 1000, UTC)
                note_delivery(connection, found.source, found.instance, received_at, BatchOutcome(brought.records, 0, ()), brought)
            return bool(ended)
        if found.received_at >= _epoch_ms(now - IMPORTED_WITHIN):
            return False
        return bool(connection.execute(delete(batch).where(*this)).rowcount)


def _brought(places: Places, batch_id: int) -> Told:
    """What the batch's records tell."""
    told = Told()
    with places.reading() as log:
        for connection in log.everywhere():
            for records in _records(connection, batch_id):
                told += told_by(columns_of(records))
    return told


def _records(connection: Connection, batch_id: int) -> Iterator[list[RedactedRecord]]:
    """The batch's records that are in one place, a part at a time."""
    for part in connection.execute(select(batch_part).where(batch_part.c.batch_id == batch_id)).all():
        ours = log_record.c.id.between(part.first_id, part.last_id), log_record.c.batch_id == batch_id
        yield [row_to_record(row) for row in connection.execute(select(log_record).where(*ours))]


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
