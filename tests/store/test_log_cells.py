"""Batches of many cells: stored, added to and taken away as exactly as small ones, and in as few transactions as each engine can."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.record import RedactedRecord, Reject
from app.core.rollups import HOUR_MS, Cell, Dimension, roll_up
from app.store import logs_append
from app.store.logs import LogStoreBusy
from app.store.logs_cell_rows import add_figures, cell_rows, from_bytes, to_bytes
from app.store.logs_cells import FEW, add_cells, live_cells
from app.store.logs_copy_text import FEWEST_TO_COPY
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_engines import SQL_ENGINES, new_log_store
from tests.log_records import START, a_record
from tests.sql import commits

OWNERS = ("x", "余额", "", "a\tb\\c", "{,}", '"')


@pytest.fixture(params=SQL_ENGINES)
def sql_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLogStore]:
    """An empty store of cells in a table."""
    with new_log_store(str(request.param), tmp_path) as store:
        assert isinstance(store, SqlLogStore)
        yield store


def spread(first: int, last: int, name: str = "r") -> list[RedactedRecord]:
    """A record of every owner in each of these hours."""
    return [
        a_record(f"{name}-{hour}-{owner}", started_at=START - hour * HOUR_MS, owner=owner, latency_ms=hour, prompt_tokens=hour)
        for hour in range(first, last)
        for owner in OWNERS
    ]


def stored(store: SqlLogStore) -> dict[Cell, int]:
    with store.places.writing(START) as connection:
        return live_cells(connection, 0, 2**31 - 1)


def test_a_batch_adds_to_the_cells_that_are_there_and_makes_the_others(sql_store: SqlLogStore) -> None:
    early, late, all_again = spread(0, 20), spread(15, 40), spread(0, 40, "again")
    assert len(roll_up(late)) > FEW > FEWEST_TO_COPY
    for batch in (early, late, all_again):
        sql_store.append("ndjson", batch, [], NOW)
    assert stored(sql_store) == roll_up([*{record.record_id: record for record in (*early, *late)}.values(), *all_again])


def test_a_small_batch_changes_its_own_cells_of_an_hour_and_no_other(sql_store: SqlLogStore) -> None:
    many, few = spread(0, 20), spread(3, 5, "few")
    assert len(roll_up(few)) < FEWEST_TO_COPY
    for batch in (many, few):
        sql_store.append("ndjson", batch, [], NOW)
    assert stored(sql_store) == roll_up([*many, *few])


def test_what_many_cells_counted_can_be_taken_out_again(sql_store: SqlLogStore) -> None:
    kept, gone = spread(0, 20), spread(10, 30, "gone")
    sql_store.append("ndjson", kept, [], NOW)
    taken = sql_store.append("ndjson", gone, [], NOW)
    sql_store.rollback(int(taken.batch_id or 0))
    assert stored(sql_store) == roll_up(kept)


def test_cells_of_purged_records_are_counted_apart(sql_store: SqlLogStore) -> None:
    cells = roll_up(spread(0, 20))
    with sql_store.places.writing(START) as connection:
        for kept in (False, True, True):
            add_cells(connection, cells, kept=kept)
        assert live_cells(connection, 0, 2**31 - 1) == cells
        rows = connection.exec_driver_sql("SELECT dimension, hour, value, figures FROM log_rollup WHERE kept = 1").all()
    assert {Cell(Dimension(name), hour, value): from_bytes(figures) for name, hour, value, figures in rows} == {
        cell: 2 * packed for cell, packed in cells.items()
    }


def test_blocks_of_every_hour_a_batch_touches_are_added_up_anew(sql_store: SqlLogStore) -> None:
    sql_store.append("ndjson", spread(0, 40), [], NOW)
    made = sql_store.add_up_rollups(NOW)
    assert made > 1
    sql_store.append("ndjson", spread(0, 40, "more"), [], NOW)
    assert sql_store.add_up_rollups(NOW) == made


def test_cells_become_plain_rows_in_the_order_of_their_table() -> None:
    owners = {Cell(Dimension.OWNER, 7, "b"): 300, Cell(Dimension.OWNER, 7, "a"): 2}
    rows = cell_rows(owners | {Cell(Dimension.ALL, 8, ""): 1, Cell(Dimension.ALL, 9, ""): 0})
    assert rows == [("all", 8, "", b"\1"), ("owner", 7, "a", b"\2"), ("owner", 7, "b", b"\x2c\1")]
    assert {type(row[0]) for row in rows} == {str}


@pytest.mark.parametrize(("some", "others"), [(0, 0), (0, 7), (255, 1), (2**900, 2**40 - 1)])
def test_figures_add_up_as_they_are_stored(some: int, others: int) -> None:
    assert from_bytes(add_figures(to_bytes(some), to_bytes(others))) == some + others


def test_a_batch_of_one_month_is_one_transaction_where_all_is_in_one_database(sql_store: SqlLogStore) -> None:
    sql_store.append("ndjson", [a_record("first")], [], NOW)
    with commits() as made:
        sql_store.append("ndjson", spread(0, 3), [Reject(1, "not JSON")], NOW)
    assert len(made) == (1 if sql_store.engine.dialect.name == "postgresql" else 3)
    assert [(batch.accepted, batch.rejected) for batch in sql_store.batches()] == [(3 * len(OWNERS), 1), (1, 0)]


def test_a_batch_whose_counts_cannot_be_written_can_be_sent_again(sql_store: SqlLogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = spread(0, 3)

    def is_busy(*_: object) -> None:
        raise LogStoreBusy

    with monkeypatch.context() as patch:
        patch.setattr(logs_append, "note_delivery", is_busy)
        with pytest.raises(LogStoreBusy):
            sql_store.append("ndjson", batch, [], NOW)
    assert sum(info.accepted for info in sql_store.batches()) == len(sql_store.batches()) * len(batch) == sql_store.count()
    sql_store.append("ndjson", batch, [], NOW)
    assert sum(info.accepted for info in sql_store.batches()) == sql_store.count() == len(batch)
    assert (sql_store.check_rollups(), sum(health.accepted for health in sql_store.sources(NOW)) <= len(batch)) == ((), True)
