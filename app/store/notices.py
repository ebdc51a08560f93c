"""A person's notices on a page of their own: the unread ones, how many they are, and what was read lately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from app.core.redacted_text import RedactedText
from app.store.database import db
from app.store.models import Article, Ticket
from app.store.models_desk import Notice

MOST_COUNTED = 99
_UNREAD = select(func.count()).select_from(
    select(Notice.id).where(Notice.user_id == bindparam("person"), Notice.read_at.is_(None)).limit(MOST_COUNTED + 1).subquery()
)


@dataclass(frozen=True, slots=True)
class Told:
    """One notice; title: of the ticket or the article it is about."""

    id: int
    ticket_id: int | None
    about: str | None
    about_id: int | None
    kind: str
    at: datetime
    read_at: datetime | None
    title: RedactedText | str | None


def unread(person_id: int) -> int:
    """How many notices a person has not read; MOST_COUNTED + 1 stands for more."""
    return db.session.scalar(_UNREAD, {"person": person_id}) or 0


def newest(person_id: int, limit: int, before: int | None = None) -> Sequence[Told]:
    """A person's notices, the newest first, in one statement."""
    title = func.coalesce(Ticket.subject, Article.title)
    query = select(Notice, title).outerjoin(Ticket, Ticket.id == Notice.ticket_id)
    query = query.outerjoin(Article, (Article.id == Notice.about_id) & (Notice.about == "article"))
    query = query.where(Notice.user_id == person_id, *([Notice.id < before] if before else []))
    rows = db.session.execute(query.order_by(Notice.id.desc()).limit(limit))
    return [Told(row.id, row.ticket_id, row.about, row.about_id, row.kind, row.at, row.read_at, title) for row, title in rows]


def read_all(person_id: int, until: int, now: datetime) -> None:
    """Everything up to this notice counts as read: what came since is not."""
    query = update(Notice).where(Notice.user_id == person_id, Notice.id <= until, Notice.read_at.is_(None))
    db.session.execute(query.values(read_at=now))
