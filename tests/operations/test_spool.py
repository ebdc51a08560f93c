"""The spool: what was acknowledged reaches the store, once, whatever ends when."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.record import BatchOutcome, Outcome, Reject
from app.core.redacted_text import RedactedText
from app.operations.ingest import accept_batch
from app.operations.spool import drain
from app.store.logs import LogStoreBusy
from app.store.logs_sql import SqlLogStore
from app.store.spool import Delivery, Spool, SpoolFull
from tests.conftest import NOW, PEPPER
from tests.log_records import a_record
from tests.redactor import REDACTOR

ROOT = Path(__file__).parents[2]
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
    (back,) = spool.take()
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


SENDER = """
import sys
from pathlib import Path
from app.store.spool import Spool
from tests.operations.test_spool import delivery
from tests.log_records import a_record
spool, name = Spool(Path(sys.argv[1]) / "spool", 2**30), sys.argv[2]
for number in range(10**6):
    spool.put(delivery(*(a_record(f"{name}-{number}-{part}") for part in range(5))))
    print(f"{name}-{number}", flush=True)
"""
DRAINER = """
import sys
from pathlib import Path
from app.operations.spool import drain
from app.store.logs_sql import SqlLogStore
from app.store.spool import Spool
store = SqlLogStore(f"sqlite:///{Path(sys.argv[1]) / 'logs.db'}")
while True:
    print(drain(Spool(Path(sys.argv[1]) / "spool", 2**30), store), flush=True)
"""


def test_a_kill_at_any_moment_loses_nothing_acknowledged_and_doubles_nothing(tmp_path: Path, store: SqlLogStore) -> None:
    chance = random.Random(4)
    store.prepare()
    acknowledged: list[str] = []
    for turn in range(4):
        sender, drainer = start(SENDER, tmp_path, f"turn{turn}"), start(DRAINER, tmp_path, "")
        for process in (sender, drainer):
            assert process.stdout is not None
            process.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.4))
        for process in (sender, drainer):
            os.kill(process.pid, signal.SIGKILL)
        lines = sender.communicate()[0].splitlines()
        drainer.communicate()
        acknowledged += [f"turn{turn}-0", *(line for line in lines if line.startswith("turn"))]
    drain(Spool(tmp_path / "spool", MEGABYTE), store)
    stored = [record.request_id for page in store.walk() for record in page]
    wanted = {f"{name}-{part}" for name in acknowledged for part in range(5)}
    assert len(stored) == len(set(stored)) == store.count()
    assert wanted <= set(stored)
    assert store.check_rollups() == ()


def start(program: str, folder: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", program, str(folder), name], stdout=subprocess.PIPE, text=True, cwd=ROOT)
