"""A body is split so that a broken part harms no other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.body import UnreadableBody, is_whole_document, repaired, split_body
from app.core.fields import BadLine


def pieces(body: bytes) -> list[tuple[int, bytes]]:
    return [(number, bytes(piece)) for number, piece in split_body(body)]


def test_an_array_is_numbered_by_element() -> None:
    assert pieces(b' [{"a":1}, {"b":[2]},3]') == [(1, b'{"a":1}'), (2, b'{"b":[2]}'), (3, b"3")]


def test_lines_are_numbered_as_an_editor_numbers_them() -> None:
    assert pieces(b'\xef\xbb\xbf{"a":1}\r\n\n{"b":2}\n') == [(1, b'{"a":1}'), (3, b'{"b":2}')]


def test_one_object_over_many_lines_is_one_piece() -> None:
    assert pieces(b'{\n "a": 1\n}') == [(1, b'{\n "a": 1\n}')]


def test_an_empty_array_has_no_pieces() -> None:
    assert pieces(b"[]") == []


@pytest.mark.parametrize("body", [b"", b" \n ", b"\xef\xbb\xbf"])
def test_an_empty_body_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        split_body(body)


def test_a_damaged_array_gives_the_elements_that_can_be_told_apart() -> None:
    body = b'[{"a":"} ]"}, oops, {"b":"\\""}, {"c":'
    assert pieces(body) == [(1, b'{"a":"} ]"}'), (2, b"oops"), (3, b'{"b":"\\""}'), (4, b'{"c":')]


def test_an_unfinished_string_takes_linear_time() -> None:
    assert len(pieces(b'[{"a":"' + b'\\"' * 200_000)) == 1


OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=8), max_size=3), min_size=1, max_size=5)


@given(values=OBJECTS, tail=st.sampled_from([b', {"broken": "', b", [1, 2", b", nonsense", b', {"a": tru']))
def test_a_broken_end_costs_only_itself(values: list[dict[str, str]], tail: bytes) -> None:
    found = pieces(json.dumps(values).encode()[:-1] + tail)
    assert [json.loads(piece) for _, piece in found[:-1]] == values
    assert len(found) == len(values) + 1


@given(values=OBJECTS)
def test_array_and_lines_give_the_same_values(values: list[dict[str, str]]) -> None:
    array = [json.loads(piece) for _, piece in pieces(json.dumps(values).encode())]
    lines = [json.loads(piece) for _, piece in pieces("\n".join(map(json.dumps, values)).encode())]
    assert array == lines == values


def test_repairing_touches_only_what_is_broken() -> None:
    good = '{"a":"\\ud83d\\ude00 \\\\ud83d é"}'.encode()
    assert repaired(good) == good
    assert repaired(b'{"a":"\\ud83d x \xff"}') == '{"a":"\\ufffd x \ufffd"}'.encode()


ROW = {"id": 1, "type": 2}


@pytest.mark.parametrize("envelope", [
    {"success": True, "message": "", "data": [ROW]},
    {"success": True, "message": "", "data": {"items": [ROW], "total": 1, "page": 1, "page_size": 10}},
    {"RECORDS": [ROW]},
    {"result": [ROW], "success": True, "errors": [], "messages": []},
    {"data": [ROW], "total": 1, "page": 1, "page_size": 50, "total_pages": 1},
])  # fmt: skip
def test_the_rows_in_an_exports_envelope_are_the_pieces(envelope: dict[str, object]) -> None:
    body = json.dumps(envelope, indent=1).encode()
    assert [(number, json.loads(piece)) for number, piece in pieces(body)] == [(1, ROW)]
    assert is_whole_document(body)


@pytest.mark.parametrize(
    "record", [{"task_id": "t", "data": [{"url": "x"}]}, {"data": [1, 2]}, {"success": False, "message": "no"}, {"id": "a", "items": [ROW]}]
)
def test_a_record_with_a_list_in_it_is_no_envelope(record: dict[str, object]) -> None:
    body = json.dumps(record).encode()
    assert pieces(body) == [(1, body)]


def test_an_empty_envelope_has_no_pieces() -> None:
    assert pieces(b'{"success": true, "data": {"items": [], "total": 0}}') == []


def test_lines_are_no_whole_document() -> None:
    assert not is_whole_document(b'{"request_id": "a"}\n{"request_id": "b"}\n')


def test_a_table_is_split_by_rows_and_a_row_that_cannot_be_read_is_known_to_be_bad() -> None:
    (first, row), (second, bad) = split_body(b"request_id,started_at,status_code\na,b,200\nc\n")
    assert (first, row) == (2, b'{"request_id":"a","started_at":"b","status_code":"200"}')
    assert second == 3
    assert isinstance(bad, BadLine)
