"""A month, a place: questions touch only the months they are about, and writers of different months do not meet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from app.core.record import Outcome, RedactedRecord, Reject
from app.core.rollups import HOUR_MS
from app.store import logs_append
from app.store.logs import WATCHED_FIELDS, LogStore, LogStoreBusy
from app.store.logs_ids import id_from_bytes, id_to_bytes
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_engines import SQL_ENGINES, new_log_store, new_log_url
from tests.log_records import START, a_record
from tests.matching import a_report

DAY = 24 * HOUR_MS

MONTH = 31 * 24 * HOUR_MS
KEY = "ab" * 16


def half_year() -> list[RedactedRecord]:
    """A failure in each of six months, all of one action."""
    return [a_record(f"r-{n}", action_id="act", started_at=START - n * MONTH, outcome=Outcome.ERROR) for n in range(6)]


def test_what_is_asked_by_id_is_found_in_any_month(store: SqlLogStore) -> None:
    records = half_year()
    store.append("ndjson", records, [], NOW)
    assert [record.request_id for record in store.request("r-3")] == [f"r-{n}" for n in range(5, -1, -1)]
    assert store.records([record.record_id for record in records]) == tuple(records)
    assert [record.request_id for record in store.recent(4)] == ["r-0", "r-1", "r-2", "r-3"]
    assert [record.request_id for record in store.recent(4, before=START - 3 * MONTH)] == ["r-4", "r-5"]


def test_a_window_over_the_turn_of_a_month_sees_both_sides(store: SqlLogStore) -> None:
    turn = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    sides = [a_record(f"r-{n}", started_at=int(turn.timestamp() * 1000) + n * 60_000, outcome=Outcome.ERROR) for n in (-2, 2)]
    store.append("ndjson", sides, [], NOW)
    report = a_report(minutes=(turn - NOW) / timedelta(minutes=1))
    assert {record.request_id for record in store.candidates(report).records} == {"r--2", "r-2"}
    assert store.neighbours(200, None, turn).failures == 2


def test_a_search_near_a_time_opens_only_the_months_it_touches(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    store.append("ndjson", half_year(), [], NOW)
    with statements() as asked:
        store.neighbours(429, None, NOW)
    assert [name for name, _statement in asked] == ["logs-2026-11.db"]
    store.close()


@pytest.mark.parametrize("engine", SQL_ENGINES)
def test_a_batch_that_breaks_off_between_two_months_is_healed_by_sending_it_again(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_log_store(engine, tmp_path) as store:
        break_off_and_send_again(store, monkeypatch)


def break_off_and_send_again(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [a_record("old", started_at=START - MONTH), a_record("new")]
    stored = logs_append.insert_part
    with monkeypatch.context() as patch:

        def dies(connection, batch_id, part):
            if part.moment == batch[1].started_at:
                raise KeyboardInterrupt
            return stored(connection, batch_id, part)

        patch.setattr(logs_append, "insert_part", dies)
        with pytest.raises(KeyboardInterrupt):
            store.append("ndjson", batch, [], NOW)
    assert (store.count(), [info.accepted for info in store.batches()]) == (1, [1])
    again = store.append("ndjson", batch, [], NOW)
    assert (again.accepted, again.duplicate, store.count(), store.check_rollups()) == (1, 1, 2, ())


def test_an_import_of_last_month_does_not_make_this_month_wait(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    store.append("ndjson", half_year(), [], NOW)
    blocker = sqlite3.connect(tmp_path / "logs-2026-10.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    assert store.append("ndjson", [a_record("now")], [], NOW, patience=0.01).accepted == 1
    with pytest.raises(LogStoreBusy):
        store.append("ndjson", [a_record("then", started_at=START - MONTH)], [], NOW, patience=0.01)
    blocker.close()
    assert store.append("ndjson", [a_record("then", started_at=START - MONTH)], [], NOW).accepted == 1
    store.close()


@pytest.mark.parametrize(
    "text", ["0123456789abcdef" * 2, "01234567-89ab-cdef-0123-456789abcdef", "0123456789ABCDEF" * 2, "call-1", "模型", "x" * 36, "-" * 36]
)
def test_an_id_comes_back_as_it_was(text: str) -> None:
    stored = id_to_bytes(text)
    assert id_from_bytes(stored) == text
    assert len(stored) <= max(17, len(text.encode())) or not text.isascii()


def test_a_source_is_healthy_or_one_sees_why_not(store: SqlLogStore) -> None:
    early, late = a_record("a", latency_ms=5, owner="x"), a_record("b", started_at=START - HOUR_MS)
    store.append("litellm", [early], [], NOW - timedelta(hours=30), instance="Frankfurt")
    store.append("litellm", [early, late], [Reject(3, "not JSON"), Reject(4, "not JSON"), Reject(5, "no id")], NOW, instance="Frankfurt")
    store.append("litellm", [a_record("c")], [], NOW - timedelta(hours=2), instance="Beijing")
    health, other = store.sources(NOW)
    assert (health.source, health.instance, health.first_seen, health.last_seen) == ("litellm", "Frankfurt", NOW - timedelta(hours=30), NOW)
    assert (health.accepted, health.duplicate, health.rejected) == (1, 1, 3)
    assert (health.per_hour[-1], sum(health.per_hour), len(health.per_hour)) == (1, 1, 24)
    assert (health.lag_ms, health.worst_lag_ms) == (HOUR_MS, HOUR_MS)
    assert health.reasons == (("not JSON", 2), ("no id", 1))
    assert health.newest_record == NOW
    assert {"latency_ms", "owner", "status_code"}.isdisjoint(health.never_filled)
    assert "key_fingerprint" in health.never_filled
    assert (other.instance, other.reasons, other.per_hour[-3]) == ("Beijing", (), 1)
    assert set(other.never_filled) < set(WATCHED_FIELDS)


@pytest.mark.parametrize("engine", SQL_ENGINES)
def test_a_month_that_another_process_makes_or_forgets_is_seen_by_the_next_question(engine: str, tmp_path: Path) -> None:
    with new_log_url(engine, tmp_path) as url, closing(SqlLogStore(url)) as reader, closing(SqlLogStore(url)) as writer:
        make_and_forget_months(reader, writer)


def make_and_forget_months(reader: SqlLogStore, writer: SqlLogStore) -> None:
    old, new = a_record("old", key_fingerprint=KEY, started_at=START - MONTH), a_record("new", key_fingerprint=KEY)
    ids = [old.record_id, new.record_id]
    writer.append("ndjson", [old], [], NOW)
    assert seen(reader, ids) == [("old",), (), ("old",)]
    batch = writer.append("ndjson", [new], [], NOW).batch_id
    assert seen(reader, ids) == [("old", "new"), ("new",), ("old",)]
    writer.purge(NOW - timedelta(days=8), NOW - timedelta(days=8))
    assert seen(reader, ids) == [("new",), ("new",), ()]
    writer.append("ndjson", [old], [], NOW)
    assert seen(reader, ids) == [("old", "new"), ("new",), ("old",)]
    writer.rollback(batch)
    assert seen(reader, ids) == [("old",), (), ("old",)]


def seen(store: SqlLogStore, ids: list[str]) -> list[tuple[str, ...]]:
    """What a look by identity finds, and the key's requests of this month, and a look for the old one by its name."""
    activity = store.key_activity(KEY, NOW)
    of_key = activity.recent if activity else ()
    assert store.neighbours(None, None, NOW).requests == len(of_key)
    return [tuple(record.request_id for record in found) for found in (store.records(ids), of_key, store.request("old"))]


def test_a_record_is_looked_for_from_the_newest_month_on_and_no_further_than_it_is_found(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    records = half_year()
    store.append("ndjson", records, [], NOW)
    with statements() as asked:
        assert store.records([records[1].record_id]) == (records[1],)
        assert len(store.recent(1)) == 1
    assert [name for name, _statement in asked] == ["logs-2026-11.db", "logs-2026-10.db", "logs-2026-11.db"]
    store.close()


def test_questions_for_about_as_many_records_read_alike_so_that_few_statements_are_kept(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    records = [a_record(f"r-{number}") for number in range(8)]
    store.append("ndjson", records, [], NOW)
    with statements() as asked:
        for size in (5, 6, 8):
            assert store.records([record.record_id for record in records[:size]]) == tuple(records[:size])
    assert len(asked) == 3
    assert len({statement for _name, statement in asked}) == 1
    store.close()


@contextmanager
def statements() -> Iterator[list[tuple[str, str]]]:
    """The file and the text of each statement meanwhile."""
    asked: list[tuple[str, str]] = []

    def note(connection, _cursor, statement, *_rest):
        asked.append((str(connection.engine.url).rsplit("/", 1)[-1], statement))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="open files are listed by /proc")
def test_a_month_that_another_process_forgot_is_let_go_of_with_the_next_question(tmp_path: Path) -> None:
    ours, theirs = (SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}") for _each in range(2))
    ours.append("ndjson", [a_record("old", started_at=START - 60 * DAY), a_record("new")], [], NOW)
    assert theirs.count() == 2
    ours.purge(NOW - timedelta(days=30), NOW - timedelta(days=30))
    assert len(opened_though_deleted(tmp_path)) > 0
    assert theirs.recent(1, problems_only=False)[0].request_id == "new"
    assert opened_though_deleted(tmp_path) == []
    ours.close()
    theirs.close()


def opened_though_deleted(folder: Path) -> list[str]:
    """Files of the folder that take room although nobody sees them."""
    links = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return [link for link in links if link.startswith(str(folder)) and link.endswith("(deleted)")]


def test_who_comes_too_late_does_not_make_a_forgotten_month_anew(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    store.append("ndjson", [a_record("old", started_at=START - 60 * DAY), a_record("new")], [], NOW)
    before = {path.name for path in tmp_path.glob("*.db")}
    with store.places.reading() as late:
        opened = iter(late.in_turn())
        next(opened)
        store.purge(NOW - timedelta(days=30), NOW - timedelta(days=30))
        with pytest.raises(OperationalError):
            next(opened)
    assert {path.name for path in tmp_path.glob("*.db")} == before - {"logs-2026-09.db"}
    assert not any(path.stat().st_size for path in tmp_path.glob("logs.db-wal"))
    store.close()
