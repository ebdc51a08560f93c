"""Article cards for the report page, the requester's ticket and the desk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from app.core.diagnosis import Diagnosis
from app.core.evidence import Evidence
from app.core.suggestion import Reason, Suggestion, Why
from app.operations.suggestions import articles_for_causes, suggest_articles
from app.store.articles import PUBLIC, STAFF, USERS
from app.web.context import person_or_none, rulebook, settings
from app.web.i18n import ui_language
from app.web.kept_words import said_once


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """A suggested article: where it is, what it says first, why it is shown."""

    id: int
    title: str
    summary: str
    url: str
    absolute_url: str
    why: str


def suggested_articles(diagnosis: Diagnosis, evidence: Evidence, limit: int) -> list[ArticleCard]:
    """Public articles for a report that is being written."""
    return _cards(suggest_articles(evidence, diagnosis, ui_language(), rulebook(), audiences=_readable(), limit=limit))


def articles_for_cause(cause: str, limit: int, *, staff: bool = False, language: str | None = None) -> list[ArticleCard]:
    """Articles that answer a known cause, in the reader's language."""
    return _cards(
        articles_for_causes({cause: 1.0}, language or ui_language(), rulebook(), audiences=STAFF if staff else _readable(), limit=limit)
    )


def _readable() -> tuple[str, ...]:
    """Whose articles this reader may see as a user."""
    return USERS if person_or_none() else PUBLIC


def _cards(suggestions: Iterable[Suggestion]) -> list[ArticleCard]:
    """Suggestions as the templates show them."""
    return [_card(suggestion) for suggestion in suggestions]


def _card(suggestion: Suggestion) -> ArticleCard:
    """One card."""
    article = suggestion.article
    path = url_for("kb.article", language=article.language, slug=article.slug)
    return ArticleCard(article.article_id, article.title, article.summary, path, settings().public_url + path, _why(suggestion.reasons))


def _why(reasons: tuple[Reason, ...]) -> str:
    """The strongest reason in words."""
    return _whys()[reasons[0].why] if reasons else ""


@said_once
def _whys() -> dict[str, str]:
    return {
        Why.CAUSE: _("answers the likely cause"),
        Why.CLIENT: _("about this client"),
        Why.MODEL: _("about this model family"),
        Why.TEXT: _("matches the words"),
    }
