"""One contract for every log engine: SQLite always, PostgreSQL when GATEDESK_TEST_POSTGRES names a server, ClickHouse with chdb."""

from __future__ import annotations

import pickle
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.key_ref import fingerprint_of_key
from app.core.log_filter import LogFilter, Shown
from app.core.record import Origin, Outcome, Reject
from app.core.record_columns import columns_of
from app.core.redacted_text import seal
from app.store.logs import LogStore, LogStoreBusy
from app.store.logs_open import open_log_store
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW, PEPPER
from tests.log_records import START, a_record


def test_every_field_comes_back_as_it_went_in(store: LogStore) -> None:
    record = a_record(
        latency_ms=812,
        ttft_ms=90,
        attempt=2,
        request_type="video",
        endpoint="/v1/videos",
        client="OpenAI/Python 2.1.0",
        model_requested="模型-a",
        model_served="model-b",
        provider="openai",
        status_code=429,
        outcome=Outcome.PARTIAL,
        origin=Origin.PROVIDER,
        error_code="rate_limit",
        error_message="预扣费额度失败",
        key_prefix="sk-",
        key_last4="aB3d",
        key_fingerprint=fingerprint_of_key(PEPPER, "sk-any"),
        key_alias="alias",
        owner="team-3",
        group="search",
        environment="production",
        prompt_tokens=1,
        completion_tokens=2,
        cost_micros=3_000_000_000,
        charged=True,
        quota_micros=5,
        balance_micros=-7,
        stream=True,
        stream_end="upstream",
        retries=1,
        fallback_from="model-a",
        fallback_reason=seal("overloaded"),
        task_id="task_1",
        tags=("crm", "夜间"),
    )
    store.append("ndjson", [record], [], NOW)
    assert store.records([record.record_id]) == (record,)


def test_a_plain_success_comes_back_with_its_gaps(store: LogStore) -> None:
    store.append("ndjson", [a_record()], [], NOW)
    assert store.records([a_record().record_id]) == (a_record(),)


@pytest.mark.parametrize("size", [3, 120])
def test_a_batch_sent_again_changes_nothing(store: LogStore, size: int) -> None:
    batch = [a_record(f"call-{number}") for number in range(size)]
    first = store.append("ndjson", batch, [], NOW)
    again = store.append("ndjson", batch, [], NOW)
    assert (first.accepted, first.duplicate) == (size, 0)
    assert (again.accepted, again.duplicate) == (0, size)
    assert store.count() == size


@pytest.mark.parametrize("size", [3, 120])
def test_a_record_twice_in_one_batch_counts_once(store: LogStore, size: int) -> None:
    batch = [a_record(f"call-{number}") for number in range(size)]
    outcome = store.append("ndjson", [*batch, *batch], [], NOW)
    assert (outcome.accepted, outcome.duplicate) == (size, size)


@pytest.mark.parametrize("known", [0, 1, 70])
def test_what_another_process_made_ready_is_stored_alike(store: LogStore, known: int) -> None:
    batch = [a_record(f"call-{number}", started_at=START + number, error_message="full", status_code=429) for number in range(70)]
    store.append("ndjson", batch[:known], [], NOW)
    ready = pickle.loads(pickle.dumps(store.ready(columns_of([*batch, a_record("call-69", started_at=START + 69, error_message="later")]))))
    outcome = store.append_ready("ndjson", ready, [Reject(71, "not JSON")], NOW, instance="Frankfurt")
    assert (outcome.accepted, outcome.duplicate, outcome.rejected, store.count()) == (70 - known, known + 1, 1, 70)
    assert store.records([record.record_id for record in batch]) == tuple(batch)
    assert store.check_rollups() == ()
    health = next(source for source in store.sources(NOW) if source.instance == "Frankfurt")
    told = START + 69 if known < len(batch) else None
    assert (health.accepted, health.duplicate, health.rejected) == (70 - known, known + 1, 1)
    assert (health.newest_record and int(health.newest_record.timestamp() * 1000)) == told
    assert store.rollback(int(outcome.batch_id or 0)) == 70 - known
    assert (store.count(), store.check_rollups()) == (known, ())


def test_whatever_a_text_holds_comes_back_from_a_large_batch(store: LogStore) -> None:
    texts = ["a\\tb\tc", "\\N", "two\nlines\r\n", "\\", "\\.", "余额不足 \U0001f600", "'\"\x0b"]
    records = [
        a_record(
            f"r{n}", outcome=Outcome.ERROR, error_message=seal(texts[n % 7]), owner=texts[n % 7], tags=(texts[n % 7],), retries=n or None
        )
        for n in range(70)
    ]
    assert store.append("ndjson", records, (), NOW).accepted == 70
    assert list(store.records([record.record_id for record in records])) == records


def test_a_batch_keeps_its_counts_and_its_rejects(store: LogStore) -> None:
    outcome = store.append("litellm", [a_record()], [Reject(2, "startTime is missing"), Reject(4, "not JSON")], NOW)
    info = store.batches()[0]
    assert (info.id, info.source, info.received_at) == (outcome.batch_id, "litellm", NOW)
    assert (info.accepted, info.duplicate, info.rejected) == (1, 0, 2)
    assert store.rejects(info.id) == (Reject(2, "startTime is missing"), Reject(4, "not JSON"))


def test_an_empty_batch_leaves_no_trace(store: LogStore) -> None:
    assert store.append("ndjson", [], [], NOW).batch_id is None
    assert store.batches() == ()


def test_text_that_has_not_passed_the_redactor_is_refused_and_nothing_of_its_batch_stays(store: LogStore) -> None:
    bad = a_record("call-2", fallback_reason="not redacted")
    with pytest.raises(TypeError) as raised:
        store.append("ndjson", [a_record(), bad], [], NOW)
    assert "not redacted" not in str(raised.value)
    assert (store.count(), store.batches()) == (0, ())


def test_a_request_is_shown_with_all_attempts_of_its_action(store: LogStore) -> None:
    failed = a_record("call-1", outcome=Outcome.ERROR, status_code=503, model_requested="big", error_message="overloaded", latency_ms=20)
    answered = a_record("call-2", action_id="call-1", started_at=START - 5, latency_ms=900, model_requested="small", model_served="small")
    store.append("ndjson", [answered, failed, a_record("other")], [], NOW)
    for request_id in ("call-1", "call-2"):
        first, second = store.request(request_id)
        assert (first.status_code, first.attempt, first.fallback_from) == (503, 1, None)
        assert (second.attempt, second.model_requested, second.fallback_from, second.fallback_reason) == (2, "big", "big", "overloaded")
    assert store.request("unknown") == ()


def test_records_come_in_the_order_asked_without_unknown_ones(store: LogStore) -> None:
    one, two = a_record("one"), a_record("two")
    store.append("ndjson", [one, two], [], NOW)
    assert store.records([two.record_id, "0" * 32, "not an id", one.record_id]) == (two, one)


def test_recent_records_are_paged_from_the_newest_and_successes_can_be_left_out(store: LogStore) -> None:
    batch = [a_record(f"call-{n}", started_at=START + n, outcome=Outcome.ERROR if n % 2 else Outcome.OK) for n in range(6)]
    store.append("ndjson", batch, [], NOW)
    assert [record.request_id for record in store.find(LogFilter(), 2).records] == ["call-5", "call-3"]
    assert [record.request_id for record in store.find(LogFilter(until=START + 3), 9).records] == ["call-1"]
    assert [record.request_id for record in store.find(LogFilter(shown=Shown.ALL), 2).records] == ["call-5", "call-4"]


def test_a_new_store_answers_before_anything_was_stored(store: LogStore) -> None:
    assert (store.count(), store.find(LogFilter()).records, store.batches(), store.records([]), store.rejects(1)) == (0, (), (), (), ())


def test_a_store_can_be_prepared_many_times_and_by_many_at_once(url: str) -> None:
    stores = [open_log_store(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda store: store.prepare(), stores))
    stores[0].append("ndjson", [a_record()], [], NOW)
    assert [store.count() for store in stores] == [1] * 6
    for store in stores:
        store.close()


def test_writers_at_once_lose_and_double_nothing(url: str) -> None:
    stores = [open_log_store(url) for _ in range(4)]
    shared = [a_record(f"shared-{n}") for n in range(80)]

    def send(number: int) -> int:
        own = [a_record(f"own-{number}-{n}") for n in range(20)]
        return stores[number].append("ndjson", [*own, *(shared if number % 2 else reversed(shared))], [], NOW).accepted

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == stores[0].count() == 80 + 4 * 20
    for store in stores:
        store.close()


def test_a_locked_store_says_that_it_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.logs_engine.BUSY_SECONDS", 0.05)
    path = tmp_path / "logs.db"
    store = SqlLogStore(f"sqlite:///{path}")
    store.prepare()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogStoreBusy):
        store.append("ndjson", [a_record()], [], NOW)
    blocker.execute("ROLLBACK")
    blocker.close()
    assert store.append("ndjson", [a_record()], [], NOW + timedelta(seconds=1)).accepted == 1
    store.close()


def test_a_commit_reaches_the_disk_before_the_answer(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()
