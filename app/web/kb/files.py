"""Articles and public facts for programs: the Markdown of a page, and what cause has which article."""

from __future__ import annotations

from flask import Response, abort, jsonify, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from app.core.article_pictures import ENDINGS, OWN
from app.core.causes import Cause
from app.core.roles import Audience
from app.store import article_pictures, articles
from app.store.article_shelves import slugs_by_cause
from app.web.access import for_audience
from app.web.context import rulebook, settings
from app.web.i18n import LANGUAGES
from app.web.kb.caching import revalidated
from app.web.kb.site import LANGUAGE, absolute, blueprint, filled, is_staff

A_YEAR = 31_536_000


@blueprint.get(f"/kb/{LANGUAGE}/<slug>.md")
@for_audience(Audience.PUBLIC)
def markdown(language: str, slug: str) -> Response:
    """A public article as Markdown; one for staff is not given away."""
    found = articles.published(language, slug) or abort(404)
    address = absolute("kb.article", language=language, slug=slug)
    text = render_template(
        "kb/article.md",
        title=found.title,
        summary=filled(found.summary),
        body=filled(found.body),
        address=address,
        checked_on=found.checked_on,
        updated_at=found.updated_at,
    )
    response = Response(text, mimetype="text/markdown")
    response.headers["Link"] = f'<{address}>; rel="canonical"'
    return revalidated(response)


@blueprint.get("/kb/pictures/<picture>")
@for_audience(Audience.PUBLIC)
def picture(picture: str) -> BaseResponse:
    """A picture of an article; strangers get those of public pages. Its name is its content, so that it may be kept for ever."""
    address = OWN.match(f"/kb/pictures/{picture}") or abort(404)
    found = article_pictures.picture(address[1])
    if found is None or ENDINGS[found.media_type] != address[2] or not (is_staff() or article_pictures.is_public(address[1])):
        abort(404)
    response = Response(found.data, mimetype=found.media_type)
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.set_etag(found.digest)
    return response.make_conditional(request)


@blueprint.get("/kb/facts.json")
@for_audience(Audience.PUBLIC)
def facts() -> Response:
    """Causes with the statuses they come with, whether to try again, and the pages that answer them. Nothing of anybody's requests."""
    answered = slugs_by_cause()
    book = rulebook()
    found = {
        "gateway": {"name": settings().gateway_name, "base_url": settings().gateway_url},
        "causes": [_cause(cause, answered.get(cause.id, {})) for cause in book.causes.everyone],
        "clients": [{"id": client.id, "name": client.name, "address_rules": list(client.facts)} for client in book.clients.clients],
    }
    return revalidated(jsonify(found))


def _cause(cause: Cause, slugs: dict[str, list[str]]) -> dict[str, object]:
    """What anybody may know about a cause."""
    return {
        "id": cause.id,
        "family": cause.family,
        "title": dict(cause.title),
        "advice": dict(cause.user_advice),
        "try_again": cause.retryable,
        "status_codes": sorted(status for status, weight in cause.statuses.items() if status and weight > 0),
        "articles": {
            language: [absolute("kb.article", language=language, slug=slug) for slug in slugs[language]]
            for language in LANGUAGES
            if language in slugs
        },
    }
