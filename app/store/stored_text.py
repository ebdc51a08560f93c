"""Every text the desk keeps, found by the columns' types: to be read again with today's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Column, String, Table, select, tuple_, update

from app.core.article import LANGUAGES
from app.core.redacted_text import RedactedText
from app.store import models  # noqa: F401 - the tables must be known
from app.store.database import RedactedColumn, db

PAGE = 25  # rows held at once: one may be an attachment of several megabytes
# Columns of plain strings or JSON that hold nothing but ids, codes, hashes and dates of the desk's own making. Any other is read.
OWN = frozenset(
    {
        *(
            "about",
            "action",
            "ask",
            "audience",
            "cause",
            "causes",
            "checked_on",
            "clock",
            "confidence",
            "content_hash",
            "decision",
            "doing",
        ),
        *("due", "due_clock", "key_fingerprint", "key_last4", "key_prefix", "kind", "language", "match_state", "media_type", "next_due"),
        *("object_id", "object_kind", "origin", "outcome", "password_hash", "playbook", "queue", "reason", "record_id", "request_type"),
        *("review_due", "role", "rulebook_digest", "session_salt", "signals", "slug", "stage", "state", "step", "tail", "target", "term"),
        *("time_zone", "token_hash", "unknown_fields", "writer_ids", "user.name", "sign_in_failure.subject", "article_flag.subject"),
        *("sender", "digest"),
        *("checked", "fact", "queue_value.code", "tracker"),
        *("channel", "choice", "contact.mark", "in_message.mark", "message_id", "out_message.error", "out_message.facts", "webhook.kinds"),
    }
)


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row's texts by column; a column of JSON holds any number. `name` is its key as people write it."""

    table: str
    key: tuple[Any, ...]
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """`17`, or `17/en` where the key has two parts."""
        return "/".join(map(str, self.key))

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """(column, text) of every text in the row."""
        for column, value in self.values.items():
            yield from ((column, text) for text in _strings(value))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An article's file as it lies in kb/."""

    language: str
    slug: str
    text: str


def text_columns() -> dict[str, tuple[str, ...]]:
    """Table → its columns of text, by their type; nobody has to list them."""
    found = {table.name: _columns(table) for table in db.metadata.sorted_tables}
    return {name: columns for name, columns in found.items() if columns}


def stored_rows(table_name: str) -> Iterator[StoredRow]:
    """Every row of a table with its texts, in bounded pages."""
    table = db.metadata.tables[table_name]
    after: tuple[Any, ...] | None = None
    while rows := _page(table, after):
        yield from rows
        after = rows[-1].key


def rewrite(row: StoredRow, clean: Mapping[tuple[str, str], RedactedText]) -> None:
    """Put clean texts in place of those of (column, text); the calling operation commits."""
    table = db.metadata.tables[row.table]
    where = [column == value for column, value in zip(table.primary_key, row.key, strict=True)]
    changed = {name: _rewritten(table.c[name], row.values[name], clean) for name in {name for name, _text in clean}}
    db.session.execute(update(table).where(*where).values(changed))


def stored_files(kb_dir: Path) -> Iterator[StoredFile]:
    """Every article's file, whatever its state; what is not UTF-8 is read as far as it goes."""
    for language in LANGUAGES:
        for path in sorted((kb_dir / language).glob("*.md")):
            yield StoredFile(language, path.stem, path.read_text(encoding="utf-8", errors="replace"))


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if isinstance(column.type, RedactedColumn) or _is_written(table, column))


def _is_written(table: Table, column: Column[Any]) -> bool:
    """Whether a plain column may hold what somebody wrote."""
    is_text = isinstance(column.type, (String, JSON)) and not column.foreign_keys
    return is_text and column.name not in OWN and f"{table.name}.{column.name}" not in OWN


def _page(table: Table, after: tuple[Any, ...] | None) -> list[StoredRow]:
    """The next rows in the order of the primary key."""
    key, names = tuple(table.primary_key), _columns(table)
    query = select(*key, *(table.c[name] for name in names)).order_by(*key).limit(PAGE)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    rows = [tuple(row) for row in db.session.execute(query)]
    return [StoredRow(table.name, row[: len(key)], _present(names, row[len(key) :])) for row in rows]


def _present(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, Any]:
    return {name: value for name, value in zip(names, values, strict=True) if value}


def _strings(value: Any) -> Iterator[str]:
    """Every string in a value as JSON has them; names are the desk's own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in _strings(part))
    elif isinstance(value, list):
        yield from (text for part in value for text in _strings(part))


def _rewritten(column: Column[Any], value: Any, clean: Mapping[tuple[str, str], RedactedText]) -> Any:
    """The column's value with its texts clean; only a column of free text takes them as such."""
    if isinstance(value, dict):
        return {name: _rewritten(column, part, clean) for name, part in value.items()}
    if isinstance(value, list):
        return [_rewritten(column, part, clean) for part in value]
    text = clean.get((column.name, value)) if isinstance(value, str) else None
    return value if text is None else text if isinstance(column.type, RedactedColumn) else str(text)
