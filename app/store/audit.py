"""The audit's two tables as one list: entries of acts and private reads, and the changes of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, insert, literal, or_, select, union_all

from app.core.audit import NOBODY, AuditCursor, AuditFilter, AuditLine
from app.store.database import UtcDateTime, db
from app.store.models import AuditEntry, Change, User

ENTRY, CHANGE = 0, 1
LONGEST_NUMBER = 10
_ADD = insert(AuditEntry)


def add(action: str, object_kind: str, object_id: str, at: datetime, actor_id: int | None) -> None:
    """An entry without a before and after, in the current transaction."""
    row = {"at": at, "actor_id": actor_id, "action": action, "object_kind": object_kind, "object_id": object_id}
    db.session.connection().execute(_ADD, row)


def find(chosen: AuditFilter, limit: int, after: AuditCursor | None = None) -> list[AuditLine]:
    """The newest lines that fit, those after the cursor; one statement that walks an index of each table no further than it must."""
    both = union_all(*(select(walk.limit(limit).subquery()) for walk in _walks(chosen, after))).subquery()
    query = select(both, User.name, User.display_name).outerjoin(User, User.id == both.c.actor_id)
    rows = db.session.execute(query.order_by(both.c.at.desc(), both.c.source.desc(), both.c.number.desc()).limit(limit))
    return [_line(row) for row in rows]


def _line(row: Any) -> AuditLine:
    at = UtcDateTime().process_result_value(row.at, db.engine.dialect)
    assert at is not None  # noqa: S101 - neither table has a row without a moment
    return AuditLine(at, row.source, row.number, row.name, row.action, row.kind, row.object_id, row.before, row.after, row.display_name)


def _walks(chosen: AuditFilter, after: AuditCursor | None) -> Sequence[Select[*tuple[Any, ...]]]:
    """What is asked of each table; a table that cannot have it gives nothing."""
    walks = [_entries(chosen, after)]
    if chosen.kind in {"", "ticket"} and (not chosen.object_id or _number(chosen.object_id) is not None):
        walks.append(_changes(chosen, after))
    return walks


def _entries(chosen: AuditFilter, after: AuditCursor | None) -> Select[*tuple[Any, ...]]:
    table = AuditEntry
    columns = (table.at, literal(ENTRY).label("source"), table.id.label("number"), table.actor_id, table.action)
    told = (table.object_kind.label("kind"), table.object_id, table.before, table.after)
    wanted = [_by(table.actor_id, chosen.actor)] if chosen.actor is not None else []
    if chosen.action:
        wanted.append(table.action == chosen.action)
    if chosen.object_id:  # so rare that only its own index may be walked: the kind is compared past every index
        wanted += [table.object_id == chosen.object_id, *([table.object_kind.concat("") == chosen.kind] if chosen.kind else [])]
    elif chosen.kind:
        wanted.append(table.object_kind == chosen.kind)
    wanted += _when(table.at, table.id, ENTRY, chosen, after)
    return select(*columns, *told).where(*wanted).order_by(table.at.desc(), table.id.desc())


def _changes(chosen: AuditFilter, after: AuditCursor | None) -> Select[*tuple[Any, ...]]:
    table = Change
    columns = (table.created_at.label("at"), literal(CHANGE).label("source"), table.id.label("number"), table.actor_id)
    told = (table.what.label("action"), literal("ticket").label("kind"), cast(table.ticket_id, String).label("object_id"))
    wanted = [_by(table.actor_id, chosen.actor)] if chosen.actor is not None else []
    if chosen.action:
        wanted.append(table.what == chosen.action)
    if chosen.object_id:
        wanted.append(table.ticket_id == _number(chosen.object_id))
    wanted += _when(table.created_at, table.id, CHANGE, chosen, after)
    return select(*columns, *told, table.before, table.after).where(*wanted).order_by(table.created_at.desc(), table.id.desc())


def _by(column: Any, actor: int) -> ColumnElement[bool]:
    """By an account; NOBODY: by a guest, or the desk itself."""
    condition: ColumnElement[bool] = column.is_(None) if actor == NOBODY else column == actor
    return condition


def _when(at: Any, number: Any, source: int, chosen: AuditFilter, after: AuditCursor | None) -> list[ColumnElement[bool]]:
    """Not before the span, and only what follows the cursor in the order of moment, source and number."""
    wanted: list[ColumnElement[bool]] = [at >= chosen.since] if chosen.since is not None else []
    if after is not None:
        wanted.append(at <= after.at)
        if source == after.source:
            wanted.append(or_(at < after.at, and_(at == after.at, number < after.number)))
        elif source > after.source:
            wanted.append(at < after.at)
    return wanted


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER else None
