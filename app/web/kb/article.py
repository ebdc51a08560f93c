"""One article as its reader sees it, with what machines are told about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import abort, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.article_anchors import anchored
from app.core.article_json_ld import Described, json_ld
from app.core.article_sources import Source, sources_of
from app.core.roles import Audience, admits
from app.operations.article_rights import is_writer
from app.store import article_care, articles
from app.web.access import current_role, for_audience
from app.web.context import person_or_none, rulebook, settings
from app.web.i18n import LANGUAGES
from app.web.kb.caching import revalidated
from app.web.kb.site import HREFLANG, LANGUAGE, OTHER, absolute, audiences, blueprint, filled
from app.web.prose import article_html

if TYPE_CHECKING:
    from app.store.articles import Version
    from app.store.models import Article

RENDERED = 2_048  # texts kept rendered, some 20 MB


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article as its reader sees it.

    contents: (anchor, words) of its sections; versions: (hreflang, absolute address); related: (title, address);
    other: what the other language's page says first, with its address.
    """

    id: int
    slug: str
    language: str
    title: str
    summary: str
    html: Markup
    contents: list[tuple[str, str]]
    kind: str
    staff_only: bool  # or for signed-in users: not for machines either
    audience: str
    feedback: bool
    causes: list[str]
    clients: list[tuple[str, str]]
    checked_on: str | None
    review_due: str | None
    published_at: datetime | None
    updated_at: datetime
    version: int
    reviewed: bool
    canonical: str
    markdown: str
    versions: list[tuple[str, str]]
    related: list[tuple[str, str]]
    other: tuple[str, Version, str] | None
    json_ld: Markup
    author: str
    sources: tuple[Source, ...]
    edit_url: str
    run_url: str


@blueprint.get(f"/kb/{LANGUAGE}/<slug>")
@for_audience(Audience.PUBLIC)
def article(language: str, slug: str) -> Response:
    """One article, in the language of its address."""
    g.page_language = language
    found = articles.published(language, slug, audiences())
    if found is None:
        return _moved(language, slug)
    page = _page(found)
    g.other_language_url = page.other[2] if page.other else url_for("kb.home", language=OTHER[language])
    response = make_response(render_template("kb/article.html", article=page))
    if page.staff_only:
        response.headers["X-Robots-Tag"] = "noindex"
    return revalidated(response)


def _moved(language: str, slug: str) -> Response:
    """The readers of an archived article are sent on; anybody else asked for nothing there is."""
    target = article_care.moved_to(language, slug)
    if target is None or articles.published(language, target, audiences()) is None:
        abort(404)  # nobody learns the address of what they may not read
    return redirect(url_for("kb.article", language=language, slug=target), 301)


def _page(found: Article) -> ArticlePage:
    """Everything the article's page shows."""
    language, book = found.language, rulebook()
    versions = articles.translations(found.slug, audiences())
    anchors = tuple((section.heading[language], section.id) for section in book.gate.sections(found.kind))
    html, contents = _rendered(filled(found.body), anchors)
    related = articles.titles(language, found.related or (), audiences())
    return ArticlePage(
        id=found.id,
        slug=found.slug,
        language=language,
        title=found.title,
        summary=filled(found.summary),
        html=html,
        contents=list(contents),
        kind=book.gate.kinds[found.kind][language] if found.kind in book.gate.kinds else found.kind,
        staff_only=found.audience != "public",
        audience=found.audience,
        feedback=found.kind != "page",
        causes=[book.causes[link.cause].title[language] for link in found.causes if link.cause in book.causes.causes],
        clients=[
            (client.name, url_for("kb.client", language=language, client=client.id))
            for name in found.clients or ()
            if (client := book.clients.recognise(name))
        ],
        checked_on=found.checked_on,
        review_due=found.review_due,
        published_at=found.published_at,
        updated_at=found.updated_at,
        version=found.version,
        reviewed=found.reviewer_id is not None,
        canonical=absolute("kb.article", language=language, slug=found.slug),
        markdown=absolute("kb.markdown", language=language, slug=found.slug),
        versions=[(HREFLANG[other], absolute("kb.article", language=other, slug=found.slug)) for other in LANGUAGES if other in versions],
        related=[(title, url_for("kb.article", language=language, slug=slug)) for slug, title in related.items()],
        other=_other(found, versions),
        json_ld=Markup(json_ld(_described(found))),  # noqa: S704 - json_ld escapes what could end the element
        author=found.author_line or "",
        sources=sources_of(found.sources or ()),
        **_for_staff(found),
    )


def _for_staff(found: Article) -> dict[str, str]:
    """Where those who work here change the article, and run it when it is a checklist."""
    who = person_or_none()
    writes = who is not None and is_writer(found, who)
    runs = found.kind == "checklist" and admits(Audience.STAFF, current_role())
    return {
        "edit_url": url_for("content.edit", article_id=found.id) if writes else "",
        "run_url": url_for("content.begin", article_id=found.id) if runs else "",
    }


@lru_cache(maxsize=RENDERED)
def _rendered(text: str, anchors: tuple[tuple[str, str], ...]) -> tuple[Markup, tuple[tuple[str, str], ...]]:
    """A text as HTML with its sections; the same text is rendered once, whoever reads it."""
    html, contents = anchored(article_html(text), dict(anchors))
    return Markup(html), tuple(contents)  # noqa: S704 - sanitised by article_html; only ids made of word characters were added


def _other(found: Article, versions: Mapping[str, Version]) -> tuple[str, Version, str] | None:
    """The other language's version: language, what it says first, address."""
    other = OTHER[found.language]
    return (other, versions[other], url_for("kb.article", language=other, slug=found.slug)) if other in versions else None


def _described(found: Article) -> Described:
    """What machines are told: the words that stand on the page."""
    address = absolute("kb.article", language=found.language, slug=found.slug)
    return Described(
        title=found.title,
        summary=filled(found.summary),
        language=HREFLANG[found.language],
        address=address,
        publisher=publisher(),
        author=found.author_line or "",
        sources=tuple(source.url for source in sources_of(found.sources or ())),
        published=(found.published_at or found.updated_at).isoformat(timespec="seconds"),
        changed=found.updated_at.isoformat(timespec="seconds"),
        version=found.version,
        crumbs=((_("Help articles"), absolute("kb.home", language=found.language)), (found.title, address)),
    )


def publisher() -> str:
    """Who speaks on public pages: the desk, not a person."""
    return _("%(gateway)s support", gateway=settings().gateway_name)
