"""Rows made a column at a time are what they would be made one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from app.core.record import RedactedRecord
from app.core.record_columns import columns_of
from app.store.logs_copy_text import CopyText, copy_text
from app.store.logs_ids import id_from_bytes
from app.store.logs_rows import INSERT_COLUMNS, encoded_columns
from tests.random_records import hex_id, random_records, uuid_id

NAMES = INSERT_COLUMNS[1:]
MEANT = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r"}
IDS: list[Callable[[int], str]] = [
    hex_id,
    uuid_id,
    lambda number: hex_id(number).upper(),
    lambda number: uuid_id(number).upper(),
    lambda number: hex_id(number)[:-1] + " ",  # as long as one of digits
    lambda number: "-" * 4 + hex_id(number),  # as long as one with dashes, and as many
    lambda number: f"-{uuid_id(number)[:-1]}",
    lambda number: f"{uuid_id(number)[:-1]}-",
    lambda number: f"{uuid_id(number)[:-1]} ",
    lambda number: hex_id(number) if number % 2 else uuid_id(number),
    lambda number: f"编号-{number}",
]


def plain_row(record: RedactedRecord) -> dict[str, Any]:
    """What a record is stored as; ids as they are read back."""
    return {name: getattr(record, name) for name in NAMES} | {
        "record_id": bytes.fromhex(record.record_id),
        "outcome": record.outcome.value,
        "origin": record.origin.value,
        "key_fingerprint": bytes.fromhex(record.key_fingerprint) if record.key_fingerprint else None,
        "error_message": str(record.error_message) if record.error_message else None,
        "fallback_reason": str(record.fallback_reason) if record.fallback_reason else None,
        "tags": json.dumps(record.tags, ensure_ascii=False) if record.tags else None,
    }


def rows_of(records: list[RedactedRecord]) -> list[dict[str, Any]]:
    encoded = encoded_columns(columns_of(records))
    rows = [dict(zip(encoded, values, strict=True)) for values in zip(*encoded.values(), strict=True)]
    return [row | {name: id_from_bytes(row[name]) for name in ("request_id", "action_id")} for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_columns_hold_what_each_record_is_stored_as(seed: int) -> None:
    records = random_records(seed, 200)
    assert rows_of(records) == [plain_row(record) for record in records]
    assert {type(value) for row in rows_of(records) for value in row.values()} == {int, str, bytes, bool, type(None)}, "what drivers know"


@pytest.mark.parametrize("make_id", IDS)
def test_ids_come_back_as_they_were_whatever_they_are(make_id: Callable[[int], str]) -> None:
    records = [random_records(1, 1, request_id=make_id(n), action_id=make_id(n // 2))[0] for n in range(64)]
    assert [(row["request_id"], row["action_id"]) for row in rows_of(records)] == [(make_id(n), make_id(n // 2)) for n in range(64)]


@pytest.mark.parametrize("make_id", [hex_id, uuid_id])
def test_an_id_of_digits_takes_a_byte_for_two_of_them(make_id: Callable[[int], str]) -> None:
    encoded = encoded_columns(columns_of([random_records(1, 1, request_id=make_id(n))[0] for n in range(3)]))
    assert [len(value) for value in encoded["request_id"]] == [17, 17, 17]


@pytest.mark.parametrize(
    "fixed", [{}, {"error_message": None, "cost_micros": None, "tags": ()}, {"request_id": hex_id(1), "action_id": hex_id(1)}]
)
@pytest.mark.parametrize("seed", range(3))
def test_the_text_to_copy_says_what_the_columns_say_the_first_of_each_identity_in_order(seed: int, fixed: dict[str, Any]) -> None:
    encoded = encoded_columns(columns_of(random_records(seed, 200, **fixed)))
    first: dict[bytes, dict[str, str | None]] = {}
    for values in zip(*encoded.values(), strict=True):
        first.setdefault(values[0], {name: written(value) for name, value in zip(encoded, values, strict=True)})
    copied = copy_text(encoded)
    assert len(copied) == 200
    assert read_back(copied) == [first[identity] for identity in sorted(first)]


def test_a_column_of_nothing_is_not_copied() -> None:
    empty = {"ttft_ms": None, "task_id": None, "charged": None, "quota_micros": None, "tags": ()}
    copied = copy_text(encoded_columns(columns_of(random_records(1, 60, **empty))))
    assert set(NAMES) - set(copied.columns) == set(empty)
    assert len(copied.columns) == len(set(copied.columns))


def test_the_batch_stands_behind_each_row() -> None:
    copied = copy_text(encoded_columns(columns_of(random_records(2, 60))))
    with_batch = b"".join(copied.of_batch(77)).split(b"\n")
    assert with_batch == [line + b"\t77" for line in copied.text.split(b"\n")[:-1]] + [b""]


def written(value: Any) -> str | None:
    return f"\\x{value.hex()}" if isinstance(value, bytes) else None if value is None else str(value)


def read_back(copied: CopyText) -> list[dict[str, str | None]]:
    """As PostgreSQL reads it; a column that is not copied is NULL."""
    rows = [line.split("\t") for line in copied.text.decode().split("\n")[:-1]]
    return [dict.fromkeys(NAMES) | dict(zip(copied.columns, map(meant, row), strict=True)) for row in rows]


def meant(field: str) -> str | None:
    return None if field == "\\N" else re.sub(r"\\[\\tnr]", lambda found: MEANT[found[0]], field)
