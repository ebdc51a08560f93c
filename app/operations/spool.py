"""Bring spooled deliveries into the log store."""

from __future__ import annotations

import logging
from threading import Event

from app.operations.ingest import store_delivery
from app.store.logs import LogStore, LogStoreBusy
from app.store.spool import Spool

PAUSE_SECONDS = 0.5

_log = logging.getLogger("gatedesk.spool")


def drain(spool: Spool, log_store: LogStore) -> int:
    """Store what waits, the oldest first; returns how many deliveries. A busy store is tried again the next time.

    A process that ends between storing a delivery and forgetting it stores it again: its records are known then.
    """
    stored = 0
    for delivery in spool.take():
        try:
            store_delivery(delivery, log_store)
        except LogStoreBusy:
            break
        stored += 1
    return stored


def drain_until(stop: Event, spool: Spool, log_store: LogStore) -> None:
    """Drain again and again."""
    while not stop.wait(PAUSE_SECONDS):
        try:
            drain(spool, log_store)
        except Exception as error:  # noqa: BLE001 - the log gets the type, never the message: it may quote what was handled
            _log.error("draining failed: %s", type(error).__name__)
