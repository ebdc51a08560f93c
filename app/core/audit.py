"""The audit: who did or read what, when, from what to what; as lines of a page and of a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.log_export import cell, csv_line

COLUMNS = ("at", "actor", "action", "object_kind", "object_id", "before", "after")
NOBODY = -1  # as an actor: a guest, or the desk itself
LONGEST_TIME, LONGEST_NUMBER = 17, 18  # digits: what a database can hold


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What is asked for; empty means any. actor: an account's number, or NOBODY."""

    actor: int | None = None
    action: str = ""
    kind: str = ""
    object_id: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One act. source: 0 an audit entry, 1 a change of a ticket; with number and moment it is the line's place in the order."""

    at: datetime
    source: int
    number: int
    actor: str | None  # the account's user name: it never changes, and no two are the same
    action: str
    kind: str
    object_id: str
    before: str | None
    after: str | None
    called: str | None = None  # what people call the actor


@dataclass(frozen=True, slots=True)
class AuditCursor:
    """The last line of a page; the next page follows it."""

    at: datetime
    source: int
    number: int

    def __str__(self) -> str:
        """As it stands in an address: microseconds since 1970, source, number."""
        return f"{round(self.at.timestamp() * 1_000_000)}-{self.source}-{self.number}"


def cursor_after(line: AuditLine) -> AuditCursor:
    """The place of a line."""
    return AuditCursor(line.at, line.source, line.number)


def read_cursor(text: str) -> AuditCursor | None:
    """A cursor from an address; None for anything else."""
    parts = text.split("-")
    if len(parts) != len(("at", "source", "number")) or not all(part.isascii() and part.isdecimal() for part in parts):
        return None
    if len(parts[0]) > LONGEST_TIME or parts[1] not in {"0", "1"} or len(parts[2]) > LONGEST_NUMBER:
        return None
    return AuditCursor(datetime.fromtimestamp(int(parts[0]) / 1_000_000, UTC), int(parts[1]), int(parts[2]))


def audit_csv(lines: Iterable[AuditLine]) -> Iterator[str]:
    """Comma-separated lines with a head, safe in a spreadsheet."""
    yield csv_line(COLUMNS)
    for line in lines:
        facts = _facts(line)
        yield csv_line([cell(facts.get(name)) for name in COLUMNS])


def audit_ndjson(lines: Iterable[AuditLine]) -> Iterator[str]:
    """One JSON object a line; what is empty is left out."""
    for line in lines:
        yield json.dumps({name: value for name, value in _facts(line).items() if value is not None}, ensure_ascii=False) + "\n"


def _facts(line: AuditLine) -> Mapping[str, str | None]:
    return {
        "at": line.at.astimezone(UTC).isoformat(timespec="seconds"),
        "actor": line.actor,
        "action": line.action,
        "object_kind": line.kind,
        "object_id": line.object_id,
        "before": line.before,
        "after": line.after,
    }
