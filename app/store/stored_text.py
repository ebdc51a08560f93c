"""Every free text the desk keeps, found by the column's type: to be read again with today's rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select, tuple_, update

from app.core.article import LANGUAGES
from app.core.redacted_text import RedactedText
from app.store import models  # noqa: F401 - the tables must be known
from app.store.database import RedactedColumn, db

PAGE = 25  # rows held at once: one may be an attachment of several megabytes


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row's texts by column. `name` is its key as people write it."""

    table: str
    key: tuple[Any, ...]
    texts: Mapping[str, str]

    @property
    def name(self) -> str:
        """`17`, or `17/en` where the key has two parts."""
        return "/".join(map(str, self.key))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An article's file as it lies in kb/."""

    language: str
    slug: str
    text: str


def text_columns() -> dict[str, tuple[str, ...]]:
    """Table → its columns of free text, by their type; nobody has to list them."""
    found = {table.name: _columns(table) for table in db.metadata.sorted_tables}
    return {name: columns for name, columns in found.items() if columns}


def stored_rows(table_name: str) -> Iterator[StoredRow]:
    """Every row of a table with its texts, in bounded pages."""
    table = db.metadata.tables[table_name]
    after: tuple[Any, ...] | None = None
    while rows := _page(table, after):
        yield from rows
        after = rows[-1].key


def rewrite(row: StoredRow, clean: Mapping[str, RedactedText]) -> None:
    """Put clean texts in place; the calling operation commits."""
    table = db.metadata.tables[row.table]
    where = [column == value for column, value in zip(table.primary_key, row.key, strict=True)]
    db.session.execute(update(table).where(*where).values(dict(clean)))


def stored_files(kb_dir: Path) -> Iterator[StoredFile]:
    """Every article's file, whatever its state; what is not UTF-8 is read as far as it goes."""
    for language in LANGUAGES:
        for path in sorted((kb_dir / language).glob("*.md")):
            yield StoredFile(language, path.stem, path.read_text(encoding="utf-8", errors="replace"))


def _columns(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns if isinstance(column.type, RedactedColumn))


def _page(table: Table, after: tuple[Any, ...] | None) -> list[StoredRow]:
    """The next rows in the order of the primary key."""
    key, names = tuple(table.primary_key), _columns(table)
    query = select(*key, *(table.c[name] for name in names)).order_by(*key).limit(PAGE)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    rows = [tuple(row) for row in db.session.execute(query)]
    return [StoredRow(table.name, row[: len(key)], _texts(names, row[len(key) :])) for row in rows]


def _texts(names: tuple[str, ...], values: tuple[Any, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, values, strict=True) if value}
