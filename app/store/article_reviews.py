"""When articles are looked at again: what came since, who was reminded, what became of links to elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.core.article import ArticleState
from app.core.redacted_text import RedactedText
from app.store.database import db
from app.store.models import Article, Ticket
from app.store.models_content import LinkCheck, ReviewReminder

MOST_CASES = 20_000


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A ticket's columns that say what it asks, and who."""

    created_at: datetime
    language: str
    cause: str | None
    client: str | None
    model: str | None
    requester_id: int | None
    key_fingerprint: str | None
    article_id: int | None


def cases_since(moment: datetime) -> list[CaseRow]:
    """Tickets with a cause that came since, the newest first."""
    columns = (Ticket.created_at, Ticket.language, Ticket.cause, Ticket.client, Ticket.model)
    who = (Ticket.requester_id, Ticket.key_fingerprint, Ticket.article_id)
    query = select(*columns, *who).where(Ticket.created_at > moment, Ticket.cause.is_not(None))
    return [CaseRow(*row) for row in db.session.execute(query.order_by(Ticket.id.desc()).limit(MOST_CASES))]


def cases_by_article() -> dict[int, int]:
    """Article → how many tickets it has resolved."""
    query = select(Ticket.article_id, func.count()).where(Ticket.article_id.is_not(None)).group_by(Ticket.article_id)
    return {article_id: count for article_id, count in db.session.execute(query) if article_id is not None}


def due(today: str) -> Sequence[Article]:
    """Published articles whose review date has come, the longest waiting first."""
    query = select(Article).where(Article.state == ArticleState.PUBLISHED, Article.review_due <= today)
    return db.session.scalars(query.order_by(Article.review_due, Article.id)).all()


def reminded(article_ids: Collection[int]) -> frozenset[tuple[int, str, str]]:
    """Which reminders of these articles were sent: (article, due, stage)."""
    rows = db.session.execute(
        select(ReviewReminder.article_id, ReviewReminder.due, ReviewReminder.stage).where(ReviewReminder.article_id.in_(article_ids))
    )
    return frozenset((article_id, day, stage) for article_id, day, stage in rows)


def checked_links() -> Mapping[str, LinkCheck]:
    """Address → what became of asking it."""
    return {str(check.url): check for check in db.session.scalars(select(LinkCheck))}


def link_check(url: RedactedText) -> LinkCheck | None:
    """What became of asking one address."""
    return db.session.scalar(select(LinkCheck).where(LinkCheck.url == url))
