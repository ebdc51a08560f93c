"""Log records as lines of a file: the fields staff may see, once more through the redactor."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from app.core.record import RedactedRecord
from app.core.record_view import STAFF_FIELDS, moment
from app.core.redaction import Redactor
from app.core.spreadsheet import inert

FREE_TEXT = frozenset({"error_message", "fallback_reason"})
COLUMNS = ("started_at", *STAFF_FIELDS)


def csv_lines(records: Iterable[RedactedRecord], redactor: Redactor) -> Iterator[str]:
    """Comma-separated lines with a head; cells a spreadsheet would run as a formula begin with an apostrophe."""
    yield csv_line(COLUMNS)
    for record in records:
        facts = _facts(record, redactor)
        yield csv_line([cell(facts.get(name)) for name in COLUMNS])


def ndjson_lines(records: Iterable[RedactedRecord], redactor: Redactor) -> Iterator[str]:
    """One JSON object a line; fields the source did not fill are left out."""
    for record in records:
        yield json.dumps(_facts(record, redactor), ensure_ascii=False) + "\n"


def _facts(record: RedactedRecord, redactor: Redactor) -> dict[str, object]:
    """What the file says of a record. Rules may have been added since it was stored."""
    facts: dict[str, object] = {"started_at": moment(record).isoformat(timespec="milliseconds")}
    for name in STAFF_FIELDS:
        value = getattr(record, name)
        if value not in (None, "", ()):
            facts[name] = str(redactor.clean(value)) if name in FREE_TEXT else list(value) if isinstance(value, tuple) else value
    return facts


def csv_line(cells: Iterable[object]) -> str:
    """One line of comma-separated cells."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def cell(value: object) -> object:
    """A value as a cell that no spreadsheet runs as a formula."""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return inert(value) if isinstance(value, str) else value
