"""Which tickets an article is about, which were told of it, and which articles have to do with a ticket."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, delete, func, select

from app.core.article import ArticleState
from app.core.ticket import ACTIVE
from app.store.articles import PUBLIC
from app.store.database import db
from app.store.models import Article, Ticket
from app.store.models_content import ArticleTold, TicketReference
from app.store.models_desk import Follower
from app.store.plain_rows import Columns, plain_rows

MOST = 2_000  # tickets of one cause that are told of an article, the newest first


@dataclass(frozen=True, slots=True)
class ArticleName:
    """An article as a list of links needs it."""

    id: int
    slug: str
    language: str
    title: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Asking:
    """What is known of a ticket that may ask what an article answers."""

    id: int
    cause: str | None
    client: str | None
    model: str | None
    state: str
    assignee_id: int | None

    @property
    def is_active(self) -> bool:
        """Whether somebody still waits for an answer."""
        return self.state in ACTIVE


def asking(causes: Collection[str], languages: Collection[str]) -> list[Asking]:
    """Tickets with one of the causes, the newest first."""
    columns = (Ticket.id, Ticket.cause, Ticket.client, Ticket.model, Ticket.state, Ticket.assignee_id)
    query = select(*columns).where(Ticket.cause.in_(causes), Ticket.language.in_(languages)).order_by(Ticket.id.desc()).limit(MOST)
    return [Asking(*row) for row in db.session.execute(query)]


def told_of(article_id: int, version: int) -> frozenset[int]:
    """The tickets that were told of a version, by number."""
    query = select(ArticleTold.ticket_id).where(ArticleTold.article_id == article_id, ArticleTold.version == version)
    return frozenset(db.session.scalars(query))


def told_count(article_id: int) -> int:
    """How many tickets were told of an article."""
    return db.session.scalar(select(func.count(ArticleTold.ticket_id.distinct())).where(ArticleTold.article_id == article_id)) or 0


def followers_of(ticket_ids: Collection[int]) -> list[int]:
    """Everybody who follows one of the tickets."""
    return list(db.session.scalars(select(Follower.user_id).where(Follower.ticket_id.in_(ticket_ids)).distinct())) if ticket_ids else []


def articles_told(ticket_id: int, audiences: Collection[str] = PUBLIC, limit: int = 3) -> Sequence[Article]:
    """Published articles the ticket was told of, the newest first."""
    return db.session.scalars(_TOLD_ARTICLES, {"number": ticket_id, "audiences": list(audiences), "most": limit}).all()


def names_told(ticket_id: int, audiences: Collection[str], limit: int = 3) -> list[ArticleName]:
    """The same by name only."""
    return [ArticleName(*row) for row in plain_rows(_TOLD_NAMES, number=ticket_id, audiences=list(audiences), most=limit)]


def references(ticket_id: int) -> list[ArticleName]:
    """Articles that have to do with a ticket without having resolved it."""
    return [ArticleName(*row) for row in plain_rows(_REFERENCES, number=ticket_id)]


def _told(*columns: Any) -> Columns:
    """What was published for some readers and told to one ticket, the newest first."""
    newest = select(ArticleTold.article_id, func.max(ArticleTold.at).label("at")).where(ArticleTold.ticket_id == bindparam("number"))
    newest_by = newest.group_by(ArticleTold.article_id).subquery()
    query = select(*columns).join(newest_by, newest_by.c.article_id == Article.id)
    query = query.where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(bindparam("audiences", expanding=True)))
    return query.order_by(newest_by.c.at.desc(), Article.id.desc()).limit(bindparam("most", type_=Integer))


_NAME = (Article.id, Article.slug, Article.language, Article.title, Article.updated_at)
_TOLD_ARTICLES, _TOLD_NAMES = _told(Article), _told(*_NAME)
_REFERENCES = select(*_NAME).join(TicketReference, TicketReference.article_id == Article.id)
_REFERENCES = _REFERENCES.where(TicketReference.ticket_id == bindparam("number")).order_by(TicketReference.at, Article.id)


def drop_reference(ticket_id: int, article_id: int) -> None:
    """The article has nothing to do with the ticket any longer; the calling operation commits."""
    rows = delete(TicketReference).where(TicketReference.ticket_id == ticket_id, TicketReference.article_id == article_id)
    db.session.execute(rows)
