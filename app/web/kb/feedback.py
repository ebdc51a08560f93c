"""What a reader says about an article: it solved it, it did not, something in it is wrong. No account, no session, no cookie.

Such a form carries no token, so that its page can be kept by caches; instead the browser's word about where the form was sent from counts.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.article_care import FLAG_REASONS
from app.core.roles import Audience
from app.operations.article_care import TooMany, flag_article
from app.operations.article_use import count_answer
from app.store import articles
from app.web.access import for_audience
from app.web.context import redactor, settings
from app.web.kb.site import LANGUAGE, audiences, blueprint
from app.web.render import now

LONGEST_DETAIL = 1_000


@blueprint.post(f"/kb/{LANGUAGE}/<slug>/answer")
@for_audience(Audience.PUBLIC)
def answer(language: str, slug: str) -> Response:
    """The reader says whether the article solved it; one who still needs help goes on to the report."""
    _from_here()
    found = articles.published(language, slug, audiences()) or abort(404)
    solved = request.form.get("solved") == "yes"
    count_answer(found, solved, language, now())
    if solved:
        flash(_("Good to hear. Thank you for telling us."), "ok")
        return redirect(url_for("kb.article", language=language, slug=slug), 303)
    return redirect(url_for("portal.home"), 303)


@blueprint.post(f"/kb/{LANGUAGE}/<slug>/flag")
@for_audience(Audience.PUBLIC)
def flag(language: str, slug: str) -> Response:
    """The reader says what is wrong; an editor looks. What they write is redacted first."""
    _from_here()
    found = articles.published(language, slug, audiences()) or abort(404)
    reason = request.form.get("reason", "")
    if reason not in FLAG_REASONS:
        abort(400)
    typed = request.form.get("detail", "").strip()[:LONGEST_DETAIL]
    try:
        flag_article(found, reason, redactor().clean(typed) if typed else None, request.remote_addr or "", settings().pepper, now())
    except TooMany:
        flash(_("You have told us several times within an hour. Thank you; we are looking."), "info")
    else:
        flash(_("Thank you. An editor will look at this page."), "ok")
    return redirect(url_for("kb.article", language=language, slug=slug), 303)


def _from_here() -> None:
    """Refuse a form sent from another site: browsers name the sending site with every POST."""
    sender = request.headers.get("Origin") or request.headers.get("Referer") or ""
    if urlsplit(sender).netloc not in {request.host, urlsplit(settings().public_url).netloc}:
        abort(403)
