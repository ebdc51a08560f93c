"""Columns whose heading names a secret: Markdown tables, and lines of comma-, semicolon- or tab-separated values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.core.redaction.canonical import QUOTES
from app.core.redaction.labels import Label
from app.core.redaction.tied import Value

MOST_ROWS = 500
LONGEST_LINE = 2000
_NEXT = re.compile(r"[\"'`* ]{0,60}(?P<edge>[|,;\t\n])")
_HEADING = re.compile(r"[ \"'`*>]{0,6}[^\W\d][\w ()/.-]{0,40}[ \"'`*]{0,60}|[ >]{0,4}")
_STRING = re.compile(
    rf"[:=(\[]\s{{0,2}}[{QUOTES}]|<(?:pre|code|p|td|div|span)(?:\s[^<>]{{0,120}})?>"
)  # a table inside a string begins behind its quote
_RULE = re.compile(r"[ >]{0,4}\|?[ ]*:?-{2,}[-:| ]*|[ >]{0,4}\+-[-+]*[ ]*")
_CELL = re.compile(r"[ \"'`*]*(?P<value>.*?)[ \"'`*]*$")


def cells_below(label: Label, text: str) -> Iterator[Value]:
    """The values of the column that `label` heads, if it heads one; each is tied to it as by a sign."""
    edge = _NEXT.match(text, label.end)
    start = text.rfind("\n", max(0, label.end - LONGEST_LINE), label.end) + 1
    end = text.find("\n", label.end, label.end + LONGEST_LINE)
    if edge is None or end < 0:
        return
    start = max((inside.end() for inside in _STRING.finditer(text, start, label.end)), default=start)
    heading = text[start:end]
    sign = edge["edge"] if edge["edge"] != "\n" else next((char for char in "|\t;," if char in heading), "")
    names = heading.split(sign) if sign else []
    above = text[text.rfind("\n", max(0, start - 1 - LONGEST_LINE), max(0, start - 1)) + 1 : max(0, start - 1)]
    if len(names) > 1 and above.count(sign) != len(names) - 1 and all(map(_HEADING.fullmatch, names)):
        column = text.count(sign, start, label.end)
        yield from _column(text, end + 1, sign, column, len(names))


def _column(text: str, start: int, sign: str, column: int, width: int) -> Iterator[Value]:
    """The cells of one column, line by line, until a line has another number of cells."""
    for _ in range(MOST_ROWS):
        end = text.find("\n", start, start + LONGEST_LINE)
        line = text[start : end if end >= 0 else min(len(text), start + LONGEST_LINE)]
        cells = line.split(sign)
        is_rule = _RULE.fullmatch(line)
        if len(cells) != width and not is_rule:
            return
        if not is_rule:
            at = start + sum(map(len, cells[:column])) + column
            found = _CELL.match(cells[column])
            if found and found["value"]:
                yield Value(found["value"], at + found.start("value"), at + found.end("value"), "sign", quoted=False)
        if end < 0:
            return
        start = end + 1
