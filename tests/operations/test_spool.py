"""The spool: what was acknowledged reaches the store, once, whatever ends when."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from app.core.record import BatchOutcome, Outcome, Reject
from app.core.redacted_text import RedactedText
from app.operations import spool as operations
from app.operations.ingest import accept_batch
from app.operations.spool import drain
from app.store.logs import LogStoreBusy
from app.store.logs_sql import SqlLogStore
from app.store.spool import MOST_AT_ONCE, Delivery, Spool, SpoolFull
from tests.conftest import NOW, PEPPER
from tests.log_records import a_record
from tests.redactor import REDACTOR

FORK = get_context("fork")  # what is imported already need not be imported again
MEGABYTE = 2**20
KEY = "sk-Planted" + "0" * 38
LINE = {"request_id": "r-1", "started_at": "2026-11-18T03:04:05Z", "status_code": 401, "error_message": f"Incorrect API key: {KEY}"}


class BusyStore:
    """A store that another writer keeps to itself."""

    def append(self, *_parts: object, **_options: object) -> BatchOutcome:
        raise LogStoreBusy


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", MEGABYTE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlLogStore]:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    yield store
    store.close()


def delivery(*records, **changes) -> Delivery:
    fields = {"source": "ndjson", "instance": "", "received_at": NOW, "joins_traces": False, "rejects": ()}
    return Delivery(records=records, **(fields | changes))


def test_a_busy_store_is_not_waited_for(spool: Spool, store: SqlLogStore) -> None:
    body = "\n".join([json.dumps(LINE), "{broken"]).encode()
    outcome = accept_batch(body, "ndjson", REDACTOR, PEPPER, BusyStore(), NOW, instance="Frankfurt", spool=spool)
    assert outcome == BatchOutcome(0, 0, (Reject(2, "not JSON"),), None, spooled=1)
    assert (drain(spool, store), spool.waiting()) == (1, [])
    batch = store.batches()[0]
    assert (batch.accepted, batch.rejected, batch.instance, batch.received_at) == (1, 1, "Frankfurt", NOW)


def test_a_free_store_is_written_at_once(spool: Spool, store: SqlLogStore) -> None:
    outcome = accept_batch(json.dumps(LINE).encode(), "ndjson", REDACTOR, PEPPER, store, NOW, spool=spool)
    assert (outcome.accepted, outcome.spooled, spool.waiting()) == (1, 0, [])


def test_nothing_secret_is_spooled(spool: Spool) -> None:
    accept_batch(json.dumps(LINE | {"prompt": "PLANTED"}).encode(), "ndjson", REDACTOR, PEPPER, BusyStore(), NOW, spool=spool)
    (path,) = spool.waiting()
    assert b"r-1" in path.read_bytes()
    assert KEY.encode() not in path.read_bytes()
    assert b"PLANTED" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_was_spooled_comes_back_whole(spool: Spool) -> None:
    record = a_record(outcome=Outcome.ERROR, error_message="超时 timed out", tags=("a", "夜"), charged=True, cost_micros=-5)
    spool.put(delivery(record, rejects=(Reject(3, "not JSON"),), joins_traces=True))
    ((_path, back),) = spool.take()
    assert back == delivery(record, rejects=(Reject(3, "not JSON"),), joins_traces=True)
    assert type(back.records[0].error_message) is RedactedText


def test_deliveries_are_stored_in_the_order_of_their_arrival(spool: Spool, store: SqlLogStore) -> None:
    for number in range(12):
        spool.put(delivery(a_record(f"r-{number}"), instance=str(number)))
    assert drain(spool, store) == 12
    assert [batch.instance for batch in reversed(store.batches())] == [str(number) for number in range(12)]


def test_a_full_spool_refuses_and_keeps_what_it_has(tmp_path: Path, store: SqlLogStore) -> None:
    spool = Spool(tmp_path / "spool", 3_000)
    kept = 0
    while spool.size() < 2_500:
        spool.put(delivery(a_record(f"r-{kept}")))
        kept += 1
    with pytest.raises(SpoolFull):
        spool.put(delivery(*(a_record(f"more-{n}") for n in range(9))))
    assert drain(spool, store) == store.count() == kept
    spool.put(delivery(a_record("again")))


def test_what_cannot_be_stored_yet_stays(spool: Spool, store: SqlLogStore) -> None:
    spool.put(delivery(a_record()))
    assert drain(spool, BusyStore()) == 0
    assert (drain(spool, store), store.count()) == (1, 1)


def test_two_never_drain_at_once(spool: Spool, tmp_path: Path) -> None:
    for number in range(3):
        spool.put(delivery(a_record(f"r-{number}")))
    first = spool.take()
    next(first)
    assert list(Spool(tmp_path / "spool", MEGABYTE).take()) == []
    assert len(list(first)) == 2


def test_a_damaged_delivery_is_set_aside_and_stops_no_other(spool: Spool, store: SqlLogStore, tmp_path: Path) -> None:
    spool.put(delivery(a_record("a")))
    spool.waiting()[0].write_bytes(b"\x81")
    spool.put(delivery(a_record("b")))
    assert (drain(spool, store), store.count()) == (1, 1)
    assert len(list((tmp_path / "spool").glob("*.damaged"))) == 1


def test_a_long_delivery_is_spooled_when_somebody_drains(spool: Spool, store: SqlLogStore) -> None:
    body = "\n".join(json.dumps(LINE | {"request_id": f"r-{number}"}) for number in range(MOST_AT_ONCE + 1)).encode()
    assert send(body, store, spool).accepted == MOST_AT_ONCE + 1
    with spool.drainer():
        assert send(body, store, spool).spooled == MOST_AT_ONCE + 1


def test_what_comes_right_after_another_is_spooled_when_somebody_drains(spool: Spool, store: SqlLogStore) -> None:
    first, second = (json.dumps(LINE | {"request_id": name}).encode() for name in "ab")
    with spool.drainer():
        assert [send(body, store, spool).spooled for body in (first, second)] == [0, 1]
    assert send(first, store, spool).duplicate == 1


def test_two_never_write_to_the_store_at_once(spool: Spool, store: SqlLogStore) -> None:
    with spool.turn() as mine, spool.turn() as also_mine:
        assert (mine, also_mine) == (True, False)
        assert send(json.dumps(LINE).encode(), store, spool).spooled == 1
    assert (drain(spool, store), store.count()) == (1, 1)


def test_short_deliveries_of_one_sender_become_one_batch(spool: Spool, store: SqlLogStore) -> None:
    same = [delivery(a_record(name), received_at=NOW + timedelta(seconds=number)) for number, name in enumerate("abc")]
    apart = delivery(a_record("d"), instance="other"), delivery(a_record("e"), instance="other", rejects=(Reject(1, "not JSON"),))
    later = delivery(a_record("f"), received_at=NOW + timedelta(minutes=1))
    for one in (*same, *apart, later):
        spool.put(one)
    assert drain(spool, store) == 6
    assert [(batch.instance, batch.accepted, batch.rejected) for batch in reversed(store.batches())] == [
        ("", 2 + 1, 0), ("other", 1, 0), ("other", 1, 1), ("", 1, 0),
    ]  # fmt: skip


def test_a_delivery_that_cannot_be_stored_stays_and_stops_no_other(
    spool: Spool, store: SqlLogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "poison", "b"):
        spool.put(delivery(a_record(name)))
    monkeypatch.setattr(operations, "store_delivery", poisoned(operations.store_delivery))
    assert drain(spool, store) == 2
    assert [waiting.delivery.records[0].request_id for waiting in spool.take()] == ["poison"]
    monkeypatch.undo()
    assert (drain(spool, store), store.count()) == (1, 3)


def poisoned(store_delivery: Callable[..., BatchOutcome]) -> Callable[..., BatchOutcome]:
    def store(delivery: Delivery, *rest: object) -> BatchOutcome:
        if any(record.request_id == "poison" for record in delivery.records):
            raise ValueError(KEY)
        return store_delivery(delivery, *rest)

    return store


def test_draining_goes_on_after_an_error(spool: Spool, store: SqlLogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, seen = Event(), []

    def broken(*_parts: object) -> int:
        seen.append(spool.is_drained())
        if len(seen) == 2:
            stop.set()
        raise ValueError(KEY)

    monkeypatch.setattr(operations, "drain", broken)
    monkeypatch.setattr(operations, "PAUSE_SECONDS", 0)
    operations.drain_until(stop, spool, store)
    assert (seen, spool.is_drained()) == ([True, True], False)


def test_a_full_disk_is_a_full_spool_and_leaves_nothing_half_written(
    spool: Spool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SpoolFull):
        spool.put(delivery(a_record()))
    assert list((tmp_path / "spool").glob("*")) == []
    assert "No space left" in caplog.text


def test_a_disk_that_is_nearly_full_is_left_to_people_and_what_was_acknowledged_is_still_stored(
    spool: Spool, store: SqlLogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(delivery(a_record("acknowledged")))
    free_of_ten = 0.8

    def disk(_folder: Path) -> SimpleNamespace:
        return SimpleNamespace(total=10 * MEGABYTE, free=round(free_of_ten * MEGABYTE))

    monkeypatch.setattr(shutil, "disk_usage", disk)  # of ten, one is kept
    with pytest.raises(SpoolFull):
        spool.put(delivery(a_record("refused")))
    assert (drain(spool, store), store.count()) == (1, 1)
    free_of_ten = 0.4
    with pytest.raises(LogStoreBusy):
        send(json.dumps(LINE).encode(), store, spool)
    free_of_ten = 1.1
    assert send(json.dumps(LINE).encode(), store, spool).accepted == 1


def test_what_a_process_that_ended_had_not_finished_is_removed_later(spool: Spool, tmp_path: Path) -> None:
    spool.put(delivery(a_record()))
    old, fresh = tmp_path / "spool" / "1.part", tmp_path / "spool" / "2.part"
    for path in (old, fresh):
        path.touch()
    os.utime(old, (0, 0))
    with spool.drainer():
        assert (old.exists(), fresh.exists(), len(spool.waiting())) == (False, True, 1)


def send(body: bytes, store: SqlLogStore, spool: Spool) -> BatchOutcome:
    return accept_batch(body, "ndjson", REDACTOR, PEPPER, store, NOW, spool=spool)


def test_a_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path, store: SqlLogStore) -> None:
    """Half of the time short deliveries are stored at once when they can be, half of the time all but the first are spooled."""
    chance, folder = random.Random(4), tmp_path / "spool"
    store.prepare()
    store.close()
    acknowledged: list[str] = []
    for turn in range(6):
        ends = [start(keep_draining, tmp_path, known=bool(turn % 2)), *(start(keep_sending, tmp_path, f"{turn}-{n}") for n in range(2))]
        for _process, said in ends:
            said.recv()
        time.sleep(chance.uniform(0.05, 0.4))
        for process, _said in ends:
            process.kill()
            process.join()
        for _process, said in ends[1:]:
            acknowledged += [f"{name}-{part}" for name in all_of(said) for part in range(5)]
    drain(Spool(folder, MEGABYTE), store)
    stored = [record.request_id for page in store.walk() for record in page]
    assert len(stored) == len(set(stored)) == store.count()
    assert set(acknowledged) <= set(stored)
    assert len(acknowledged) > 5 * 12
    assert store.check_rollups() == ()


def keep_sending(said: Connection, folder: Path, name: str) -> None:
    """Send deliveries of five, one after another, and say which were acknowledged."""
    store, spool = SqlLogStore(f"sqlite:///{folder / 'logs.db'}"), Spool(folder / "spool", 2**30)
    said.send("")
    for number in range(10**6):
        lines = (json.dumps(LINE | {"request_id": f"{name}-{number}-{part}"}) for part in range(5))
        outcome = send("\n".join(lines).encode(), store, spool)
        assert outcome.accepted + outcome.spooled == 5
        said.send(f"{name}-{number}")


def keep_draining(said: Connection, folder: Path, *, known: bool) -> None:
    """Drain without a pause, as one whom senders know of or not."""
    store, spool = SqlLogStore(f"sqlite:///{folder / 'logs.db'}"), Spool(folder / "spool", 2**30)
    with spool.drainer() if known else nullcontext():
        said.send("")
        while True:
            drain(spool, store)


def start(work: Callable[..., None], *parts: object, **options: object) -> tuple[ForkProcess, Connection]:
    """A process that may be killed at any moment; what it says is kept in a pipe."""
    ours, theirs = FORK.Pipe(duplex=False)
    process = FORK.Process(target=work, args=(theirs, *parts), kwargs=options, daemon=True)
    process.start()
    theirs.close()
    return process, ours


def all_of(said: Connection) -> Iterator[str]:
    """What was said before the process was killed; the last word may be cut."""
    with suppress(EOFError, OSError):
        while True:
            yield said.recv()


def test_a_log_that_is_away_when_it_is_first_used_is_waited_for(spool: Spool, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    away = SqlLogStore(f"postgresql+psycopg://nobody@/nothing?host={tmp_path}")
    assert send(json.dumps(LINE).encode(), away, spool).spooled == 1
    assert (drain(spool, away), len(spool.waiting())) == (0, 1)
    assert caplog.text == ""
