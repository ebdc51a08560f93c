"""Look through the log newest first for what a filter wants, through a bounded number of rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, and_, func, or_, select

from app.core.log_filter import BY_BEGINNING, FIELDS_OF, IN_ERROR, Cursor, LogFilter, LogPage, Shown
from app.core.record import RedactedRecord
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import NOT_OK, log_record

MOST_SCANNED = 20_000  # rows of the right outcome, status and time that are compared with the filter's words

_COLUMNS = log_record.c
_FAR = 2**62
_NEWEST_FIRST = (_COLUMNS.started_at.desc(), _COLUMNS.record_id.desc())


def find(log: Reading, chosen: LogFilter, limit: int, cursor: Cursor | None) -> LogPage:
    """The next `limit` records that the filter wants, the newest period first, each by at most two statements."""
    high = min(_FAR if chosen.until is None else chosen.until, _FAR if cursor is None else cursor.started_at)
    found: list[RedactedRecord] = []
    for connection in log.between(chosen.since or 0, high):
        page = _find(connection, chosen, limit - len(found), cursor)
        found += page.records
        if page.older is not None:  # enough, or as far as one look goes
            return LogPage(tuple(found), page.older)
    return LogPage(tuple(found), None)


def _find(connection: Connection, chosen: LogFilter, limit: int, cursor: Cursor | None) -> LogPage:
    """The same in one table."""
    scanned = _scanned(chosen, cursor)
    wanted = select(log_record).where(log_record.c.id.in_(select(scanned.subquery().c.id)), *_words(chosen))
    records = tuple(map(row_to_record, connection.execute(wanted.order_by(*_NEWEST_FIRST).limit(limit))))
    if len(records) == limit:
        return LogPage(records, Cursor(records[-1].started_at, records[-1].record_id))
    last = connection.execute(scanned.offset(MOST_SCANNED - 1).limit(1)).first()
    return LogPage(records, Cursor(last.started_at, bytes(last.record_id).hex()) if last else None)


def _scanned(chosen: LogFilter, cursor: Cursor | None) -> Select[Any]:
    """The rows looked through: those an index finds, newest first."""
    rows = select(_COLUMNS.id, _COLUMNS.started_at, _COLUMNS.record_id).where(*_outcomes(chosen), *_times(chosen), *_after(cursor))
    if chosen.status_code is not None:
        rows = rows.where(_COLUMNS.status_code == chosen.status_code)
    return rows.order_by(*_NEWEST_FIRST).limit(MOST_SCANNED)


def _outcomes(chosen: LogFilter) -> list[ColumnElement[bool] | TextClause]:
    """The kind of outcome, said so that the index over problems can be used."""
    if chosen.shown is Shown.ALL:
        return []
    if chosen.shown is Shown.OK:
        return [_COLUMNS.outcome == Shown.OK.value]
    return [NOT_OK] if chosen.shown is Shown.PROBLEMS else [NOT_OK, _COLUMNS.outcome == chosen.shown.value]


def _times(chosen: LogFilter) -> list[ColumnElement[bool]]:
    since = [] if chosen.since is None else [_COLUMNS.started_at >= chosen.since]
    return since if chosen.until is None else [*since, _COLUMNS.started_at < chosen.until]


def _after(cursor: Cursor | None) -> list[ColumnElement[bool]]:
    """What comes after the place where the last page ended."""
    if cursor is None:
        return []
    if not cursor.record_id:
        return [_COLUMNS.started_at < cursor.started_at]
    same_moment = and_(_COLUMNS.started_at == cursor.started_at, _COLUMNS.record_id < bytes.fromhex(cursor.record_id))
    return [_COLUMNS.started_at <= cursor.started_at, or_(_COLUMNS.started_at < cursor.started_at, same_moment)]


def _words(chosen: LogFilter) -> list[ColumnElement[bool]]:
    """Each word of the filter is in one of its fields, each word of an error somewhere in it."""
    is_in = [or_(*(_is(_COLUMNS[field], word, name in BY_BEGINNING) for field in FIELDS_OF[name])) for name, word in chosen.words.items()]
    return is_in + [or_(*(_mentions(_COLUMNS[field], word) for field in IN_ERROR)) for word in chosen.error_words]


def _is(column: ColumnElement[Any], word: str, beginning: bool) -> ColumnElement[bool]:
    return func.lower(column).startswith(word.lower(), autoescape=True) if beginning else column == word


def _mentions(column: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    return func.lower(column).contains(word, autoescape=True)
