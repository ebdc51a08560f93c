"""The doors of the content pages: an article that is there, and that this person may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort

from app.core.roles import Audience
from app.operations.article_rights import is_writer
from app.store import articles
from app.web.context import person
from app.web.render import can

if TYPE_CHECKING:
    from app.store.models import Article, ArticleRevision


def there(article_id: int) -> Article:
    """The article, or 404."""
    return articles.by_id(article_id) or abort(404)


def writable(article_id: int) -> Article:
    """The article, for those who may change it by its governance; 403 for others."""
    article = there(article_id)
    if not is_writer(article, person()):
        abort(403)
    return article


def is_reader_only(article: Article) -> bool:
    """Whether this person may do no more with the article than read it on the site."""
    return not can(Audience.CONTENT) and not is_writer(article, person())


def being_written(article_id: int) -> ArticleRevision:
    """The version being written, or 404."""
    return articles.working_revision(article_id) or abort(404)
