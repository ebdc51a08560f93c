"""The log forgets successes before problems, and nothing when told to keep it."""

from __future__ import annotations

from flask import Flask

from app.core.record import Outcome
from app.core.rollups import HOUR_MS
from app.jobs import purge_logs
from app.operations.retention import purge_log
from tests.conftest import NOW
from tests.log_records import START, a_record


def test_each_class_has_its_own_time(app: Flask) -> None:
    store = app.extensions["log_store"]
    for outcome in (Outcome.OK, Outcome.ERROR):
        batch = [a_record(f"{outcome}-{days}", started_at=START - days * 24 * HOUR_MS, outcome=outcome) for days in (1, 89, 91, 364, 366)]
        store.append("ndjson", batch, [], NOW)
    assert purge_log(store, 0, 0, NOW) == 0
    assert purge_logs(app, NOW) == 4
    left = {record.request_id for page in store.walk() for record in page}
    assert left == {"ok-1", "ok-89", "error-1", "error-89", "error-91", "error-364"}
