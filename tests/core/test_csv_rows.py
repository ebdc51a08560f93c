"""A table with a head is read row by row: whatever a cell holds, and whatever is broken, every line is accounted for."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.csv_rows import NOTHING, is_table, table_rows
from app.core.fields import BadLine


def rows(table: bytes) -> list[tuple[int, dict[str, str] | str]]:
    found = table_rows(io.BytesIO(table))
    return [(number, row.reason if isinstance(row, BadLine) else json.loads(row)) for number, row in found]


def test_rows_are_numbered_by_the_line_they_start_on() -> None:
    table = b'\xef\xbb\xbfid,text,more\r\n1,"two\r\nlines",x\r\n\r\n2,"a ""quote""",y\r\n'
    assert rows(table) == [(2, {"id": "1", "text": "two\r\nlines", "more": "x"}), (5, {"id": "2", "text": 'a "quote"', "more": "y"})]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_that_of_the_head(separator: str) -> None:
    assert rows(separator.join("abc").encode() + b"\n" + separator.join("123").encode()) == [(2, {"a": "1", "b": "2", "c": "3"})]


def test_cells_that_say_nothing_are_left_out() -> None:
    assert rows(b"a,b,c,d\n,NULL,\\N,0\n") == [(2, {"d": "0"})]


def test_a_row_with_too_few_or_too_many_cells_is_refused_whole() -> None:
    assert rows(b"a,b,c\n1,2\n1,2,3\n1,2,3,4\n") == [
        (2, "a row of 2 cells under a head of 3"), (3, {"a": "1", "b": "2", "c": "3"}), (4, "a row of 4 cells under a head of 3"),
    ]  # fmt: skip


def test_a_quote_that_never_ends_costs_only_its_own_line() -> None:
    found = rows(b'a,b,c\n1,"oops,3\n' + b"4,5,6\n" * 5_000)
    assert found[0] == (2, "a row whose quotes never end")
    assert len(found) == 5_001


def test_a_table_saved_by_a_chinese_spreadsheet_is_read() -> None:
    assert rows("a,b,c\n1,额度不足,3\n".encode("gb18030")) == [(2, {"a": "1", "b": "额度不足", "c": "3"})]


@pytest.mark.parametrize(
    "start", [b'{"a": 1, "b": 2}', b"[1,2,3]", b"hello", b"a,b", b"hello, world, this!", b"a,a,b", b"1,2,3", b"", b'"a,b,c']
)
def test_what_is_no_head_is_no_table(start: bytes) -> None:
    assert not is_table(start)


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20).filter(
    lambda cell: cell.strip() not in NOTHING
)


@given(cells=st.lists(st.tuples(CELL, CELL, CELL), max_size=6), separator=st.sampled_from([",", ";", "\t"]))
def test_what_a_table_writer_writes_is_what_is_read(cells: list[tuple[str, str, str]], separator: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
    writer.writerow(("one", "two", "three"))
    writer.writerows(cells)
    assert [row for _, row in rows(text.getvalue().encode())] == [dict(zip(("one", "two", "three"), each, strict=True)) for each in cells]


@given(body=st.binary(max_size=200))
def test_any_bytes_under_a_head_become_rows_or_reasons(body: bytes) -> None:
    found = rows(b"a,b,c\n" + body)
    assert [number for number, _ in found] == sorted({number for number, _ in found})
    assert found or not body.strip().isalnum()
