"""What holds on ClickHouse besides the contract: writers of several hosts, writers that die, corrections, retention, shards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("chdb", reason="the embedded ClickHouse is not installed")

from app.core.histogram import Histogram
from app.core.record import Outcome, RedactedRecord
from app.core.record_text import with_clean_texts
from app.core.redacted_text import seal
from app.core.rollups import Dimension, figures, roll_up
from app.store import logs_clickhouse_append as appending
from app.store import logs_clickhouse_engine, logs_clickhouse_turns
from app.store.logs import LogStoreBusy
from app.store.logs_clickhouse import ClickHouseLogStore
from app.store.logs_clickhouse_schema import SHARD_KEY, cluster_statements, counted
from app.store.logs_clickhouse_turns import APPEND, Turn
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_records import START, a_record
from tests.matching import FINGERPRINT, a_failure, a_report, strangers

ROOT = Path(__file__).parent.parent.parent
HOUR = 3_600_000
OWNERS = ("ann", "bob", None)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"chdb://{tmp_path / 'logs'}"


@pytest.fixture
def store(url: str) -> Iterator[ClickHouseLogStore]:
    store = ClickHouseLogStore(url)
    store.prepare()
    yield store
    store.close()


def mixed(count: int, **changes: Any) -> list[RedactedRecord]:
    """Successes and failures over several hours, with durations, money and owners."""
    return [one(n, **changes) for n in range(count)]


def one(n: int, **changes: Any) -> RedactedRecord:
    fails = {"outcome": Outcome.ERROR, "status_code": 429, "error_message": "Rate limit reached"} if n % 4 == 0 else {}
    fields = {
        "latency_ms": n * 37,
        "ttft_ms": n * 11 if n % 3 else None,
        "owner": OWNERS[n % 3],
        "cost_micros": n * 5 - 20,
        "charged": n % 2 == 0,
    }
    tokens = {
        "prompt_tokens": n,
        "completion_tokens": None if n % 5 else 7,
        "stream": n % 2 == 1,
        "retries": n % 3,
        "client": f"curl/8.{n}",
    }
    return a_record(f"call-{n}", **({"started_at": START + n * 1_000_000} | fields | tokens | fails | changes))


def test_the_view_counts_what_the_desk_would_count(store: ClickHouseLogStore) -> None:
    records = mixed(120)
    store.append("ndjson", records[:70], [], NOW)
    store.append("ndjson", records[50:], [], NOW)
    expected = {(cell.dimension, cell.hour, cell.value): figures(packed) for cell, packed in roll_up(records).items()}
    first = datetime.fromtimestamp(START // HOUR * 3600, UTC)
    for dimension in Dimension:
        points = store.series(dimension, None, first, first + timedelta(hours=60), timedelta(hours=1))
        counted = {(dimension, int(point.start.timestamp()) // 3600, point.value): point.figures for point in points}
        assert counted == {cell: found for cell, found in expected.items() if cell[0] is dimension}


def test_steps_values_and_totals_add_up(store: ClickHouseLogStore) -> None:
    store.append("ndjson", mixed(90), [], NOW)
    first = datetime.fromtimestamp(START // HOUR * 3600, UTC)
    end = first + timedelta(hours=48)
    days = store.series(Dimension.OWNER, ["ann", "bob"], first, end, timedelta(hours=24))
    assert {(point.start, point.value) for point in days} == {
        (first + timedelta(days=day), name) for day in (0, 1) for name in ("ann", "bob")
    }
    totals = store.totals(Dimension.OWNER, first, end)
    assert sum(total.figures.requests for total in totals) == 90
    assert [total.value for total in store.totals(Dimension.OWNER, first, end, limit=1)] == [totals[0].value]
    whole = store.totals(Dimension.ALL, first, end)[0].figures.latency
    assert whole == Histogram(sum(total.figures.latency.packed for total in totals))


def test_replays_at_once_from_several_hosts_with_other_borders_store_and_count_everything_once(url: str) -> None:
    hosts = [ClickHouseLogStore(url) for _ in range(4)]  # each with a lock of its own: they meet only at the engine
    records = mixed(160)

    def send(number: int) -> int:
        size = (23, 40, 64, 160)[number]
        parts = [records[start : start + size] for start in range(0, 160, size)]
        return sum(hosts[number].append("ndjson", part, [], NOW, patience=60).accepted for part in parts)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(send, range(4))) == 160
    assert hosts[0].count() == 160
    assert len({record.record_id for page in hosts[1].walk() for record in page}) == 160
    assert hosts[2].check_rollups() == ()
    assert sum(batch.accepted for batch in hosts[3].batches()) == 160
    for host in hosts:
        host.close()


def test_a_writer_that_fails_half_way_leaves_nothing_half_done(store: ClickHouseLogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(appending, "_insert_rejects", fail)
        with pytest.raises(RuntimeError):
            store.append("ndjson", mixed(20), [], NOW)
    store.engine.run("TRUNCATE TABLE rollup")  # as if the view had not come to it
    again = store.append("ndjson", mixed(30), [], NOW)
    assert (again.accepted, again.duplicate, store.count()) == (10, 20, 30)
    assert store.check_rollups() == ()
    assert [batch.accepted for batch in store.batches()] == [10, 20]


def fail(*_: object) -> None:
    raise RuntimeError("the disk is gone")


KILLED = """
import os, sys
from app.store import logs_clickhouse_append as appending
from app.store.logs_clickhouse import ClickHouseLogStore
from tests.conftest import NOW
from tests.store.test_log_clickhouse import mixed
store = ClickHouseLogStore(sys.argv[1])
store.append("ndjson", mixed(10), [], NOW)
insert = appending._insert
def die(engine, number, fresh):
    if sys.argv[2] == "after":
        insert(engine, number, fresh)
    os._exit(9)
appending._insert = die
store.append("ndjson", mixed(40), [], NOW)
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_process_loses_nothing_it_acknowledged_and_doubles_nothing(url: str, moment: str) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, url, moment], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert killed.returncode == 9
    store = ClickHouseLogStore(url)
    assert store.count() == (40 if moment == "after" else 10)
    assert store.check_rollups() == ()
    assert store.append("ndjson", mixed(40), [], NOW).accepted == (0 if moment == "after" else 30)
    assert store.count() == 40
    assert store.check_rollups() == ()
    store.close()


def test_while_another_host_writes_the_log_is_busy_until_its_lease_is_over(
    store: ClickHouseLogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = Turn(1, APPEND, {**logs_clickhouse_turns._NOTHING, "low": START, "high": START})
    assert logs_clickhouse_turns._claim(store.engine, left, 0, 60)
    with pytest.raises(LogStoreBusy):
        store.append("ndjson", mixed(3), [], NOW, patience=0.05)
    real = logs_clickhouse_turns._now
    monkeypatch.setattr(logs_clickhouse_turns, "_now", lambda: real() + 61_000)
    assert store.append("ndjson", mixed(3), [], NOW).batch_id == 2


def test_a_number_is_given_to_one_of_those_who_want_it(url: str) -> None:
    hosts = [ClickHouseLogStore(url) for _ in range(5)]
    for host in hosts:
        host.prepare()

    def claims(host: ClickHouseLogStore) -> list[int]:
        turns = [Turn(number, APPEND, dict(logs_clickhouse_turns._NOTHING)) for number in range(1, 13)]
        return [turn.number for turn in turns if logs_clickhouse_turns._claim(host.engine, turn, 0, 60)]

    with ThreadPoolExecutor(5) as pool:
        won = sorted(number for numbers in pool.map(claims, hosts) for number in numbers)
    assert won == list(range(1, 13))
    for host in hosts:
        host.close()


def test_a_batch_taken_out_is_gone_from_records_and_figures_and_may_come_again(store: ClickHouseLogStore) -> None:
    store.append("ndjson", mixed(20), [], NOW)
    second = store.append("ndjson", mixed(50), [], NOW).batch_id
    assert store.rollback(second) == 30
    assert (store.count(), store.rollback(second), store.rollback(99)) == (20, 0, 0)
    assert store.check_rollups() == ()
    assert store.batches(1)[0].rolled_back == 30
    assert {record.request_id for page in store.walk() for record in page} == {f"call-{n}" for n in range(20)}
    assert store.append("ndjson", mixed(50), [], NOW).accepted == 30
    assert store.check_rollups() == ()


def test_a_corrected_record_leaves_no_trace_of_what_it_was(store: ClickHouseLogStore) -> None:
    records = mixed(12, owner="loud", client="loud/1", error_message="loud words")
    store.append("ndjson", records, [], NOW)
    for record in records:
        clean = {text: seal("quiet") for text in ("loud", "loud/1", "loud words")}
        store.replace(with_clean_texts(record, clean))
    assert store.count() == 12
    assert store.check_rollups() == ()
    assert {total.value for total in store.totals(Dimension.OWNER, NOW - timedelta(days=9), NOW + timedelta(days=9))} == {"quiet"}
    store.empty_journal()
    kept = "owner = 'loud' OR client = 'loud/1' OR error_message = 'loud words'"
    assert store.engine.value(f"SELECT count() FROM log_record WHERE {kept}") == 0
    assert store.engine.value("SELECT count() FROM rollup WHERE value LIKE '%loud%'") == 0
    assert store.check_rollups() == ()


def test_a_record_that_was_corrected_can_be_taken_out_and_sent_again(store: ClickHouseLogStore) -> None:
    number = store.append("ndjson", mixed(5), [], NOW).batch_id
    store.replace(with_clean_texts(one(1), {"bob": seal("quiet")}))
    assert store.rollback(number) == 5
    assert (store.count(), store.check_rollups()) == (0, ())
    assert store.append("ndjson", mixed(5), [], NOW).accepted == 5
    assert store.records([one(1).record_id]) == (one(1),)


def at_day(n: int, day: int, **changes: Any) -> RedactedRecord:
    return one(n, started_at=START - day * 24 * HOUR + n, **changes)


def test_old_records_go_by_class_and_their_figures_stay(store: ClickHouseLogStore) -> None:
    records = [at_day(n, day) for day in (1, 10, 45, 100) for n in range(day * 100, day * 100 + 8)]
    store.append("ndjson", records, [], NOW)
    everything = store.totals(Dimension.OWNER, NOW - timedelta(days=200), NOW + timedelta(days=1))
    gone = store.purge(NOW - timedelta(days=5), NOW - timedelta(days=60))
    left = [record for page in store.walk() for record in page]
    assert gone == len(records) - len(left) == store.purge(None, None) + gone
    assert {(NOW.timestamp() * 1000 - record.started_at) // (24 * HOUR) for record in left if record.outcome is Outcome.OK} == {0}
    assert {record.outcome for record in left if record.started_at < START - 9 * 24 * HOUR} == {Outcome.ERROR}
    assert min(record.started_at for record in left) > START - 60 * 24 * HOUR
    assert store.totals(Dimension.OWNER, NOW - timedelta(days=200), NOW + timedelta(days=1)) == everything
    assert store.check_rollups() == ()
    store.rebuild_rollups()
    assert store.totals(Dimension.OWNER, NOW - timedelta(days=200), NOW + timedelta(days=1)) == everything


def test_wrong_figures_are_found_and_put_right(store: ClickHouseLogStore) -> None:
    store.append("ndjson", mixed(20), [], NOW)
    store.engine.run("ALTER TABLE rollup UPDATE requests = requests + 5 WHERE dimension = 'owner' AND value = 'ann'")
    wrong = store.check_rollups()
    assert {error.cell.value for error in wrong} == {"ann"}
    assert all(error.stored.requests == error.counted.requests + 5 for error in wrong)
    assert store.rebuild_rollups() > 0
    assert store.check_rollups() == ()


REPORTS = [
    a_report(),
    a_report(minutes=None),
    a_report(model="claude sonnet", status_code=503, error_text="The engine is currently overloaded"),
    a_report(client=None, model=None, status_code=None, error_text=None),
    a_report(minutes=12, stream=True),
]


@pytest.mark.parametrize("widen", [1, 2])
def test_the_same_records_are_brought_as_on_sqlite_bounds_and_all(
    store: ClickHouseLogStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, widen: int
) -> None:
    for name, bound in (("TAKEN_NEAR", 9), ("TAKEN_SHIFTED", 4), ("TAKEN_OF_KEY", 5)):
        monkeypatch.setattr(f"app.store.logs_candidates.{name}", bound)
    monkeypatch.setattr("app.store.logs_probes.SCANNED_PER_SIDE", 12)
    crowd = [a_failure(f"r{n}", minutes=(n * 7 % 60) - 30 + n / 1000, stream=n % 2 == 0, error_message=f"limit {n}") for n in range(60)]
    shifted = [a_failure(f"s{n}", minutes=480 + n / 7, key_fingerprint=None, key_last4=None) for n in range(9)]
    others = [a_failure(f"o{n}", minutes=n / 900 + n % 30 - 15, **kind) for n, kind in enumerate(kinds())]
    sql = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    for log in (store, sql):
        log.append("ndjson", [*crowd, *shifted, *others], [], NOW)
    for report in REPORTS:
        there, here = sql.candidates(report, widen), store.candidates(report, widen)
        more = [record for record in here.records if record not in there.records]
        assert {record.record_id for record in there.records} <= {record.record_id for record in here.records}
        # of another zone's crowd SQL looks at the nearest, ClickHouse at the nearest that agree in what tells most
        assert all(report.request_time and record.status_code == report.status_code for record in more)
        assert len(more) < widen
        assert (here.capped, here.log_has_records) == (there.capped, there.log_has_records)
    sql.close()


def kinds() -> list[dict[str, Any]]:
    """What strangers' failures say, and the key of the report among them."""
    own = {"key_fingerprint": FINGERPRINT, "key_last4": "9f3c"}
    return [
        {name: getattr(record, name) for name in ("status_code", "model_requested", "client", "error_message")}
        | (own if n % 5 == 0 else {})
        for n, record in enumerate(strangers(25))
    ]


def test_an_address_names_server_user_database_and_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(logs_clickhouse_engine, "_open", asked.update)
    engine = logs_clickhouse_engine.ClickHouse("clickhouses://desk:p%40ss@ch.example.com/gatedesk?cluster=gatedesk")
    _ = engine.client
    named = {"host": "ch.example.com", "port": 8443, "username": "desk", "password": "p@ss", "secure": True, "database": "gatedesk"}
    assert asked.items() >= named.items()
    assert engine.tables.own("log_record") == "log_record_local ON CLUSTER `gatedesk`"
    assert logs_clickhouse_engine.ClickHouse("clickhouse://h/d?cluster=a`b").tables.own("log_record") == "log_record"


def test_the_clusters_statements_are_those_of_the_desk() -> None:
    written = (ROOT / "deploy/clickhouse/cluster.sql").read_text()
    lines = [line for line in written.splitlines() if not line.startswith("--")]
    found = [" ".join(statement.split()) for statement in "\n".join(lines).split(";") if statement.strip()]
    assert found == [" ".join(statement.split()) for statement in cluster_statements("gatedesk")]


def test_two_shards_hold_each_record_once_and_together_answer_as_one(url: str) -> None:
    whole = ClickHouseLogStore(url)
    records = [one(n, key_fingerprint=f"{n % 5:032x}" if n % 5 else None, action_id=f"action-{n // 2}") for n in range(80)]
    whole.append("ndjson", records, [], NOW)
    for shard in (0, 1):
        whole.engine.run(f"CREATE TABLE shard_{shard} AS log_record")
        whole.engine.run(f"INSERT INTO shard_{shard} SELECT * FROM log_record WHERE {SHARD_KEY} % 2 = {shard}")
    counts = [int(whole.engine.value(f"SELECT count() FROM shard_{shard}")) for shard in (0, 1)]
    assert sum(counts) == 80
    assert min(counts) > 0
    for column, of_these in (("key_fingerprint", "key_fingerprint IS NOT NULL"), ("action_id", "key_fingerprint IS NULL")):
        parts = [f"SELECT {column} FROM shard_{shard} WHERE {of_these}" for shard in (0, 1)]
        assert whole.engine.value(f"SELECT count() FROM ({parts[0]} INTERSECT {parts[1]})") == 0
    # reads span both shards, as a Distributed table does
    before = (whole.count(), list(whole.walk(7)), whole.recent(9), whole.request("call-3"), whole.candidates(a_report(minutes=60)))
    whole.engine.run("RENAME TABLE log_record TO before")
    whole.engine.run("CREATE TABLE log_record AS shard_0 ENGINE = Merge(currentDatabase(), '^shard_')")
    assert (whole.count(), list(whole.walk(7)), whole.recent(9), whole.request("call-3"), whole.candidates(a_report(minutes=60))) == before
    assert whole.check_rollups() == ()
    whole.close()


def test_an_older_store_counts_as_the_present_one_does(url: str) -> None:
    older = ClickHouseLogStore(url)
    older.append("ndjson", mixed(20), [], NOW)
    older.engine.run("TRUNCATE TABLE log_schema")
    older.engine.run("INSERT INTO log_schema VALUES (1)")
    older.engine.run(f"ALTER TABLE rollup_of_record MODIFY QUERY {counted('log_record', where='0')}")
    older.close()
    newer = ClickHouseLogStore(url)
    assert newer.append("ndjson", mixed(40), [], NOW).accepted == 20
    assert newer.check_rollups() == ()
    newer.close()
