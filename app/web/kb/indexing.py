"""What search engines and answer engines are told: which pages to keep, and where to find them all."""

from __future__ import annotations

from flask import Response, render_template, request

from app.core.roles import Audience
from app.store import article_shelves as shelves
from app.web.access import for_audience
from app.web.context import settings
from app.web.i18n import LANGUAGES
from app.web.kb.caching import revalidated
from app.web.kb.site import LANGUAGE, absolute, blueprint

FILES = frozenset({"kb.markdown", "kb.feed", "kb.facts", "kb.sitemap", "kb.llms", "kb.robots", "static"})
INDEXABLE = FILES | {"portal.home", "kb.index", "kb.home", "kb.article"}
PRIVATE_PATHS = ("/desk/", "/content/", "/logs/", "/admin/", "/api/", "/t/", "/tickets", "/report", "/sign-in", "/kb/search", "/design")
NEWEST = 40


@blueprint.after_app_request
def keep_out_of_indexes(response: Response) -> Response:
    """Tickets, search results, staff pages and errors are nobody's search result."""
    if request.endpoint not in INDEXABLE or response.status_code >= 400:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/robots.txt")
@for_audience(Audience.PUBLIC)
def robots() -> Response:
    """Where crawlers need not go. It protects nothing: the pages themselves do."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE_PATHS), "", f"Sitemap: {absolute('kb.sitemap')}", ""]
    return revalidated(Response("\n".join(lines), mimetype="text/plain"))


@blueprint.get("/sitemap.xml")
@for_audience(Audience.PUBLIC)
def sitemap() -> Response:
    """Every public page, with the day its text last changed."""
    rows = shelves.changes()
    newest = {language: max((row.updated_at for row in rows if row.language == language), default=None) for language in LANGUAGES}
    pages = [(absolute("kb.home", language=language), moment) for language, moment in newest.items() if moment]
    pages += [(absolute("kb.article", language=row.language, slug=row.slug), row.updated_at) for row in rows]
    return revalidated(Response(render_template("kb/sitemap.xml", pages=pages), mimetype="application/xml"))


@blueprint.get(f"/kb/{LANGUAGE}/feed.atom")
@for_audience(Audience.PUBLIC)
def feed(language: str) -> Response:
    """The articles changed last."""
    rows = shelves.newest(language, NEWEST)
    context = {"language": language, "articles": rows, "updated": max((row.updated_at for row in rows), default=None), "absolute": absolute}
    return revalidated(Response(render_template("kb/feed.xml", **context), mimetype="application/atom+xml"))


@blueprint.get("/llms.txt")
@for_audience(Audience.PUBLIC)
def llms() -> Response:
    """The site in one page of Markdown, for programs that answer questions from it."""
    lists = {language: shelves.newest(language, 2_000) for language in LANGUAGES}
    text = render_template("kb/llms.txt", lists=lists, absolute=absolute, gateway_url=settings().gateway_url)
    return revalidated(Response(text, mimetype="text/plain"))
