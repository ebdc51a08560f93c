"""What can be chosen where incidents and known errors are explained."""

from __future__ import annotations

from flask_babel import gettext as _

from app.store import articles
from app.web.context import rulebook
from app.web.i18n import ui_language


def cause_choices() -> list[tuple[str, str]]:
    """Every cause by its title."""
    language = ui_language()
    return [("", _("not known")), *((cause.id, cause.title[language]) for cause in rulebook().causes.causes.values())]


def article_choices() -> list[tuple[str, str]]:
    """Published articles in the reader's language, by title."""
    found = articles.published_list(ui_language(), ("public", "staff"))
    return [("", _("none yet")), *((str(article.id), str(article.title)) for article in found)]
