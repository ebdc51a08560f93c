"""Reading by name and around a failure, at the bounds: many records, many attempts, a busy key, nothing that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.record import Outcome, RedactedRecord
from app.store.logs import LogStore
from tests.conftest import NOW
from tests.log_engines import SQL_ENGINES, new_log_store
from tests.log_records import START, a_record

KEY = "ab" * 16
MONTH = 31 * 86_400_000


def test_more_records_than_one_question_asks_for_come_in_the_order_asked(store: LogStore) -> None:
    records = [a_record(f"r-{number}") for number in range(1100)]
    store.append("ndjson", records, [], NOW)
    ids = [record.record_id for record in reversed(records)]
    assert store.records([ids[0], "0" * 32, *ids]) == (records[-1], *reversed(records))


def test_a_name_that_is_also_an_actions_shows_both_actions(store: LogStore) -> None:
    named = a_record("busy", action_id="other", started_at=START + 500)
    first, attempt = a_record("first", action_id="other", started_at=START - 500), a_record("r-1", action_id="busy")
    store.append("ndjson", [named, first, attempt], [], NOW)
    assert {record.request_id for record in store.request("busy")} == {"busy", "first", "r-1"}
    assert {record.request_id for record in store.request("r-1")} == {"r-1"}


@pytest.mark.parametrize("engine", SQL_ENGINES)
def test_an_action_of_more_attempts_than_are_read_does_not_hide_the_other_action_of_that_name(engine: str, tmp_path: Path) -> None:
    attempts = [a_record(f"r-{number}", action_id="busy", started_at=START + number) for number in range(201)]
    named = a_record("busy", action_id="other", started_at=START + 500)
    first = a_record("first", action_id="other", started_at=START - 500)
    with new_log_store(engine, tmp_path) as store:
        store.append("ndjson", [*attempts, named, first], [], NOW)
        found = [record.request_id for record in store.request("busy")]
    assert found == ["first", *(f"r-{number}" for number in range(199))]


def test_a_busy_keys_requests_are_counted_alike_however_many_are_shown(store: LogStore) -> None:
    statuses = (429, 200, 500, 200, 429, 500, None, 403)
    store.append("ndjson", [_of_key(number, status) for number, status in enumerate(statuses)], [], NOW)
    some, everything = (store.key_activity(KEY, NOW, limit) for limit in (2, 50))
    assert some
    assert everything
    assert [record.request_id for record in some.recent] == ["r-0", "r-1"]
    assert len(everything.recent) == some.total == everything.total == len(statuses)
    assert some.ok == everything.ok == 2
    assert some.last_ok_at == everything.last_ok_at == START - 1000
    assert list(some.by_status.items()) == list(everything.by_status.items()) == [(429, 2), (200, 2), (500, 2), (403, 1)]


def test_where_nothing_failed_the_requests_are_counted_still(store: LogStore) -> None:
    store.append("ndjson", [a_record(f"r-{number}", model_requested="gpt-5") for number in range(3)], [], NOW)
    around = store.neighbours(429, "gpt-5", NOW)
    assert (around.failures, around.distinct_keys, around.requests) == (0, 0, 3)


def _of_key(number: int, status: int | None) -> RedactedRecord:
    outcome = Outcome.OK if status == 200 else Outcome.ERROR
    return a_record(f"r-{number}", key_fingerprint=KEY, status_code=status, outcome=outcome, started_at=START - number * 1000)
