"""Who may change an article, checked where it is changed."""

from __future__ import annotations

from app.core.article_rights import NotYours, may_edit
from app.core.roles import Role
from app.store.models import Article, User


def is_writer(article: Article, actor: User) -> bool:
    """Whether this person may change the article."""
    return may_edit(article.governance, Role(actor.role), actor.id, article.owner_id, article.backup_owner_id)


def check_writer(article: Article, actor: User) -> None:
    """Raise NotYours when this person may not change the article."""
    if not is_writer(article, actor):
        raise NotYours("this article is changed by others")
