"""The articles' search index: words with their impact in one table, the same on SQLite and PostgreSQL.

A table of our own, rather than each engine's full-text search, finds two-character Chinese words exactly,
ranks alike everywhere and needs no second schema: its price is some rows per article.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Integer, bindparam, delete, exists, func, insert, select

from app.core.article import ArticleState
from app.core.causes import CauseBook
from app.core.search_text import Lexicon, TextHit, rank_texts
from app.core.suggestion import Candidate
from app.store.articles import PUBLIC
from app.store.database import db
from app.store.models import Article, ArticleCause, ArticleTerm
from app.store.plain_rows import Columns, plain_rows

COMMON = 300  # a term in more articles than this is looked up only when the query has no rarer one
MOST_HITS = 60
MARK = "#"  # a row that names the rules an article was indexed with


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The terms worth looking up, with how many articles have each."""

    weights: Mapping[str, float]
    found_in: Mapping[str, int]
    total: int


def index_article(article: Article, lexicon: Lexicon, causes: CauseBook, digest: str) -> None:
    """Index a published article anew, in the current transaction."""
    drop_from_index(article.id)
    impacts = lexicon.document_terms(_fields(article, causes)) | {_mark(digest): 0.0}
    db.session.flush()
    db.session.execute(
        insert(ArticleTerm),
        [{"language": article.language, "term": term, "article_id": article.id, "impact": impact} for term, impact in impacts.items()],
    )


def drop_from_index(article_id: int) -> None:
    """Forget an article that is no longer shown, in the current transaction."""
    db.session.execute(delete(ArticleTerm).where(ArticleTerm.article_id == article_id))


def stale_articles(digest: str) -> Sequence[Article]:
    """Published articles that were never indexed, or with other rules than today's."""
    indexed = exists().where(
        ArticleTerm.language == Article.language, ArticleTerm.term == _mark(digest), ArticleTerm.article_id == Article.id
    )
    return db.session.scalars(select(Article).where(Article.state == ArticleState.PUBLISHED, ~indexed)).all()


def search_text(
    weights: Mapping[str, float], language: str, audiences: Collection[str] = PUBLIC, limit: int = MOST_HITS
) -> dict[int, TextHit]:
    """Article id → hit for the best of one language; two queries, bounded work."""
    wanted = _worth_looking_up(weights, language) if weights else None
    if wanted is None or not wanted.weights:
        return {}
    query = select(ArticleTerm.term, ArticleTerm.article_id, ArticleTerm.impact).join(Article, Article.id == ArticleTerm.article_id)
    query = query.where(ArticleTerm.language == language, ArticleTerm.term.in_(wanted.weights))
    rows = db.session.execute(query.where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(audiences))).all()
    return rank_texts(weights, ((term, article_id, impact) for term, article_id, impact in rows), wanted.found_in, wanted.total, limit)


def candidates(
    hits: Mapping[int, TextHit], causes: Collection[str], language: str, audiences: Collection[str] = PUBLIC, limit: int = MOST_HITS
) -> list[Candidate]:
    """The articles found by their words, and those that answer one of the causes, ready to be ranked; two queries."""
    wanted = {"hits": list(hits), "causes": list(causes), "language": language, "audiences": list(audiences), "most": limit}
    rows = plain_rows(_CANDIDATES, **wanted)
    answered = _causes_of([row.id for row in rows])
    top = max((hit.score for hit in hits.values()), default=0.0)
    return [
        Candidate(
            article_id=row.id,
            slug=row.slug,
            language=row.language,
            title=row.title,
            summary=row.summary,
            causes=tuple(answered.get(row.id, ())),
            clients=tuple(row.clients or ()),
            models=tuple(row.models or ()),
            text=hits[row.id].score / top if row.id in hits and top else 0.0,
            words=hits[row.id].words if row.id in hits else (),
        )
        for row in rows
    ]


def _candidates() -> Columns:
    """Published articles by number or by cause, for some readers."""
    some: dict[str, BindParameter[Any]] = {name: bindparam(name, expanding=True) for name in ("hits", "causes", "audiences")}
    by_cause = select(ArticleCause.article_id).join(Article).where(ArticleCause.cause.in_(some["causes"]))
    by_cause = by_cause.where(Article.language == bindparam("language"), Article.state == ArticleState.PUBLISHED)
    by_cause = by_cause.order_by(ArticleCause.position, Article.id).limit(bindparam("most", type_=Integer))
    query = select(Article.id, Article.slug, Article.language, Article.title, Article.summary, Article.clients, Article.models)
    query = query.where(Article.state == ArticleState.PUBLISHED, Article.audience.in_(some["audiences"]))
    return query.where(Article.id.in_(some["hits"]) | Article.id.in_(by_cause))


_CANDIDATES = _candidates()
_CAUSES = select(ArticleCause.article_id, ArticleCause.cause).where(ArticleCause.article_id.in_(bindparam("numbers", expanding=True)))
_CAUSES = _CAUSES.order_by(ArticleCause.position)


def _worth_looking_up(weights: Mapping[str, float], language: str) -> _Wanted:
    """Leave common terms out when rarer ones are there: they cost much and tell little."""
    total = select(func.count()).where(Article.state == ArticleState.PUBLISHED, Article.language == language).scalar_subquery()
    query = select(ArticleTerm.term, func.count(), total).where(ArticleTerm.language == language, ArticleTerm.term.in_(weights))
    rows = db.session.execute(query.group_by(ArticleTerm.term)).all()
    found_in = {term: count for term, count, _ in rows}
    rare = {term: weights[term] for term, count in found_in.items() if count <= COMMON}
    return _Wanted(rare or {term: weights[term] for term in found_in}, found_in, rows[0][2] if rows else 0)


def _causes_of(article_ids: Sequence[int]) -> dict[int, list[str]]:
    """Article id → its causes in order."""
    found: dict[int, list[str]] = {}
    for article_id, cause in plain_rows(_CAUSES, numbers=article_ids) if article_ids else ():
        found.setdefault(article_id, []).append(cause)
    return found


def _fields(article: Article, causes: CauseBook) -> dict[str, str]:
    """What is indexed, by field; the causes' titles in both languages belong to what a reader may type."""
    known = [causes.causes[link.cause] for link in article.causes if link.cause in causes.causes]
    return {
        "title": article.title,
        "summary": article.summary,
        "keywords": "\n".join(article.keywords or ()),
        "causes": "\n".join(title for cause in known for title in cause.title.values()),
        "body": article.body,
    }


def _mark(digest: str) -> str:
    return MARK + digest[:32]
