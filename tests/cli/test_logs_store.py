"""`flask logs rollback|purge|rollups` say what they did."""

from __future__ import annotations

import time

from flask import Flask

from app.core.rollups import HOUR_MS
from tests.conftest import NOW
from tests.log_records import START, a_record


def run(app: Flask, *words: str):
    return app.test_cli_runner().invoke(args=["logs", *words])


def test_a_batch_is_rolled_back_by_its_number(app: Flask) -> None:
    store = app.extensions["log_store"]
    batch = store.append("ndjson", [a_record("a"), a_record("b")], [], NOW).batch_id
    assert "2 records taken out" in run(app, "rollback", str(batch)).output
    assert store.count() == 0


def test_purging_takes_the_days_given(app: Flask) -> None:
    old = int(time.time() * 1000) - 40 * 24 * HOUR_MS
    app.extensions["log_store"].append("ndjson", [a_record("a", started_at=old)], [], NOW)
    assert "0 records forgotten" in run(app, "purge", "--ok-days", "0").output
    assert "1 records forgotten" in run(app, "purge", "--ok-days", "30").output


def test_roll_ups_are_proved_and_made_anew(app: Flask) -> None:
    store = app.extensions["log_store"]
    store.append("ndjson", [a_record("a")], [], NOW)
    assert "say what the records say" in run(app, "rollups", "check").output
    with store.places.writing(START) as connection:
        connection.exec_driver_sql("DELETE FROM log_rollup WHERE dimension = 'model'")
    broken = run(app, "rollups", "check")
    assert (broken.exit_code, "1 cells differ" in broken.output) == (1, True)
    assert "8 cells written" in run(app, "rollups", "rebuild").output
    assert run(app, "rollups", "check").exit_code == 0
