"""Search the knowledge base by words, a code or a whole error message, and say why each result is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.search_text import has_cjk
from app.core.suggestion import Reason, Suggestion, Why
from app.operations.article_care import note_missed_search
from app.operations.suggestions import search_articles
from app.web.access import for_audience
from app.web.context import redactor, rulebook
from app.web.i18n import ui_language
from app.web.kb.site import audiences, blueprint, is_staff
from app.web.render import now, page_or_partial

LONGEST_QUERY = 1_000


@dataclass(frozen=True, slots=True)
class Result:
    """One search result and why it is one."""

    title: str
    summary: str
    url: str
    language: str
    why: list[str]


@blueprint.get("/kb/search")
@for_audience(Audience.PUBLIC)
def search() -> Response:
    """Search by words, a code or a whole error message.

    The query is shown again redacted; of one that found nothing, single harmless words are counted.
    """
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    found = search_articles(query, ui_language(), rulebook(), now(), audiences=audiences()).found if query else ()
    if query and not found and not is_staff() and not request.headers.get("HX-Request"):  # words still being typed are no search
        note_missed_search(query, ui_language(), redactor(), now())
    results = [_result(suggestion) for suggestion in found]
    shown = redactor().clean(query)
    in_chinese = url_for("kb.search", q=shown, lang="zh") if has_cjk(query) and ui_language() != "zh" else ""
    return page_or_partial("kb/search.html", "kb/_results.html", query=shown, results=results, in_chinese=in_chinese)


def why_shown(reasons: Sequence[Reason]) -> list[str]:
    """The reasons of a suggestion, as sentences."""
    return [sentence for reason in reasons if (sentence := _why(reason))]


def _why(reason: Reason) -> str:
    book, language = rulebook(), ui_language()
    if reason.why is Why.CAUSE:
        return _("Answers: %(cause)s", cause=book.causes[reason.about].title[language])
    if reason.why is Why.CLIENT:
        client = book.clients.recognise(reason.about)
        return _("About %(client)s", client=client.name if client else reason.about)
    if reason.why is Why.MODEL:
        return _("About %(family)s models", family=reason.about)
    return _("Has your words: %(words)s", words=reason.about) if reason.about else _("Means the same as your words")


def _result(suggestion: Suggestion) -> Result:
    found = suggestion.article
    return Result(
        found.title,
        found.summary,
        url_for("kb.article", language=found.language, slug=found.slug),
        found.language,
        why_shown(suggestion.reasons),
    )
