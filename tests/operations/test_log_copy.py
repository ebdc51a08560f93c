"""A log moves to another engine whole, however often the moving is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.record import Outcome, RedactedRecord, Reject
from app.operations import log_copy
from app.operations.log_copy import copy_log
from app.store.logs import LogStore, LogStoreBusy
from app.store.logs_open import open_log_store
from tests.conftest import NOW
from tests.log_engines import LOG_ENGINES, new_log_url
from tests.log_records import START, a_record


@pytest.fixture
def source(tmp_path: Path) -> Iterator[LogStore]:
    store = open_log_store(f"sqlite:///{tmp_path / 'source.db'}")
    store.append("ndjson", [one(n) for n in range(60)], [Reject(3, "not JSON")], NOW, instance="north")
    store.append("litellm", [one(n, source="litellm") for n in range(60, 70)], [], NOW)
    yield store
    store.close()


@pytest.fixture(params=LOG_ENGINES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LogStore]:
    with new_log_url(str(request.param), tmp_path, "target") as url:
        store = open_log_store(url)
        yield store
        store.close()


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_copy, "RECORDS_AT_ONCE", 8)


def one(number: int, **changes: object) -> RedactedRecord:
    failed = {"outcome": Outcome.ERROR, "status_code": 429, "error_message": f"limit {number}"} if number % 3 == 0 else {}
    return a_record(f"call-{number}", started_at=START + number * 60_000, latency_ms=number, tags=("a", "b"), **(failed | changes))


def everything(store: LogStore) -> set[RedactedRecord]:
    return {record for page in store.walk() for record in page}


def test_every_field_of_every_record_arrives_once_and_both_sums_say_so(source: LogStore, target: LogStore) -> None:
    read: list[int] = []
    copied = copy_log(source, target, read.append)
    assert (copied.stored, copied.known, copied.same, sum(read)) == (70, 0, True, 70)
    assert everything(target) == everything(source)
    assert target.check_rollups() == ()


def test_rejected_lines_keep_the_batch_they_came_with(source: LogStore, target: LogStore) -> None:
    copy_log(source, target, len_of)
    kept = [batch for batch in target.batches() if batch.rejected]
    assert [(batch.source, batch.instance, batch.received_at) for batch in kept] == [("ndjson", "north", NOW)]
    assert target.rejects(kept[0].id) == (Reject(3, "not JSON"),)


def test_run_again_it_stores_nothing_and_makes_no_batch(source: LogStore, target: LogStore) -> None:
    copy_log(source, target, len_of)
    batches = target.batches()
    again = copy_log(source, target, len_of)
    assert (again.stored, again.known, again.batches, again.same) == (0, 70, 0, True)
    assert target.batches() == batches


@pytest.mark.parametrize("pages", [1, 4])
def test_cut_off_it_goes_on_where_it_was(source: LogStore, target: LogStore, pages: int) -> None:
    with pytest.raises(LogStoreBusy):
        copy_log(source, target, stop_after(pages))
    assert target.count() == pages * 8
    rest = copy_log(source, target, len_of)
    assert (rest.stored, rest.same, target.count()) == (70 - pages * 8, True, 70)
    assert target.check_rollups() == ()


def test_what_came_meanwhile_is_copied_the_next_time(source: LogStore, target: LogStore) -> None:
    copy_log(source, target, len_of)
    source.append("ndjson", [one(n) for n in range(70, 75)], [], NOW)
    assert copy_log(source, target, len_of).stored == 5
    assert everything(target) == everything(source)


def test_a_page_of_which_the_middle_is_missing_is_noticed_and_filled(source: LogStore, target: LogStore) -> None:
    first = next(iter(source.walk(8)))
    target.append("ndjson", [first[0], first[-1]], [], NOW)
    copied = copy_log(source, target, len_of)
    assert copied.same
    assert everything(target) == everything(source)


def test_a_target_that_holds_other_records_is_not_called_the_same(source: LogStore, target: LogStore) -> None:
    target.append("ndjson", [one(900)], [], NOW)
    copied = copy_log(source, target, len_of)
    assert not copied.same
    assert everything(target) > everything(source)


def len_of(count: int) -> int:
    return count


def stop_after(pages: int):
    seen: list[int] = []

    def advance(count: int) -> None:
        seen.append(count)
        if len(seen) == pages:
            raise LogStoreBusy

    return advance
