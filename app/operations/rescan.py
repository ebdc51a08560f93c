"""Read everything stored with today's rules: what slipped by is reported, and repaired when asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from app.core.article import ArticleState, content_hash, is_slug
from app.core.record import RedactedRecord
from app.core.record_text import texts_of, with_clean_texts
from app.core.redaction import Redaction, Redactor
from app.core.rollups import Dimension
from app.core.rulebook import Rulebook
from app.operations.audit import record
from app.operations.desk_search import rebuild_search
from app.store import articles, kb_files, stored_text
from app.store.article_search import index_article
from app.store.database import db
from app.store.journal import empty_journal
from app.store.logs import LogStore
from app.store.stored_text import StoredFile, StoredRow

MEMO_SIZE = 5_000  # labels repeat from record to record
LONGEST_MEMO = 200


@dataclass(frozen=True, slots=True)
class Slip:
    """Something today's rules would hide: where, which rule, how often; never what."""

    place: str  # table, log_record, log_rollup or kb
    column: str
    row: str
    rule: str
    count: int
    fixed: bool


@dataclass(slots=True)
class Rescan:
    """How many texts were read, and what slipped by."""

    texts: int = 0
    slips: tuple[Slip, ...] = ()

    @property
    def left(self) -> tuple[Slip, ...]:
        """What is still there."""
        return tuple(slip for slip in self.slips if not slip.fixed)


def rescan(rulebook: Rulebook, log_store: LogStore, kb_dir: Path, now: datetime, *, fix: bool = False) -> Rescan:
    """Read every text of the desk, the log and kb/ in bounded pages. `fix` hides what slipped by, an audit entry a row."""
    reading = _Reading(rulebook, now, fix)
    slips: list[Slip] = []
    for table in stored_text.text_columns():
        for row in stored_text.stored_rows(table):
            slips += reading.row(row)
    for page in log_store.walk():
        for entry in page:
            slips += reading.log_record(entry, log_store)
    for dimension, label in log_store.kept_labels():
        slips += reading.kept_label(dimension, label, log_store)
    for file in stored_text.stored_files(kb_dir):
        slips += reading.file(file, kb_dir)
    if slips and fix:
        rebuild_search()
        empty_journal(db.engine)
        log_store.empty_journal()
    return Rescan(reading.texts, tuple(slips))


class _Found(NamedTuple):
    """A text that would be changed."""

    column: str
    text: str
    redaction: Redaction


class _Reading:
    """One pass over everything."""

    def __init__(self, rulebook: Rulebook, now: datetime, fix: bool) -> None:
        self.rulebook, self.now, self.fix = rulebook, now, fix
        self.texts = 0
        self._redact = _remembering(rulebook.redactor)

    def row(self, row: StoredRow) -> list[Slip]:
        """A row of the desk's database."""
        found = self._look(row.texts)
        if found and self.fix:
            stored_text.rewrite(row, {(column, text): redaction.text for column, text, redaction in found})
            _settle_article(row, self.rulebook)
            self._note(row.table, row.name)
        return self._slips(row.table, row.name, found)

    def log_record(self, entry: RedactedRecord, log_store: LogStore) -> list[Slip]:
        """A record of the gateway's log."""
        found = self._look(texts_of(entry))
        if found and self.fix:
            log_store.replace(with_clean_texts(entry, {text: redaction.text for _name, text, redaction in found}))
            self._note("log_record", entry.record_id)
        return self._slips("log_record", entry.record_id, found)

    def kept_label(self, dimension: Dimension, label: str, log_store: LogStore) -> list[Slip]:
        """A label of roll-ups whose records are gone; it is named by its dimension alone, since it is itself what may have to be hidden."""
        found = self._look([("value", label)])
        if found and self.fix:
            log_store.rename_kept(dimension, label, str(found[0].redaction.text))
            self._note("log_rollup", dimension.value)
        return self._slips("log_rollup", dimension.value, found)

    def file(self, file: StoredFile, kb_dir: Path) -> list[Slip]:
        """An article's file; one whose name is no slug is nobody's to rewrite."""
        name, found = f"{file.language}/{file.slug}", self._look([("file", file.text)])
        fixable = is_slug(file.slug)
        if found and self.fix and fixable:
            kb_files.write_article(kb_dir, file.language, file.slug, found[0].redaction.text)
            self._note("kb", name)
        return self._slips("kb", name, found, fixable=fixable)

    def _look(self, texts: Iterable[tuple[str, str]]) -> list[_Found]:
        """The texts that today's rules would change."""
        found = []
        for column, text in texts:
            self.texts += 1
            redaction = self._redact(text)
            if redaction.text != text:
                found.append(_Found(column, text, redaction))
        return found

    def _slips(self, place: str, row: str, found: list[_Found], *, fixable: bool = True) -> list[Slip]:
        """One line for each rule and column."""
        fixed = self.fix and fixable
        return [
            Slip(place, column, row, rule, count, fixed)
            for column, _text, redaction in found
            for rule, count in Counter(finding.rule for finding in redaction.findings).items()
        ]

    def _note(self, kind: str, name: str) -> None:
        """One audit entry, and the row is done."""
        record("redacted", kind, name, self.now, None)
        db.session.commit()


def _remembering(redactor: Redactor) -> Callable[[str], Redaction]:
    """The redactor with a memory for short texts."""
    known = lru_cache(MEMO_SIZE)(redactor.redact)
    return lambda text: known(text) if len(text) <= LONGEST_MEMO else redactor.redact(text)


def _settle_article(row: StoredRow, rulebook: Rulebook) -> None:
    """An article whose words changed gets its hash and its place in the index anew."""
    db.session.expire_all()
    if row.table == "article_revision" and (revision := articles.revision(row.key[0])):
        revision.content_hash = content_hash(articles.content_of_revision(revision))
    elif row.table == "article" and (article := articles.by_id(row.key[0])):
        article.content_hash = content_hash(articles.content_of(article))
        if article.state == ArticleState.PUBLISHED:
            index_article(article, rulebook.lexicon, rulebook.causes, rulebook.digest)
