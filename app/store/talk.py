"""What was said and done on tickets, with names in place of accounts: what a ticket's page tells in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, bindparam, func, select, type_coerce
from sqlalchemy.orm import aliased

from app.core.redacted_text import RedactedText
from app.store.models import Change, Note, Reply, User
from app.store.plain_rows import Columns, plain_rows


@dataclass(frozen=True, slots=True)
class Said:
    """A public word. author: None for a requester without an account."""

    id: int
    ticket_id: int
    by_staff: bool
    author: RedactedText | None
    body: RedactedText
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """A private note. For staff pages only."""

    id: int
    ticket_id: int
    author_id: int
    author: RedactedText | None
    body: RedactedText
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A change of a ticket. actor: None for a requester without an account and for the desk itself; after: a person by their name."""

    ticket_id: int
    actor: RedactedText | None
    what: str
    before: str | None
    after: str | None
    created_at: datetime


def _of_tickets(table: Any, person: Any, *columns: Any) -> Columns:
    """A statement for several tickets, oldest first, with the name of the account a column holds."""
    return _oldest_first(table, select(*columns).outerjoin(User, User.id == person))


def _oldest_first(table: Any, query: Any) -> Columns:
    chosen: Columns = query.where(table.ticket_id.in_(bindparam("numbers", expanding=True))).order_by(table.id)
    return chosen


def _changes_with_names() -> Columns:
    """A change keeps an assignee by user name, which stays when they are called otherwise; people read the name they are called by."""
    given = aliased(User)
    after = func.coalesce(type_coerce(given.display_name, String), Change.after)
    query = select(Change.ticket_id, _NAME, Change.what, Change.before, after, Change.created_at)
    query = query.outerjoin(User, User.id == Change.actor_id).outerjoin(given, and_(Change.what == "assignee", given.name == Change.after))
    return _oldest_first(Change, query)


_NAME = User.display_name
_WORDS = _of_tickets(Reply, Reply.author_id, Reply.id, Reply.ticket_id, Reply.by_staff, _NAME, Reply.body, Reply.created_at)
_NOTES = _of_tickets(Note, Note.author_id, Note.id, Note.ticket_id, Note.author_id, _NAME, Note.body, Note.created_at)
_CHANGES = _changes_with_names()


def words(numbers: Sequence[int]) -> list[Said]:
    """The public words of several tickets in one list, oldest first."""
    return [Said(*row) for row in plain_rows(_WORDS, numbers=numbers)]


def notes(numbers: Sequence[int]) -> list[Noted]:
    """The private notes of several tickets in one list. For staff pages only."""
    return [Noted(*row) for row in plain_rows(_NOTES, numbers=numbers)]


def changes(numbers: Sequence[int]) -> list[Changed]:
    """What was changed on several tickets, oldest first."""
    return [Changed(*row) for row in plain_rows(_CHANGES, numbers=numbers)]
