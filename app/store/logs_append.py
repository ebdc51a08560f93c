"""Write a batch: its own row, then, a month at a time, the records that are not there yet with their roll-ups.

A month's records and roll-ups are one transaction, and what is counted is what that transaction inserted. So a process
that ends between two months loses nothing that sending the batch again does not bring, and doubles nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, delete, insert, update

from app.core.record import BatchOutcome, Reject
from app.store.logs import LogStoreBusy, Ready
from app.store.logs_cells import add_rows
from app.store.logs_engine import write
from app.store.logs_insert import insert_new, inserted_records
from app.store.logs_places import Places
from app.store.logs_ready import Part, Told, part_of
from app.store.logs_schema import batch, batch_part, reject
from app.store.logs_sources import note_delivery

LONGEST_REASON = 200


def append(
    places: Places,
    source: str,
    ready: Ready,
    rejects: Sequence[Reject],
    received_at: datetime,
    instance: str,
    patience: float | None,
) -> BatchOutcome:
    """Store what is new. Returns after the last commit has reached the disk. Raises LogStoreBusy."""
    if not ready.records and not rejects:
        return BatchOutcome(0, 0, ())
    delivery = _Delivery(places, source, instance, received_at, patience)
    try:
        for part in ready.encoded:
            delivery.store(part)
    except BaseException:
        with suppress(LogStoreBusy):
            delivery.abandon()
        raise
    return delivery.finish(ready.records, rejects)


class _Delivery:
    """One batch on its way into the store."""

    def __init__(self, places: Places, source: str, instance: str, received_at: datetime, patience: float | None) -> None:
        self.places, self.source, self.instance, self.received_at, self.patience = places, source, instance, received_at, patience
        self._began = time.perf_counter()
        self._accepted = Told()
        self.batch_id = self._begin()

    def store(self, part: Part) -> None:
        """One month's records."""
        with self.places.writing(part.moment, self.patience) as connection:
            accepted = insert_part(connection, self.batch_id, part)
        self._accepted += accepted

    def finish(self, records: int, rejects: Sequence[Reject]) -> BatchOutcome:
        """Write down what became of it."""
        accepted = self._accepted.records
        outcome = BatchOutcome(accepted, records - accepted, tuple(rejects), self.batch_id)
        with write(self.places.catalog, self.patience) as connection:
            _insert_rejects(connection, self.batch_id, rejects)
            note_delivery(connection, self.source, self.instance, self.received_at, outcome, self._accepted)
            self._end(connection, outcome)
        return outcome

    def abandon(self) -> None:
        """A batch that broke off keeps its row when it has brought something: that can then be rolled back."""
        with write(self.places.catalog, self.patience) as connection:
            if self._accepted.records:
                self._end(connection, BatchOutcome(self._accepted.records, 0, (), self.batch_id))
            else:
                connection.execute(delete(batch).where(batch.c.id == self.batch_id))

    def _begin(self) -> int:
        """Make the batch's row, so that its records can name it."""
        names = {"source": self.source, "instance": self.instance, "received_at": _epoch_ms(self.received_at)}
        nothing_yet = {"accepted": 0, "duplicate": 0, "rejected": 0, "duration_ms": 0}
        with write(self.places.catalog, self.patience, durable=False) as connection:
            row = connection.execute(insert(batch), names | nothing_yet).inserted_primary_key
        return int(row[0]) if row else 0

    def _end(self, connection: Connection, outcome: BatchOutcome) -> None:
        took = max(1, round((time.perf_counter() - self._began) * 1000))
        counts = {"accepted": outcome.accepted, "duplicate": outcome.duplicate, "rejected": outcome.rejected, "duration_ms": took}
        connection.execute(update(batch).where(batch.c.id == self.batch_id).values(counts))


def insert_part(connection: Connection, batch_id: int, part: Part) -> Told:
    """Insert a month's records, count those that were new, and note where they are. Returns what the new ones tell."""
    new = insert_new(connection, batch_id, part.rows)
    if not new.count:
        return Told()
    if new.count < len(part.rows):
        part = part_of(inserted_records(connection, batch_id, new))
    add_rows(connection, part.cells)
    span = {"batch_id": batch_id, "first_id": new.first_id, "last_id": new.last_id, "records": new.count}
    connection.execute(insert(batch_part), span)
    return part.told


def _insert_rejects(connection: Connection, batch_id: int, rejects: Sequence[Reject]) -> None:
    """Keep line numbers and reasons."""
    if rejects:
        rows = [{"batch_id": batch_id, "line": line, "reason": reason[:LONGEST_REASON]} for line, reason in rejects]
        connection.execute(insert(reject), rows)


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
