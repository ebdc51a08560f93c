"""RedactedRecord to ClickHouse columns and back. A row is a record's coming (sign 1) or going (sign -1); what is left is the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import compress, count, repeat
from operator import is_not
from typing import Any

from app.core.each_once import EachOnce
from app.core.failure_class import OF_FAILURE, failure_of
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.record_columns import Columns, refuse_unredacted
from app.core.redacted_text import RedactedText, seal
from app.core.rollups import client_value, failure_value

_LABEL = "LowCardinality(Nullable(String))"
_NUMBER = "Nullable(Int64) CODEC(T64, ZSTD(1))"
_MARK = "LowCardinality(String)"
# every column of log_record, in the order in which rows are written
TYPES: dict[str, str] = {
    "started_at": "Int64 CODEC(Delta, ZSTD(1))",
    "record_id": "FixedString(16)",
    "problem": "UInt8",  # 1: the outcome is not ok
    "request_id": "String CODEC(ZSTD(1))",
    "action_id": "String CODEC(ZSTD(1))",
    "source": _MARK,
    "latency_ms": _NUMBER,
    "ttft_ms": _NUMBER,
    "attempt": "Int64 CODEC(T64, ZSTD(1))",
    "request_type": _MARK,
    "endpoint": _LABEL,
    "client": _LABEL,
    "model_requested": _LABEL,
    "model_served": _LABEL,
    "provider": _LABEL,
    "status_code": _NUMBER,
    "outcome": _MARK,
    "origin": _MARK,
    "error_code": _LABEL,
    "error_message": "Nullable(String) CODEC(ZSTD(1))",
    "key_prefix": _MARK,
    "key_last4": _LABEL,
    "key_fingerprint": "LowCardinality(Nullable(FixedString(16)))",
    "key_alias": _LABEL,
    "owner": _LABEL,
    "group": _LABEL,
    "environment": _LABEL,
    "prompt_tokens": _NUMBER,
    "completion_tokens": _NUMBER,
    "cost_micros": _NUMBER,
    "charged": "Nullable(Bool)",
    "quota_micros": _NUMBER,
    "balance_micros": _NUMBER,
    "stream": "Nullable(Bool)",
    "stream_end": _LABEL,
    "retries": _NUMBER,
    "fallback_from": _LABEL,
    "fallback_reason": "Nullable(String) CODEC(ZSTD(1))",
    "task_id": "Nullable(String) CODEC(ZSTD(1))",
    "tags": "Array(LowCardinality(String))",
    "failure": _MARK,  # what it counts under in the roll-ups: "<status> <class>", empty when it went well
    "client_name": _MARK,  # the same of the client
    "batch_id": "UInt64 CODEC(Delta, ZSTD(1))",
    "version": "UInt64 CODEC(Delta, ZSTD(1))",  # the turn in which this form of the record came
    "sign": "Int8",
}
COLUMNS = tuple(TYPES)
KINDS = {name: kind.partition(" CODEC")[0] for name, kind in TYPES.items()}
KEPT = ("batch_id", "version", "sign")  # not of the record, but of its row; the last columns
READ = (*(name for name in COLUMNS if name not in {"problem", "failure", "client_name", *KEPT}), *KEPT)
SELECTED = ", ".join(f"`{name}`" for name in READ)
_WIDTH = len(READ) - len(KEPT)
REMEMBERED = 20_000  # keys and clients that are not encoded anew
_OK = Outcome.OK
_NAME_OF_OUTCOME = {outcome: outcome.value for outcome in Outcome}
_NAME_OF_ORIGIN = {origin: origin.value for origin in Origin}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ORIGINS = {origin.value: origin for origin in Origin}


def encoded_columns(columns: Columns) -> dict[str, Sequence[Any]]:
    """Every column but those of the row itself. Refuses text that has not passed the redactor, without showing it."""
    refuse_unredacted(columns)
    return {name: _WRITE[name](columns) if name in _WRITE else columns[name] for name in COLUMNS if name not in KEPT}


def live(rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """The rows (READ) that are left when coming and going are added up, each once, in the order met."""
    balance: dict[tuple[Any, Any], int] = {}
    first: dict[tuple[Any, Any], Sequence[Any]] = {}
    for row in rows:
        identity = row[1], row[-2]
        balance[identity] = balance.get(identity, 0) + row[-1]
        first.setdefault(identity, row)
    left = {row[1]: row for identity, row in first.items() if balance[identity] > 0}  # of two forms the later one
    return [row for identity, row in first.items() if left.get(row[1]) is row]


def records_of(rows: Iterable[Sequence[Any]]) -> list[RedactedRecord]:
    """The records that rows (READ) leave."""
    return [record_of(row) for row in live(rows)]


def record_of(row: Sequence[Any]) -> RedactedRecord:
    """One row (READ) as a record."""
    fields = dict(zip(READ, row[:_WIDTH], strict=False))
    for name, read in _READ.items():
        fields[name] = read(fields[name])
    return RedactedRecord(**fields)


def _texts(texts: Sequence[RedactedText | None]) -> list[str | None]:
    return [None if text is None else str(text) for text in texts]


def _failures(columns: Columns) -> list[str]:
    """Few requests fail: only those are looked at."""
    failing = _problems(columns)
    problems = map(failure_of, *(compress(columns[name], failing) for name in OF_FAILURE))
    statuses = compress(columns["status_code"], failing)
    failures = [""] * len(failing)
    for place, status, problem in zip(compress(count(), failing), statuses, problems, strict=True):
        failures[place] = failure_value(status, problem) if problem else ""
    return failures


def _problems(columns: Columns) -> list[bool]:
    return list(map(is_not, columns["outcome"], repeat(_OK)))


def _sealed(text: str | None) -> RedactedText | None:
    """Mark what was stored as redacted: it was when it was stored."""
    return None if text is None else seal(text)


_fingerprints = EachOnce[bytes | None](lambda mark: bytes.fromhex(str(mark)) if mark else None, REMEMBERED)
_clients = EachOnce[str](lambda client: client_value(None if client is None else str(client)), REMEMBERED)
_WRITE: dict[str, Callable[[Columns], Sequence[Any]]] = {
    "record_id": lambda columns: list(map(bytes.fromhex, columns["record_id"])),
    "problem": _problems,
    "outcome": lambda columns: list(map(_NAME_OF_OUTCOME.__getitem__, columns["outcome"])),
    "origin": lambda columns: list(map(_NAME_OF_ORIGIN.__getitem__, columns["origin"])),
    "key_fingerprint": lambda columns: _fingerprints.of(columns["key_fingerprint"]),
    "error_message": lambda columns: _texts(columns["error_message"]),
    "fallback_reason": lambda columns: _texts(columns["fallback_reason"]),
    "failure": _failures,
    "client_name": lambda columns: _clients.of(columns["client"]),
}
_READ: dict[str, Callable[[Any], Any]] = {
    "record_id": bytes.hex,
    "outcome": _OUTCOMES.__getitem__,
    "origin": _ORIGINS.__getitem__,
    "key_fingerprint": lambda mark: mark.hex() if mark else None,
    "error_message": _sealed,
    "fallback_reason": _sealed,
    "tags": tuple,
}
