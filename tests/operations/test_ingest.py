"""A batch end to end: body in, rows out, every line accounted for, no secret kept."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import count
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.body import UnreadableBody, number_lines
from app.core.fields import BadLine
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.record_columns import Columns
from app.operations import ingest
from app.operations.ingest import accept_batch
from app.store.logs import LogStoreBusy, Ready
from app.store.logs_ready import make_ready
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW, PEPPER
from tests.redactor import REDACTOR

SAMPLES = Path(__file__).parent.parent / "samples" / "litellm"
CAPTURES = Path(__file__).parents[3] / "shared" / "samples" / "litellm"
LINE = {"request_id": "0123456789abcdef0123456789abcdef", "started_at": "2026-11-18T03:04:05Z", "status_code": 200}


class Memory:
    """As much of a log store as taking a batch needs."""

    def __init__(self) -> None:
        self.rows: dict[str, RedactedRecord] = {}
        self.sizes: list[int] = []

    def append(
        self, source: str, records: list[RedactedRecord], rejects: list[Reject], received_at: object, **_options: object
    ) -> BatchOutcome:
        before = len(self.rows)
        self.rows.update((record.record_id, record) for record in records)
        self.sizes.append(len(records))
        accepted = len(self.rows) - before
        return BatchOutcome(accepted, len(records) - accepted, tuple(rejects), len(self.sizes))


def accept(body: Any, format_name: str, store: Any) -> BatchOutcome:
    return accept_batch(body, format_name, REDACTOR, PEPPER, store, NOW)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlLogStore]:
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    yield store
    store.close()


def test_a_bad_record_never_fails_its_neighbours() -> None:
    body = "\n".join([json.dumps(LINE), "{not json", json.dumps({"started_at": "now"}), "[]", json.dumps(LINE | {"request_id": "b"})])
    outcome = accept(body.encode(), "ndjson", Memory())
    assert outcome.accepted == 2
    assert outcome.rejects == (Reject(2, "not JSON"), Reject(3, "request_id is missing"), Reject(4, "not a JSON object"))


def test_array_lines_and_single_object_are_all_taken() -> None:
    record = json.loads((SAMPLES / "chat-ok.json").read_text())[0]
    for body in (json.dumps([record]), json.dumps(record), json.dumps(record, indent=2), json.dumps(record) + "\n" + json.dumps(record)):
        assert accept(body.encode(), "litellm", Memory()).accepted == 1


@pytest.mark.parametrize("body", [b"", b"hello", b"<html>no</html>", b"[{", b"{", b"\xff\xfe\x00"])
def test_a_body_that_is_no_json_at_all_is_refused_as_a_whole(body: bytes) -> None:
    memory = Memory()
    with pytest.raises(UnreadableBody):
        accept(body, "ndjson", memory)
    assert memory.sizes == []


def test_a_reason_never_repeats_what_the_line_says() -> None:
    body = json.dumps(LINE | {"request_id": "PLANTED spaced"}).encode() + b'\n{"PLANTED": '
    outcome = accept(body + b"\n" + json.dumps(LINE).encode(), "ndjson", Memory())
    assert outcome.rejected == 2
    assert "PLANTED" not in repr(outcome)


def test_a_file_is_stored_in_several_transactions_and_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "LINES_PER_TRANSACTION", 4)
    memory = Memory()
    lines = [json.dumps(LINE | {"request_id": f"r{n}"}).encode() + b"\n" for n in range(10)]
    outcome = accept(number_lines([*lines, b"broken\n"]), "ndjson", memory)
    assert memory.sizes == [4, 4, 2]
    assert (outcome.accepted, outcome.rejects, outcome.batch_id) == (10, (Reject(11, "not JSON"),), 3)


PARTS = st.sampled_from(
    [json.dumps(LINE), json.dumps(LINE | {"request_id": "other"}), "{", "[1]", '"text"', "{}", "null", '{"request_id": 1}']
)


@given(parts=st.lists(PARTS, min_size=1, max_size=12))
def test_every_line_is_accepted_duplicate_or_rejected(parts: list[str]) -> None:
    outcome = accept(number_lines(part.encode() + b"\n" for part in parts), "ndjson", Memory())
    assert outcome.accepted + outcome.duplicate + outcome.rejected == len(parts)


def test_sending_every_sample_twice_stores_it_once_and_keeps_nothing_planted(store: SqlLogStore, tmp_path: Path) -> None:
    bodies = [path.read_bytes() for path in SAMPLES.glob("*.json") if not path.name.endswith(".expected.json")]
    first = [accept(body, "litellm", store) for body in bodies]
    again = [accept(body, "litellm", store) for body in bodies]
    assert not any(outcome.rejects for outcome in first)
    assert sum(outcome.accepted for outcome in first) == sum(outcome.duplicate for outcome in again) == store.count()
    assert_absent(tmp_path, "PLANTED", "Planted", "robin@", "203.0.113.77", "10.9.8.7", "inner-deployment", "dep-inner")


@pytest.mark.skipif(not CAPTURES.exists(), reason="the captures are not part of the project")
@pytest.mark.parametrize("phase", ["main", "delivery", "redacted"])
def test_real_captures_lose_nothing_and_keep_nothing_secret(phase: str, store: SqlLogStore, tmp_path: Path) -> None:
    paths = sorted(path for path in (CAPTURES / phase).glob("*.json") if path.name != "client_view.json")
    sent = {json.dumps(record, sort_keys=True) for path in paths for record in json.loads(path.read_text())}
    outcomes = [accept(path.read_bytes(), "litellm", store) for path in paths]
    assert not any(outcome.rejects for outcome in outcomes)
    assert store.count() == sum(outcome.accepted for outcome in outcomes) == len(sent)
    assert_absent(tmp_path, *(secret for text in sent for secret in secrets_of(json.loads(text))))


def secrets_of(record: dict[str, Any]) -> Iterator[str]:
    """What a captured record says that must not be stored."""
    metadata = record["metadata"]
    yield from (str(message["content"]) for message in record["messages"] or [] if isinstance(message, dict) and message.get("content"))
    yield from (text for choice in (record["response"] or {}).get("choices", []) if (text := choice["message"].get("content")))
    yield from (value for name, value in (metadata["requester_metadata"] or {}).get("headers", {}).items() if name not in KEPT_HEADERS)
    yield from filter(None, (record["api_base"], record["model_id"], metadata["user_api_key_hash"], metadata["user_api_key_user_email"]))
    yield from (record["model"],) if record["model_group"] and record["model"] else ()
    yield from ("org-rig", "RIGSECRETSIG", "Traceback")


KEPT_HEADERS = {"user-agent", "content-type", "accept", "accept-encoding", "connection", "content-length"}


def assert_absent(folder: Path, *secrets: str) -> None:
    """Search the database as bytes: columns, indexes, free pages and write-ahead log alike."""
    stored = b"".join(path.read_bytes() for path in folder.iterdir())
    assert stored
    found = [secret for secret in secrets if len(secret) > 7 and secret.encode() in stored]
    assert not found


def test_a_file_read_ahead_in_a_second_process_is_stored_alike(store: SqlLogStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ingest, "LINES_PER_TRANSACTION", 4)
    key = "sk-Planted" + "0" * 38
    lines = [json.dumps(LINE | {"request_id": f"r{n}", "error_message": f"Incorrect API key: {key}"}).encode() + b"\n" for n in range(22)]
    pieces = number_lines([*lines, b"broken\n"])
    outcome = accept_batch(pieces, "ndjson", REDACTOR, PEPPER, store, NOW, two_processes=True)
    assert (outcome.accepted, outcome.rejects, outcome.batch_id) == (22, (Reject(23, "not JSON"),), 6)
    assert [record.request_id for page in store.walk() for record in page] == [f"r{n}" for n in range(22)]
    assert_absent(tmp_path, key)


def test_what_breaks_while_lines_are_taken_in_the_second_process_is_raised_in_the_first(
    store: SqlLogStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "LINES_PER_TRANSACTION", 4)

    def damaged() -> Iterator[tuple[int, bytes]]:
        yield from number_lines(json.dumps(LINE | {"request_id": f"r{n}"}).encode() for n in range(9))
        raise OSError("the file ends in the middle")

    with pytest.raises(OSError, match="in the middle"):
        accept_batch(damaged(), "ndjson", REDACTOR, PEPPER, store, NOW, two_processes=True)
    assert store.count() == 8


def test_a_reading_process_that_is_killed_is_no_end_of_the_file(store: SqlLogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "LINES_PER_TRANSACTION", 1)
    here = os.getpid()

    def killed() -> Iterator[tuple[int, bytes]]:
        yield 1, json.dumps(LINE).encode()
        if os.getpid() != here:
            os._exit(9)

    with pytest.raises(EOFError):
        accept_batch(killed(), "ndjson", REDACTOR, PEPPER, store, NOW, two_processes=True)
    assert store.count() == 1


def test_a_store_that_fails_ends_the_reading_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "LINES_PER_TRANSACTION", 1)
    endless = number_lines(json.dumps(LINE | {"request_id": f"r{n}"}).encode() for n in count())
    with pytest.raises(LogStoreBusy):
        accept_batch(endless, "ndjson", REDACTOR, PEPPER, Full(), NOW, two_processes=True)  # type: ignore[arg-type]
    assert not active_children()


class Full:
    """A store that takes nothing."""

    def ready(self, columns: Columns) -> Ready:
        return make_ready(columns)

    def append_ready(self, *_: object, **__: object) -> BatchOutcome:
        raise LogStoreBusy


@pytest.mark.parametrize("limit", [1, 250, 10_000])
def test_long_lines_make_smaller_transactions(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BYTES_PER_TRANSACTION", limit)
    line = json.dumps(LINE).encode().ljust(150)
    memory = Memory()
    accept(iter([(1, line), (2, BadLine("bad")), (3, line), (4, line)]), "ndjson", memory)
    assert memory.sizes == {1: [1, 1, 1], 250: [2, 1], 10_000: [3]}[limit]
