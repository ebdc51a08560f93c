"""Bring spooled deliveries into the log store."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import msgspec

from app.operations.ingest import store_delivery
from app.store.logs import LogStore, LogStoreBusy
from app.store.spool import Delivery, Spool, Waiting

PAUSE_SECONDS = 0.5
RECORDS_TOGETHER = 2_000  # one transaction for many short deliveries costs a third of one for each
TIME_TOGETHER = timedelta(seconds=2)

_log = logging.getLogger("gatedesk.spool")


def drain_until(stop: Event, spool: Spool, log_store: LogStore) -> None:
    """Drain again and again; waits while another process does."""
    while not stop.wait(PAUSE_SECONDS):
        with _going_on(), spool.drainer():
            while not stop.wait(PAUSE_SECONDS):
                with _going_on():
                    drain(spool, log_store)


def drain(spool: Spool, log_store: LogStore) -> int:
    """Store what waits, the oldest first; returns how many deliveries. A busy store is tried again the next time.

    A process that ends between storing a delivery and forgetting it stores it again: its records are known then.
    """
    stored = 0
    for together in _groups(spool.take()):
        try:
            stored += _store(together, spool, log_store)
        except LogStoreBusy:
            break
    return stored


def _store(together: Sequence[Waiting], spool: Spool, log_store: LogStore) -> int:
    """Store deliveries in one transaction, or else one by one, so that none stops the others. Raises LogStoreBusy."""
    try:
        with spool.turn(wait=True):
            store_delivery(_joined([waiting.delivery for waiting in together]), log_store)
    except LogStoreBusy:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the delivery stays, and is tried again the next time
        if len(together) > 1:
            return sum(_store([waiting], spool, log_store) for waiting in together)
        _log.error("a spooled delivery cannot be stored: %s, %s", type(error).__name__, together[0].path.name)
        return 0
    for waiting in together:
        waiting.forget()
    return len(together)


def _groups(waiting: Iterable[Waiting]) -> Iterator[list[Waiting]]:
    """Cut what waits into what may be stored together."""
    group: list[Waiting] = []
    records = 0
    for one in waiting:
        records += len(one.delivery.records)
        if group and (records > RECORDS_TOGETHER or not _belong_together(group[0].delivery, one.delivery)):
            yield group
            group, records = [], len(one.delivery.records)
        group.append(one)
    if group:
        yield group


def _belong_together(first: Delivery, other: Delivery) -> bool:
    """Whether both may be one batch: of one sender, of one moment, and without rejects, whose lines are counted in their own post."""
    alike = (first.source, first.instance) == (other.source, other.instance)
    plain = not (first.rejects or other.rejects or first.joins_traces or other.joins_traces)
    return alike and plain and other.received_at - first.received_at <= TIME_TOGETHER


def _joined(deliveries: Sequence[Delivery]) -> Delivery:
    """Several deliveries as one that came when the first did."""
    if len(deliveries) == 1:
        return deliveries[0]
    records = tuple(record for delivery in deliveries for record in delivery.records)
    return msgspec.structs.replace(deliveries[0], records=records)


@contextmanager
def _going_on() -> Iterator[None]:
    """Go on after any error; the log gets its type, never the message: it may quote what was handled."""
    try:
        yield
    except Exception as error:  # noqa: BLE001
        _log.error("draining failed: %s", type(error).__name__)
