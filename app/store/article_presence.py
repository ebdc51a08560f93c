"""Who has an article's editor open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models_content import ArticlePresence
from app.store.writing import STAYS


def others(article_id: int, user_id: int, now: datetime) -> Sequence[ArticlePresence]:
    """Who else has the editor open now."""
    query = select(ArticlePresence).options(joinedload(ArticlePresence.user)).where(ArticlePresence.article_id == article_id)
    query = query.where(ArticlePresence.user_id != user_id, ArticlePresence.seen_at > now - STAYS)
    return db.session.scalars(query.order_by(ArticlePresence.user_id)).all()
