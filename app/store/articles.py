"""Articles, their versions and what waits to become one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload

from app.core.article import LANGUAGES, ArticleContent, ArticleState
from app.core.redaction import Redactor
from app.core.ticket import State
from app.store.database import db
from app.store.models import Article, ArticleCause, ArticleRevision, Ticket

WORKING = (ArticleState.DRAFT, ArticleState.IN_REVIEW)
PUBLIC = ("public",)
USERS = ("public", "users")  # whoever has an account
STAFF = ("public", "users", "staff")
PAGE = 200


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What an import needs to know of an article: where it stands and every text it ever had, by hash."""

    article: Article
    hashes: frozenset[str]
    published_from_file: bool


@dataclass(frozen=True, slots=True)
class Version:
    """An article in one language, as the other language's page shows it."""

    title: str
    summary: str


def by_id(article_id: int) -> Article | None:
    """An article with its causes."""
    return db.session.get(Article, article_id)


def revision(revision_id: int) -> ArticleRevision | None:
    """One version, in any state."""
    return db.session.get(ArticleRevision, revision_id)


def by_slug(language: str, slug: str) -> Article | None:
    """An article in any state."""
    return db.session.scalar(select(Article).where(Article.language == language, Article.slug == slug))


def published(language: str, slug: str, audiences: Collection[str] = PUBLIC) -> Article | None:
    """An article the reader may see."""
    query = select(Article).where(
        Article.language == language, Article.slug == slug, Article.state == ArticleState.PUBLISHED, Article.audience.in_(audiences)
    )
    return db.session.scalar(query)


def published_list(language: str, audiences: Collection[str] = PUBLIC) -> Sequence[Article]:
    """Every readable article in a language, by title, without its body."""
    query = select(Article).options(defer(Article.body, raiseload=True)).where(Article.language == language)
    query = query.where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(audiences))
    return db.session.scalars(query.order_by(Article.title)).all()


def translations(slug: str, audiences: Collection[str] = PUBLIC) -> dict[str, Version]:
    """Language → every readable language version."""
    columns = (Article.language, Article.title, Article.summary, Article.state, Article.audience)
    query = select(*columns).where(Article.slug == slug, Article.language.in_(LANGUAGES))
    return {row.language: Version(row.title, row.summary) for row in _readable(db.session.execute(query), audiences)}


def titles(language: str, slugs: Collection[str], audiences: Collection[str] = PUBLIC) -> dict[str, str]:
    """Slug → title of those that are readable, in the order of `slugs`."""
    if not slugs:
        return {}
    columns = (Article.slug, Article.title, Article.state, Article.audience)
    rows = db.session.execute(select(*columns).where(Article.slug.in_(slugs), Article.language == language))
    found = {row.slug: row.title for row in _readable(rows, audiences)}
    return {slug: found[slug] for slug in slugs if slug in found}


def _readable(rows: Iterable[Any], audiences: Collection[str]) -> Iterator[Any]:
    """Of a few rows found by address those that are readable; asked for the state, the database would read every published article."""
    return (row for row in rows if row.state == ArticleState.PUBLISHED and row.audience in audiences)


def for_cause(cause: str, language: str | None = None) -> Sequence[Article]:
    """Published articles that answer a cause, the ones written for it first."""
    query = (
        select(Article)
        .join(ArticleCause)
        .options(defer(Article.body, raiseload=True))
        .where(ArticleCause.cause == cause, Article.state == ArticleState.PUBLISHED)
    )
    query = query.where(Article.language == language) if language else query
    return db.session.scalars(query.order_by(ArticleCause.position, Article.slug)).all()


def working_revision(article_id: int) -> ArticleRevision | None:
    """The version being written or reviewed; an article has at most one."""
    query = select(ArticleRevision).options(joinedload(ArticleRevision.author), joinedload(ArticleRevision.article))
    return db.session.scalar(
        query.where(ArticleRevision.article_id == article_id, ArticleRevision.state.in_(WORKING))
        .order_by(ArticleRevision.id.desc())
        .limit(1)
    )


def published_revision(article_id: int) -> ArticleRevision | None:
    """The newest published version."""
    query = select(ArticleRevision).where(ArticleRevision.article_id == article_id, ArticleRevision.state == ArticleState.PUBLISHED)
    return db.session.scalar(query.order_by(ArticleRevision.number.desc()).limit(1))


def version_of(article_id: int, number: int) -> ArticleRevision | None:
    """A version that was published, by its number."""
    query = select(ArticleRevision).where(ArticleRevision.article_id == article_id, ArticleRevision.number == number)
    return db.session.scalar(query.order_by(ArticleRevision.id.desc()).limit(1))


def history(article_id: int, limit: int = 30) -> Sequence[ArticleRevision]:
    """The article's versions, newest first, with their people."""
    query = select(ArticleRevision).options(
        joinedload(ArticleRevision.author), joinedload(ArticleRevision.reviewer), defer(ArticleRevision.body)
    )
    return db.session.scalars(query.where(ArticleRevision.article_id == article_id).order_by(ArticleRevision.id.desc()).limit(limit)).all()


def revisions_in(state: ArticleState, limit: int = PAGE) -> Sequence[ArticleRevision]:
    """Versions in a state, longest waiting first, with article and author, without bodies."""
    query = select(ArticleRevision).options(
        joinedload(ArticleRevision.author), joinedload(ArticleRevision.article), defer(ArticleRevision.body)
    )
    return db.session.scalars(
        query.where(ArticleRevision.state == state).order_by(ArticleRevision.updated_at, ArticleRevision.id).limit(limit)
    ).all()


def published_for_staff(limit: int = PAGE) -> Sequence[Article]:
    """Published articles, the next due for review first."""
    query = select(Article).options(defer(Article.body, raiseload=True)).where(Article.state == ArticleState.PUBLISHED)
    return db.session.scalars(
        query.order_by(Article.review_due.is_(None), Article.review_due, Article.slug, Article.language).limit(limit)
    ).all()


def unanswered_tickets(limit: int = 100) -> Sequence[Ticket]:
    """Solved tickets no article answers and no draft was made from, newest first."""
    drafted = select(Article.source_ticket_id).where(Article.source_ticket_id.is_not(None))
    query = select(Ticket).where(Ticket.state.in_((State.SOLVED, State.CLOSED)), Ticket.article_id.is_(None), Ticket.id.not_in(drafted))
    return db.session.scalars(query.order_by(Ticket.solved_at.desc(), Ticket.id.desc()).limit(limit)).all()


def slug_taken(slug: str, language: str) -> bool:
    """Whether the address is in use."""
    return db.session.scalar(select(func.count()).where(Article.slug == slug, Article.language == language)) != 0


def known_articles() -> dict[tuple[str, str], KnownArticle]:
    """(language, slug) → what an import needs to know; two queries however many articles there are."""
    hashes: dict[int, set[str]] = {}
    newest: dict[int, tuple[int, bool]] = {}
    rows = db.session.execute(
        select(ArticleRevision.article_id, ArticleRevision.content_hash, ArticleRevision.number, ArticleRevision.from_file)
    )
    for article_id, content_hash, number, from_file in rows:
        hashes.setdefault(article_id, set()).add(content_hash)
        newest[article_id] = max(newest.get(article_id, (-1, False)), (number, from_file))
    articles = db.session.scalars(select(Article).options(defer(Article.body))).all()
    return {
        (article.language, article.slug): KnownArticle(
            article, frozenset(hashes.get(article.id, ())), newest.get(article.id, (0, False))[1]
        )
        for article in articles
    }


def all_published() -> Sequence[Article]:
    """Everything published, whole: for export and for indexing."""
    return db.session.scalars(select(Article).where(Article.state == ArticleState.PUBLISHED).order_by(Article.language, Article.slug)).all()


def content_of(article: Article) -> ArticleContent:
    """What the article says now."""
    return ArticleContent(
        title=article.title,
        summary=article.summary,
        body=article.body,
        kind=article.kind,
        audience=article.audience,
        causes=tuple(link.cause for link in article.causes),
        clients=tuple(article.clients or ()),
        models=tuple(article.models or ()),
        keywords=tuple(article.keywords or ()),
        related=tuple(article.related or ()),
        checked_on=article.checked_on,
        review_days=article.review_days,
        version=article.version,
        governance=article.governance,
        volatile=article.volatile,
        sources=tuple(article.sources or ()),
        author=article.author_line or "",
    )


def content_of_revision(revision: ArticleRevision) -> ArticleContent:
    """What one version says."""
    facts = {key: tuple(value) if isinstance(value, list) else value for key, value in revision.facts.items()}
    return ArticleContent(
        title=revision.title, summary=revision.summary, body=revision.body, version=revision.number, **cast("dict[str, Any]", facts)
    )


def write_article(article: Article, content: ArticleContent, redactor: Redactor) -> None:
    """Make the article say `content`; every text passes the redactor on the way in."""
    article.title, article.summary, article.body = (redactor.clean(text) for text in (content.title, content.summary, content.body))
    article.kind, article.audience = content.kind, content.audience
    article.checked_on, article.review_days = content.checked_on, content.review_days
    article.clients, article.models, article.related = list(content.clients), list(content.models), list(content.related)
    article.keywords, article.sources = _clean(content.keywords, redactor), _clean(content.sources, redactor)
    article.governance, article.volatile = content.governance, content.volatile
    article.author_line = redactor.clean(content.author) if content.author else None
    set_causes(article, content.causes)


def write_revision(revision: ArticleRevision, content: ArticleContent, redactor: Redactor) -> None:
    """Make the version say `content`; every text passes the redactor on the way in."""
    revision.title, revision.summary, revision.body = (redactor.clean(text) for text in (content.title, content.summary, content.body))
    revision.facts = {
        "kind": content.kind,
        "audience": content.audience,
        "causes": list(content.causes),
        "clients": list(content.clients),
        "models": list(content.models),
        "keywords": _clean(content.keywords, redactor),
        "related": list(content.related),
        "checked_on": content.checked_on,
        "review_days": content.review_days,
        "governance": content.governance,
        "volatile": content.volatile,
        "sources": _clean(content.sources, redactor),
        "author": str(redactor.clean(content.author)),
    }


def set_causes(article: Article, causes: Sequence[str]) -> None:
    """Make `causes` the article's causes, in this order, changing only what differs."""
    known = {link.cause: link for link in article.causes}
    article.causes[:] = [known.get(cause) or ArticleCause(cause=cause, position=place) for place, cause in enumerate(causes)]
    for place, link in enumerate(article.causes):
        link.position = place


def _clean(texts: Sequence[str], redactor: Redactor) -> list[str]:
    return [str(redactor.clean(text)) for text in texts]
