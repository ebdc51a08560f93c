"""Tell the tickets an article is about that it is there: their people get a notice, their requesters a suggestion."""

from __future__ import annotations

from datetime import datetime

from app.core.article_signature import has_signature
from app.core.rulebook import Rulebook
from app.operations.article_signature import read_signature
from app.operations.notices import tell_about
from app.store import article_told, articles
from app.store.article_told import Asking
from app.store.database import db
from app.store.models import Article
from app.store.models_content import ArticleTold

PUBLISHED = "article_published"


def tell_tickets(article: Article, rulebook: Rulebook, now: datetime, actor_id: int | None = None) -> int:
    """Once for each version; a person with many such tickets hears of it once. Returns how many tickets. The caller commits."""
    told = article_told.told_of(article.id, article.version)
    new = [ticket for ticket in _asking(article, rulebook) if ticket.id not in told]
    db.session.add_all(ArticleTold(ticket_id=each.id, article_id=article.id, version=article.version, at=now) for each in new)
    active = [ticket for ticket in new if ticket.is_active]
    people = [ticket.assignee_id for ticket in active] + article_told.followers_of([ticket.id for ticket in active])
    tell_about([person for person in people if person != actor_id], "article", article.id, PUBLISHED, now)
    return len(new)


def _asking(article: Article, rulebook: Rulebook) -> list[Asking]:
    """The tickets with the article's signature, in its language; in both as long as there is no translation."""
    content = articles.content_of(article)
    languages = [article.language] if len(articles.translations(article.slug, articles.STAFF)) > 1 else ["en", "zh"]
    found = article_told.asking(content.causes, languages) if content.causes else []
    return [each for each in found if has_signature(content, read_signature(each.cause, each.client, each.model, rulebook))]
