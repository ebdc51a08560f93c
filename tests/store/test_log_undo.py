"""What came in can go out again: a batch that should not have come, and what is older than it may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from app.core.record import Outcome, Reject
from app.core.rollups import HOUR_MS, Dimension
from app.store import logs_undo
from app.store.logs_engine import write
from app.store.logs_schema import batch, source_hour
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_records import START, a_record

DAY = 24 * HOUR_MS


def requests(store: SqlLogStore) -> int:
    totals = store.totals(Dimension.ALL, NOW - timedelta(days=400), NOW + timedelta(days=400))
    return totals[0].figures.requests if totals else 0


def test_a_rollback_takes_what_the_batch_brought_and_leaves_what_it_repeated(store: SqlLogStore) -> None:
    store.append("ndjson", [a_record("kept"), a_record("too")], [], NOW)
    second = store.append(
        "ndjson", [a_record("kept"), a_record("new"), a_record("old", started_at=START - 60 * DAY)], [Reject(9, "x")], NOW
    )
    assert store.rollback(second.batch_id or 0) == 2
    assert {record.request_id for page in store.walk() for record in page} == {"kept", "too"}
    assert (requests(store), store.check_rollups()) == (2, ())
    assert [(batch.accepted, batch.rolled_back) for batch in store.batches()] == [(2, 2), (2, None)]


def test_a_batch_is_rolled_back_once_and_can_be_sent_again(store: SqlLogStore) -> None:
    batch = store.append("ndjson", [a_record("a")], [], NOW).batch_id or 0
    assert [store.rollback(batch), store.rollback(batch), store.rollback(999)] == [1, 0, 0]
    assert store.append("ndjson", [a_record("a")], [], NOW).accepted == 1
    assert store.rollback(batch) == 0
    assert requests(store) == store.count() == 1


def fill(store: SqlLogStore) -> None:
    """A success and a failure on each of the last hundred days, at noon."""
    for outcome in (Outcome.OK, Outcome.ERROR):
        store.append("ndjson", [a_record(f"{outcome}-{n}", started_at=START - n * DAY, outcome=outcome) for n in range(100)], [], NOW)


@pytest.mark.parametrize("block", [7, 1000])
def test_successes_go_before_problems_and_roll_ups_stay(store: SqlLogStore, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs_undo, "BLOCK", block)
    fill(store)
    removed = store.purge(NOW - timedelta(days=10), NOW - timedelta(days=70))
    left = [record for page in store.walk() for record in page]
    assert sum(record.outcome is Outcome.OK for record in left) == 11
    assert sum(record.outcome is Outcome.ERROR for record in left) == 71
    assert (removed, store.count()) == (200 - 82, 82)
    assert (requests(store), store.check_rollups()) == (200, ())
    assert store.purge(NOW - timedelta(days=10), NOW - timedelta(days=70)) == 0


def test_what_has_no_end_is_kept(store: SqlLogStore) -> None:
    fill(store)
    assert store.purge(None, None) == 0
    assert store.purge(NOW, None) == 99
    assert store.count() == 101


def test_a_purged_month_takes_late_records_again(store: SqlLogStore) -> None:
    fill(store)
    store.purge(NOW, NOW)
    late = a_record("late", started_at=START - 70 * DAY)
    assert store.append("ndjson", [late], [], NOW).accepted == 1
    assert store.records([late.record_id]) == (late,)
    assert (requests(store), store.check_rollups()) == (201, ())
    store.purge(NOW, NOW)
    assert requests(store) == 201


def test_a_whole_month_is_dropped_with_its_file(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    fill(store)
    assert sorted(path.name for path in tmp_path.glob("logs-*.db")) == [f"logs-2026-{month:02}.db" for month in (8, 9, 10, 11)]
    store.purge(*[datetime(2026, 10, 1, tzinfo=UTC)] * 2)
    assert sorted(path.name for path in tmp_path.glob("logs-*")) == ["logs-2026-10.db", "logs-2026-11.db"] or all(
        "08" not in path.name and "09" not in path.name for path in tmp_path.glob("logs-*")
    )
    store.append("ndjson", [a_record("late", started_at=START - 90 * DAY)], [], NOW)
    assert (tmp_path / "logs-2026-08.2.db").exists(), "a name is never used twice"
    store.close()


def test_a_writer_with_a_dropped_file_open_writes_elsewhere(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'logs.db'}"
    writer, cleaner = SqlLogStore(url), SqlLogStore(url)
    writer.append("ndjson", [a_record("old", started_at=START - 60 * DAY)], [], NOW)
    cleaner.purge(NOW, NOW)
    writer.append("ndjson", [a_record("late", started_at=START - 60 * DAY)], [], NOW)
    for store in (writer, cleaner, SqlLogStore(url)):
        assert [record.request_id for page in store.walk() for record in page] == ["late"]
        assert requests(store) == 2
        store.close()


def test_purged_space_is_given_back(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    store.append("ndjson", [a_record(f"r-{n}", started_at=START + n, endpoint="/v1/" + "x" * 90) for n in range(20_000)], [], NOW)
    store.append("ndjson", [a_record("kept", started_at=START + DAY)], [], NOW)
    store.empty_journal()
    before = (tmp_path / "logs-2026-11.db").stat().st_size
    store.purge(NOW + timedelta(hours=12), NOW + timedelta(hours=12))
    assert (tmp_path / "logs-2026-11.db").stat().st_size < before / 5
    assert store.count() == 1
    store.close()


def test_a_batch_whose_writer_was_killed_is_counted_later_and_an_empty_one_goes(tmp_path: Path) -> None:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    records = [a_record("a", client="curl"), a_record("b", started_at=START - 60 * DAY)]
    whole = store.append("ndjson", records, [], NOW, instance="Frankfurt").batch_id
    healthy = store.sources(NOW)
    nothing = {"source": "ndjson", "instance": "Frankfurt", "accepted": 0, "duplicate": 0, "rejected": 0, "duration_ms": 0}
    with write(store.engine) as connection:  # as it is between storing records and saying so
        connection.execute(update(batch).values(accepted=0, duration_ms=0))
        connection.execute(insert(batch), nothing | {"received_at": int(NOW.timestamp() * 1000)})
        connection.execute(delete(source_hour))
    assert store.end_unfinished(NOW + timedelta(minutes=59)) == 0
    assert [store.end_unfinished(NOW + timedelta(hours=2)) for _each in range(2)] == [1, 0]
    assert [(each.id, each.accepted) for each in store.batches()] == [((whole or 0) + 1, 0), (whole, 2)]
    assert store.sources(NOW) == healthy
    assert store.end_unfinished(NOW + timedelta(days=2)) == 1
    assert [each.id for each in store.batches()] == [whole]
    assert store.rollback(whole or 0) == 2
    store.close()
