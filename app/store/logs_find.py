"""Look through the log newest first for what a filter wants, through a bounded number of rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, TextClause, and_, func, or_, select

from app.core.log_filter import BY_BEGINNING, FIELDS_OF, IN_ERROR, Cursor, LogFilter, LogPage, Shown
from app.core.record import RedactedRecord
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import NOT_OK, log_record

MOST_SCANNED = 20_000  # rows of the right outcome, status and time that are compared with the filter's words

_COLUMNS = log_record.c
_FAR = 2**62
_WITH_SUCCESSES = frozenset({Shown.ALL, Shown.OK})
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
    """The same in one table: down the index, row by row, until enough are found; where few match, down to a bound."""
    within, words = [*_by_index(chosen), *_times(chosen), *_after(cursor)], [*_other_outcomes(chosen), *_words(chosen)]
    bound = _bound(connection, chosen, cursor) if words else None
    scanned = [] if bound is None else [_COLUMNS.started_at >= bound]
    wanted = select(log_record).where(*within, *scanned, *words).order_by(*_NEWEST_FIRST)
    records = tuple(map(row_to_record, connection.execute(wanted.limit(limit))))
    if len(records) == limit:
        return LogPage(records, Cursor(records[-1].started_at, records[-1].record_id))
    return LogPage(records, None if bound is None else Cursor(bound, ""))


def _bound(connection: Connection, chosen: LogFilter, cursor: Cursor | None) -> int | None:
    """When the last row began that one look compares with words; None: there are fewer. Times alone are read, off the index."""
    until = [] if cursor is None else [_COLUMNS.started_at <= cursor.started_at]
    times = select(_COLUMNS.started_at).where(*_by_index(chosen), *_times(chosen), *until).order_by(_COLUMNS.started_at.desc())
    found = connection.execute(times.offset(MOST_SCANNED - 1).limit(1)).scalar()
    return None if found is None else int(found)


def _by_index(chosen: LogFilter) -> list[ColumnElement[bool] | TextClause]:
    """What an index leads to: problems, and those of a status."""
    if chosen.shown in _WITH_SUCCESSES:
        return []
    return [NOT_OK] if chosen.status_code is None else [NOT_OK, _COLUMNS.status_code == chosen.status_code]


def _other_outcomes(chosen: LogFilter) -> list[ColumnElement[bool]]:
    """The rest of what the outcome and the status must be."""
    status = [_COLUMNS.status_code == chosen.status_code] if chosen.shown in _WITH_SUCCESSES and chosen.status_code is not None else []
    return status if chosen.shown in {Shown.ALL, Shown.PROBLEMS} else [*status, _COLUMNS.outcome == chosen.shown.value]


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
