"""A long document taken apart as it is read gives what the whole document would give."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import json_stream
from app.core.body import Piece, split_body
from app.core.fields import BadLine
from app.core.json_stream import document_records


def streamed(body: bytes, at_once: int = 7, first: int = 60) -> list[Piece]:
    """The pieces of a document that is read a few bytes at a time."""
    file = io.BytesIO(body)
    return list(document_records(file.read(first), lambda most: file.read(min(most, at_once))))


def plain(pieces: Iterator[Piece] | list[Piece]) -> list[tuple[int, bytes | str]]:
    return [(number, piece.reason if isinstance(piece, BadLine) else bytes(piece)) for number, piece in pieces]


TEXTS = st.text('a"\\{}[], \n', max_size=6) | st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=6
)
ROWS = st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=6)
INDENTS = st.sampled_from([None, 1])


@given(rows=ROWS, indent=INDENTS, at_once=st.integers(1, 90))
def test_an_array_gives_its_elements_however_it_is_cut(rows: list[object], indent: int | None, at_once: int) -> None:
    body = json.dumps(rows, indent=indent).encode()
    assert plain(streamed(body, at_once)) == plain(list(split_body(body)))


@given(rows=ROWS, indent=INDENTS, at_once=st.integers(1, 90), kind=st.integers(0, 3))
def test_an_envelope_gives_its_rows_however_it_is_cut(rows: list[object], indent: int | None, at_once: int, kind: int) -> None:
    envelope = (
        {"success": True, "message": "", "data": rows},
        {"success": True, "data": {"total": 3, "items": rows, "page": 1}, "code": 0},
        {"result_info": {"data": [1]}, "result": rows, "errors": [{"code": 1}]},
        {"data": {"result": {"logs": rows}}},
    )[kind]
    body = json.dumps(envelope, indent=indent).encode()
    assert [json.loads(piece) for _, piece in plain(streamed(body, at_once, first=200))] == rows


@given(rows=ROWS, tail=st.sampled_from([b', {"broken": "', b", [1, 2", b", nonsense", b', {"a": tru', b', {"a": "}, {']))
def test_a_document_that_is_cut_off_keeps_what_was_whole_and_reports_the_rest(rows: list[object], tail: bytes) -> None:
    body = json.dumps(rows).encode()[:-1] + tail
    found = plain(streamed(body))
    assert [json.loads(piece) for _, piece in found[:-1]] == rows
    assert found == plain(list(split_body(body)))


def test_a_document_that_is_cut_off_between_two_records_says_so() -> None:
    assert plain(streamed(b'[{"a":1},{"b":2},')) == [(1, b'{"a":1}'), (2, b'{"b":2}'), (3, "the file ends before the array does")]
    cut = plain(streamed(b'{"success":true,"data":[{"a":1}'))
    assert cut == [(1, b'{"a":1}'), (2, "the file ends before the array does")]


def test_damage_costs_only_itself() -> None:
    body = b'[{"a":"} ]"}, oops, {"b":"\\""}, ] {"c":[{"d":1},{"e":2}]}, {"f":'
    assert plain(streamed(body)) == plain(list(split_body(body)))


def test_a_record_without_end_is_one_reject_and_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LONGEST", 100)
    found = plain(streamed(b'[{"a":1},{"b":"' + b"x" * 500 + b'"},{"c":3}]', at_once=20))
    assert found == [(1, b'{"a":1}'), (2, "a record longer than 32 MiB; the rest of the file cannot be told apart")]


def test_what_is_no_document_is_taken_by_lines() -> None:
    lines = b'{"message":"a","data":[{"x":1}],"id":7}\n{"message":"b","id":8}\n\n{"status":3}'
    body = b'{"message":"a","id":7}\n' + lines
    assert plain(streamed(body, first=30)) == [
        *((1, b'{"message":"a","id":7}'), (2, b'{"message":"a","data":[{"x":1}],"id":7}')),
        *((3, b'{"message":"b","id":8}'), (5, b'{"status":3}')),
    ]


def test_little_is_held_at_a_time() -> None:
    row = json.dumps({"id": "x" * 300, "choices": [{"a": 1}, {"b": 2}]}).encode() + b", "
    asked: list[int] = []

    def read(most: int) -> bytes:
        asked.append(most)
        return row * (most // len(row)) if len(asked) < 30 else b"{}]" * (len(asked) == 30)

    taken = sum(1 for _ in document_records(b"[" + row, read))
    assert taken > 10_000
    assert max(asked) == json_stream.AT_ONCE
