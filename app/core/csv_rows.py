"""A table with a head made into numbered pieces: each row is one JSON object of texts, named by the head."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator

import msgspec

from app.core.fields import BadLine

MOST_LINES_OF_A_ROW = 2_000
MOST_CHARACTERS_OF_A_ROW = 4 * 2**20
FEWEST_COLUMNS, MOST_COLUMNS = 3, 400
LONGEST_HEAD = 65_536
NOTHING = frozenset({"", "NULL", "null", "\\N", "<null>"})  # how databases write that there is no value

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_./\- ]{0,79}")
_SEPARATORS = (",", "\t", ";")

csv.field_size_limit(MOST_CHARACTERS_OF_A_ROW)  # the module's own limit is less than one logged prompt


def is_table(start: bytes) -> bool:
    """Whether a file that starts so is a table with a head."""
    first = _text(start[:LONGEST_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0])
    return bool(_head(first.rstrip("\r")))


def table_rows(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes | BadLine]]:
    """Give each row under the head, numbered by the line it starts on; one that cannot be read is a BadLine."""
    rows = _rows(_text(line) for line in lines)
    head = next(((number, row) for number, row in rows if isinstance(row, BadLine) or row.strip()), None)
    if head is None:
        return
    number, first = head
    columns = [] if isinstance(first, BadLine) else _head(first.removeprefix("\ufeff"))
    if not columns:
        yield number, BadLine("not a table: the first line names no columns")
        return
    separator = _separator(str(first))
    for number, row in rows:
        if isinstance(row, BadLine):
            yield number, row
        elif row.strip():
            yield number, _object(columns, row, separator)


def _object(columns: list[str], row: str, separator: str) -> bytes | BadLine:
    """Name the cells of a row. Cells too few or too many would be named wrongly, so such a row is refused whole."""
    try:
        cells = next(csv.reader([row], delimiter=separator, strict=True), [])
    except csv.Error:
        return BadLine("a row with broken quotes")
    if len(cells) != len(columns):
        return BadLine(f"a row of {len(cells)} cells under a head of {len(columns)}")
    return msgspec.json.encode({name: cell for name, cell in zip(columns, cells, strict=True) if cell not in NOTHING})


def _rows(lines: Iterator[str]) -> Iterator[tuple[int, str | BadLine]]:
    """Join the lines of a row: a quoted cell may hold line ends. A quote that never ends costs only its own line."""
    waiting: list[str] = []
    number, again = 1, False
    while True:
        taken, size, quotes = 0, 0, 0
        while taken < MOST_LINES_OF_A_ROW and size < MOST_CHARACTERS_OF_A_ROW:
            if taken == len(waiting):
                if (line := next(lines, None)) is None:
                    break
                waiting.append(line)
            size, quotes, taken = size + len(waiting[taken]), quotes + waiting[taken].count('"'), taken + 1
            if quotes % 2 == 0:
                break
        if not taken:
            return
        again = quotes % 2 == 1
        yield number, BadLine("a row whose quotes never end") if again else "".join(waiting[:taken]).rstrip("\r\n")
        number += 1 if again else taken
        del waiting[: 1 if again else taken]


def _head(line: str) -> list[str]:
    """Name the columns of a head; empty when the line is none."""
    if line[:1] in "{[" or not line:
        return []
    try:
        names = [name.strip() for name in next(csv.reader([line], delimiter=_separator(line), strict=True), [])]
    except csv.Error:
        return []
    is_head = FEWEST_COLUMNS <= len(names) <= MOST_COLUMNS and len(set(names)) == len(names) and all(map(_COLUMN.fullmatch, names))
    return names if is_head else []


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def _text(line: bytes) -> str:
    """Read a line as UTF-8, else as the encoding Chinese spreadsheets save in."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("gb18030", "replace")
