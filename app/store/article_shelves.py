"""Articles as lists: what a shelf shows, what changed last, which cause has which page; no bodies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from app.core.article import ArticleState
from app.store.articles import PUBLIC
from app.store.database import db
from app.store.models import Article, ArticleCause


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """What a list shows of an article. cause: its main one."""

    id: int
    slug: str
    language: str
    title: str
    kind: str
    audience: str
    clients: tuple[str, ...]
    cause: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """A public article and when its text last changed."""

    slug: str
    language: str
    title: str
    summary: str
    kind: str
    published_at: datetime
    updated_at: datetime


def shelf(language: str, audiences: Collection[str] = PUBLIC) -> list[ShelfRow]:
    """Every readable article in a language, by title; one query."""
    main = and_(ArticleCause.article_id == Article.id, ArticleCause.position == 0)
    columns = (Article.id, Article.slug, Article.title, Article.kind, Article.audience, Article.clients, ArticleCause.cause)
    query = select(*columns).outerjoin(ArticleCause, main).where(Article.language == language)
    query = query.where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(audiences)).order_by(Article.title, Article.id)
    return [
        ShelfRow(row.id, row.slug, language, row.title, row.kind, row.audience, tuple(row.clients or ()), row.cause)
        for row in db.session.execute(query)
    ]


def summaries(article_ids: Collection[int]) -> dict[int, str]:
    """Id → summary, for the page of a list that is shown."""
    query = select(Article.id, Article.summary).where(Article.id.in_(article_ids))
    return {row.id: row.summary for row in db.session.execute(query)}


def changes() -> list[Changed]:
    """Every public article, by address."""
    return _changed(_public().order_by(Article.language, Article.slug))


def newest(language: str, limit: int) -> list[Changed]:
    """The public articles of a language that changed last."""
    return _changed(_public().where(Article.language == language).order_by(Article.updated_at.desc(), Article.slug).limit(limit))


def slugs_by_cause() -> dict[str, dict[str, list[str]]]:
    """Cause → language → slugs of the public articles that answer it, those written for it first."""
    query = select(ArticleCause.cause, Article.language, Article.slug).join(Article)
    query = query.where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(PUBLIC))
    found: dict[str, dict[str, list[str]]] = {}
    for row in db.session.execute(query.order_by(ArticleCause.position, Article.slug)):
        found.setdefault(row.cause, {}).setdefault(row.language, []).append(row.slug)
    return found


def _public() -> Any:
    """The columns of `Changed`, of every public article."""
    columns = (Article.slug, Article.language, Article.title, Article.summary, Article.kind, Article.published_at, Article.updated_at)
    return select(*columns).where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(PUBLIC))


def _changed(query: Any) -> list[Changed]:
    return [Changed(*row) for row in db.session.execute(query)]
