"""Write a batch: its own row, then, a month at a time, the records that are not there yet with their roll-ups.

A month's records and roll-ups are one transaction, and what is counted is what that transaction inserted. So a process
that ends between two months loses nothing that sending the batch again does not bring, and doubles nothing.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, update

from app.core.record import BatchOutcome, Reject
from app.store.logs import LogStoreBusy, Ready
from app.store.logs_cells import add_rows
from app.store.logs_engine import is_sqlite, write
from app.store.logs_insert import insert_new, inserted_records
from app.store.logs_places import Places
from app.store.logs_ready import Part, Told, part_of
from app.store.logs_schema import batch, batch_part, reject
from app.store.logs_sources import note_delivery

LONGEST_REASON = 200
_BEGIN, _SPAN, _REJECTS = insert(batch), insert(batch_part), insert(reject)  # made once: making one takes as long as running it
_END = update(batch).where(batch.c.id == bindparam("number"))


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
        if is_sqlite(places.catalog) or not ready.encoded:
            return _store_apart(delivery, ready, rejects)
        return _store_together(delivery, ready, rejects)
    except BaseException:
        with suppress(LogStoreBusy):
            delivery.abandon()
        raise


def _store_apart(delivery: _Delivery, ready: Ready, rejects: Sequence[Reject]) -> BatchOutcome:
    """SQLite keeps batches and records in different files: the batch's row comes first, and last what became of it."""
    with write(delivery.places.catalog, delivery.patience, durable=False) as connection:
        delivery.begin(connection)
    for part in ready.encoded:
        with delivery.places.writing(part.moment, delivery.patience) as connection:
            told = insert_part(connection, delivery.batch_id, part)
        delivery.accepted += told
    with write(delivery.places.catalog, delivery.patience) as connection:
        return delivery.finish(connection, ready.records, rejects, delivery.accepted)


def _store_together(delivery: _Delivery, ready: Ready, rejects: Sequence[Reject]) -> BatchOutcome:
    """PostgreSQL keeps all in one database, so a batch of one month, as nearly all are, is one transaction."""
    outcome = BatchOutcome(0, 0, ())
    for part in ready.encoded:
        with delivery.places.writing(part.moment, delivery.patience) as connection:
            if part is ready.encoded[0]:
                delivery.begin(connection)
            accepted = delivery.accepted + insert_part(connection, delivery.batch_id, part)
            if part is ready.encoded[-1]:
                outcome = delivery.finish(connection, ready.records, rejects, accepted)
        delivery.accepted = accepted
    return outcome


class _Delivery:
    """One batch on its way into the store."""

    def __init__(self, places: Places, source: str, instance: str, received_at: datetime, patience: float | None) -> None:
        self.places, self.source, self.instance, self.received_at, self.patience = places, source, instance, received_at, patience
        self._began = time.perf_counter()
        self.accepted = Told()
        self.batch_id = 0

    def begin(self, connection: Connection) -> None:
        """Make the batch's row, so that its records can name it."""
        names = {"source": self.source, "instance": self.instance, "received_at": _epoch_ms(self.received_at)}
        nothing_yet = {"accepted": 0, "duplicate": 0, "rejected": 0, "duration_ms": 0}
        row = connection.execute(_BEGIN, names | nothing_yet).inserted_primary_key
        self.batch_id = int(row[0]) if row else 0

    def finish(self, connection: Connection, records: int, rejects: Sequence[Reject], accepted: Told) -> BatchOutcome:
        """Write down what became of it."""
        outcome = BatchOutcome(accepted.records, records - accepted.records, tuple(rejects), self.batch_id)
        _insert_rejects(connection, self.batch_id, rejects)
        note_delivery(connection, self.source, self.instance, self.received_at, outcome, accepted)
        self._end(connection, outcome)
        return outcome

    def abandon(self) -> None:
        """A batch that broke off keeps its row when it has brought something: that can then be rolled back."""
        if not self.batch_id:
            return
        with write(self.places.catalog, self.patience) as connection:
            if self.accepted.records:
                self._end(connection, BatchOutcome(self.accepted.records, 0, (), self.batch_id))
            else:  # with counts it was stored after all, and only the answer was lost
                connection.execute(delete(batch).where(batch.c.id == self.batch_id, batch.c.accepted == 0))

    def _end(self, connection: Connection, outcome: BatchOutcome) -> None:
        took = max(1, round((time.perf_counter() - self._began) * 1000))
        counts = {"accepted": outcome.accepted, "duplicate": outcome.duplicate, "rejected": outcome.rejected, "duration_ms": took}
        connection.execute(_END, counts | {"number": self.batch_id})


def insert_part(connection: Connection, batch_id: int, part: Part) -> Told:
    """Insert a month's records, note where they are, and count those that were new. Returns what the new ones tell."""
    new = insert_new(connection, batch_id, part.rows)
    if not new.count:
        return Told()
    if new.count < len(part.rows):
        part = part_of(inserted_records(connection, batch_id, new))
    connection.execute(_SPAN, {"batch_id": batch_id, "first_id": new.first_id, "last_id": new.last_id, "records": new.count})
    add_rows(connection, part.cells)
    return part.told


def _insert_rejects(connection: Connection, batch_id: int, rejects: Sequence[Reject]) -> None:
    """Keep line numbers and reasons."""
    if rejects:
        rows = [{"batch_id": batch_id, "line": line, "reason": reason[:LONGEST_REASON]} for line, reason in rejects]
        connection.execute(_REJECTS, rows)


def _epoch_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
