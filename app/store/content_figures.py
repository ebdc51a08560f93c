"""What the knowledge base's tables say of a span: wording removed, tickets that became articles, articles of one person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.core.article import ArticleState
from app.store.database import db
from app.store.models import Article
from app.store.models_articles import ArticleFlag, OutdatedPhrase

ABOUT_WORDING = ("outdated", "wrong")


def removals(start: datetime, end: datetime) -> list[timedelta]:
    """From a reader's flag to its fix, and from listing a phrase to the day no text used it: those that ended in the span."""
    flags = select(ArticleFlag.at, ArticleFlag.resolved_at).where(
        ArticleFlag.outcome == "fixed", ArticleFlag.reason.in_(ABOUT_WORDING), _within(ArticleFlag.resolved_at, start, end)
    )
    phrases = select(OutdatedPhrase.added_at, OutdatedPhrase.gone_at).where(_within(OutdatedPhrase.gone_at, start, end))
    return [ended - began for query in (flags, phrases) for began, ended in db.session.execute(query) if ended]


def converted(start: datetime, end: datetime) -> dict[str, int]:
    """Kind → articles first published in the span that began as a ticket."""
    query = select(Article.kind, func.count()).where(Article.source_ticket_id.is_not(None), _within(Article.published_at, start, end))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Article.kind))}


def published() -> tuple[int, int]:
    """Articles up now, and those of them without two different owners."""
    one = or_(Article.owner_id.is_(None), Article.backup_owner_id.is_(None), Article.owner_id == Article.backup_owner_id)
    query = select(func.count(), func.count().filter(one)).where(Article.state == ArticleState.PUBLISHED)
    row = db.session.execute(query).one()
    return row[0], row[1]


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)
