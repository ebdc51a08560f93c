"""A store of an earlier release, one table for everything, becomes today's without losing a row; broken off, it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, String, Table, Text, create_engine, insert

from app.core.record import Outcome, RedactedRecord, Reject
from app.core.redacted_text import seal
from app.core.rollups import HOUR_MS
from app.store import logs_migrate
from app.store.logs_rows import INSERT_COLUMNS, record_to_row
from app.store.logs_schema import COMPARED, log_record
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_engines import SQL_ENGINES, new_log_url
from tests.log_records import START, a_record

MONTH = 31 * 24 * HOUR_MS
_old = MetaData()
_KINDS = {BigInteger: BigInteger, Boolean: Boolean, JSON: JSON, Text: Text, LargeBinary: LargeBinary, Integer: Integer}
OLD_RECORD = Table(
    "log_record",
    _old,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    *(
        Column(column.name, _KINDS.get(type(column.type), String)(), index=column.name in {"request_id", "started_at"})
        for column in log_record.columns
        if column.name != "id"
    ),
)
OLD_BATCH = Table("batch", _old, Column("id", Integer, primary_key=True), Column("source", String(24)), Column("received_at", BigInteger))
for _name in ("accepted", "duplicate", "rejected", "duration_ms"):
    OLD_BATCH.append_column(Column(_name, Integer))
OLD_REJECT = Table("reject", _old, Column("id", Integer, primary_key=True), Column("batch_id", Integer), Column("line", Integer))
OLD_REJECT.append_column(Column("reason", String(200)))
OLD_SCHEMA = Table("log_schema", _old, Column("version", Integer, primary_key=True, autoincrement=False))

RECORDS = [
    a_record(
        f"{n:032x}" if n % 2 else f"call-{n}",
        started_at=START - (n % 3) * MONTH,
        outcome=Outcome.ERROR if n % 4 == 0 else Outcome.OK,
        error_message=seal("broken") if n % 4 == 0 else None,
        tags=("a", "b") if n % 5 == 0 else (),
    )
    for n in range(40)
]


@pytest.fixture(params=SQL_ENGINES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store as the earlier release left it."""
    with new_log_url(request.param, tmp_path) as url:
        fill(url)
        yield url


def fill(url: str) -> None:
    """What the earlier release kept."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    engine = create_engine(url)
    _old.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(OLD_SCHEMA).values(version=1))
        counts = {"accepted": 20, "duplicate": 0, "rejected": 1, "duration_ms": 5}
        for _each in range(2):
            connection.execute(insert(OLD_BATCH).values(source="ndjson", received_at=START, **counts))
        connection.execute(insert(OLD_REJECT).values(batch_id=2, line=7, reason="not JSON"))
        for n, record in enumerate(RECORDS):
            connection.execute(insert(OLD_RECORD).values(old_row(record, 1 + n // 20)))
    engine.dispose()


def old_row(record: RedactedRecord, batch_id: int) -> dict[str, object]:
    """Ids were text then."""
    values = dict(zip(INSERT_COLUMNS, (batch_id, *record_to_row(record)), strict=True))
    return values | {"request_id": record.request_id, "action_id": record.action_id, "tags": list(record.tags) or None}


def assert_whole(store: SqlLogStore) -> None:
    assert store.count() == len(RECORDS)
    assert store.records([record.record_id for record in RECORDS]) == tuple(RECORDS)
    assert store.check_rollups() == ()
    assert [(batch.id, batch.accepted, batch.instance) for batch in store.batches()] == [(2, 20, ""), (1, 20, "")]
    assert store.rejects(2) == (Reject(7, "not JSON"),)


def test_every_record_moves_with_its_batch_and_its_roll_ups(old: str) -> None:
    store = SqlLogStore(old)
    assert_whole(store)
    assert store.append("ndjson", RECORDS, [], NOW).duplicate == len(RECORDS)
    assert store.rollback(2) == 20
    assert store.count() == 20
    store.close()


def test_a_move_that_broke_off_goes_on(old: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []
    with monkeypatch.context() as patch:
        patch.setattr(logs_migrate, "ROWS_AT_ONCE", 7)
        patch.setattr(logs_migrate, "_move", lambda _places, rows: moved.append(rows) if len(moved) < 2 else 1 / 0)
        broken = SqlLogStore(old)
        with pytest.raises(ZeroDivisionError):
            broken.count()
    store = SqlLogStore(old)
    assert_whole(store)
    store.close()


def test_the_index_over_problems_comes_to_hold_what_a_search_compares(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'logs.db'}"
    store = SqlLogStore(url)
    store.append("ndjson", RECORDS, [], NOW)
    narrow = "CREATE INDEX ix_log_problem_time ON log_record (started_at) WHERE outcome <> 'ok'"
    for file in tmp_path.glob("logs-*.db"):
        with create_engine(f"sqlite:///{file}").begin() as connection:
            connection.exec_driver_sql("DROP INDEX ix_log_problem_time")
            connection.exec_driver_sql(narrow)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE log_schema SET version = 2")
    store.close()
    again = SqlLogStore(url)
    assert again.count() == len(RECORDS)
    for file in tmp_path.glob("logs-*.db"):
        with create_engine(f"sqlite:///{file}").connect() as connection:
            columns = [row[2] for row in connection.exec_driver_sql("PRAGMA index_info(ix_log_problem_time)")]
        assert columns == ["started_at", *COMPARED]
    again.close()


def test_a_log_of_the_release_before_gets_its_table_of_sums(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'logs.db'}"
    store = SqlLogStore(url)
    store.append("ndjson", RECORDS, [], NOW)
    store.close()
    for file in tmp_path.glob("logs*.db"):
        with create_engine(f"sqlite:///{file}").begin() as connection:
            connection.exec_driver_sql("DROP TABLE log_rollup_block")
    with create_engine(url).begin() as connection:
        connection.exec_driver_sql("UPDATE log_schema SET version = 3")
    again = SqlLogStore(url)
    assert again.add_up_rollups(NOW + timedelta(days=1)) > 0
    assert again.check_rollups() == ()
    again.close()
