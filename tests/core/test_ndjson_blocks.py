"""A block of lines is what its lines are one by one: records, and rejects with numbers and reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.adapters.ndjson import parse_line, read_block
from app.core.body import Piece
from app.core.desk_line import DeskLine
from app.core.fields import BadLine, FieldCleaner, NotJson
from app.core.record import RedactedRecord, Reject
from app.core.record_columns import columns_of, joined, records_of, refuse_unredacted
from tests.conftest import PEPPER
from tests.core.test_adapter_ndjson import LINE
from tests.redactor import REDACTOR

SECRET = "sk-proj-" + "Zq8Rt5Yw2Lm9" * 4
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    1,
    1.5,
    -3,
    2**40,
    "",
    "ok",
    "error",
    "200",
    "done",
    "user",
    "x" * 300,
    SECRET,
    [SECRET, "crm"],
    {"k": SECRET},
)
BROKEN: tuple[bytes, ...] = (
    b"{",
    b"[]",
    b"7",
    b'{"request_id": "a\xff", "started_at": "2026-11-18T03:04:05Z"}',
    b'{"request_id": "a\\ud800"}',
    b"{}",
)
changes = st.dictionaries(st.sampled_from(DeskLine.__struct_fields__), st.sampled_from(ODD), max_size=6)
pieces_of_lines = st.lists(
    changes.map(lambda changed: json.dumps(LINE | changed).encode())
    | st.sampled_from(BROKEN)
    | st.just(BadLine("a row with broken quotes")),
    max_size=8,
).map(lambda lines: list(enumerate(lines, 3)))


def one_by_one(pieces: list[Piece]) -> tuple[list[RedactedRecord], list[Reject], int]:
    """Each line with a memory of its own."""
    records, rejects, not_json = [], [], 0
    for number, piece in pieces:
        try:
            if isinstance(piece, BadLine):
                raise piece
            records.append(parse_line(piece, FieldCleaner(REDACTOR, PEPPER)))
        except BadLine as problem:
            rejects.append(Reject(number, problem.reason))
            not_json += isinstance(problem, NotJson)
    return records, rejects, not_json


@given(pieces_of_lines)
def test_a_block_is_its_lines_one_by_one(pieces: list[Piece]) -> None:
    block = read_block(pieces, FieldCleaner(REDACTOR, PEPPER))
    assert (records_of(block.columns), block.rejects, block.not_json) == one_by_one(pieces)
    refuse_unredacted(block.columns)
    assert "Zq8Rt5Yw2Lm9Zq8Rt5Yw2Lm9" not in repr(block)


def test_records_and_columns_are_the_same_told_twice() -> None:
    clean = FieldCleaner(REDACTOR, PEPPER)
    lines = [json.dumps(LINE | {"request_id": f"req-{number}", "attempt": number}).encode() for number in range(1, 8)]
    parts = [read_block(list(enumerate(some)), clean).columns for some in (lines[:3], lines[3:], [])]
    records = [parse_line(line, clean) for line in lines]
    assert records_of(joined(parts)) == records
    assert {name: list(values) for name, values in joined(parts).items()} == {
        name: list(values) for name, values in columns_of(records).items()
    }


@pytest.mark.parametrize("broken", BROKEN[:3])
def test_a_broken_line_among_good_ones_costs_only_itself(broken: bytes) -> None:
    good = [json.dumps(LINE | {"request_id": f"req-{number}"}).encode() for number in range(4)]
    block = read_block(list(enumerate([*good[:2], broken, *good[2:]], 1)), FieldCleaner(REDACTOR, PEPPER))
    assert block.columns["request_id"] == ["req-0", "req-1", "req-2", "req-3"]
    assert [reject.line for reject in block.rejects] == [3]
