"""What was published after a ticket was filed and answers it: shown to its requester while the ticket is open, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext as _

from app.core.article import fill_in
from app.core.article_signature import Signature, why_suggested
from app.core.ticket import ACTIVE
from app.operations.article_signature import signature_of
from app.store import article_told, articles
from app.web.context import person_or_none, rulebook, settings

if TYPE_CHECKING:
    from app.store.models import Article, Ticket


@dataclass(frozen=True, slots=True)
class PublishedSince:
    """An article and what it has in common with the ticket, in words."""

    title: str
    summary: str
    url: str
    why: str


def published_since(ticket: Ticket) -> list[PublishedSince]:
    """The newest articles the ticket was told of; nothing once it is solved."""
    if ticket.state not in ACTIVE:
        return []
    signature = signature_of(ticket, rulebook())
    return [
        _shown(article, signature)
        for article in article_told.articles_told(ticket.id, articles.USERS if person_or_none() else articles.PUBLIC)
    ]


def _shown(article: Article, signature: Signature) -> PublishedSince:
    words = {"cause": _("the likely cause"), "client": _("your client"), "model": _("your kind of model")}
    common = ", ".join(words[name] for name in why_suggested(articles.content_of(article), signature))
    url = url_for("kb.article", language=article.language, slug=article.slug)
    summary = fill_in(article.summary, settings().gateway_url, settings().gateway_name)
    return PublishedSince(article.title, summary, url, _("Shown because it is about: %(common)s.", common=common))
