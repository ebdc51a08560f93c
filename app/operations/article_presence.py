"""Say that somebody has an article's editor open."""

from __future__ import annotations

from datetime import datetime

from app.store.database import db
from app.store.models import Article, User
from app.store.models_content import ArticlePresence


def be_at(article: Article, user: User, now: datetime) -> None:
    """A heartbeat of the editor."""
    db.session.merge(ArticlePresence(article_id=article.id, user_id=user.id, seen_at=now))
    db.session.commit()
