"""Which addresses articles have, for the link checker."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, tuple_

from app.core.article import ArticleState
from app.store.database import db
from app.store.models import Article


def existing(addresses: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of `addresses` (language, slug) a published article has."""
    query = select(Article.language, Article.slug).where(Article.state == ArticleState.PUBLISHED)
    query = query.where(tuple_(Article.language, Article.slug).in_(sorted(addresses)))
    return {(row.language, row.slug) for row in db.session.execute(query)}
