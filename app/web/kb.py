"""The public knowledge base: all articles, one article, search; and whether an article helped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.article import fill_in
from app.core.roles import Audience, admits
from app.core.search_text import has_cjk
from app.core.suggestion import Reason, Suggestion, Why
from app.operations.article_use import count_answer
from app.operations.suggestions import search_articles
from app.store import articles
from app.web.access import current_role, for_audience
from app.web.context import redactor, rulebook, settings
from app.web.i18n import LANGUAGES, ui_language
from app.web.render import markdown_html, now, page_or_partial

if TYPE_CHECKING:
    from app.store.models import Article

blueprint = Blueprint("kb", __name__, url_prefix="/kb")
HREFLANG = {"en": "en", "zh": "zh-Hans"}
LONGEST_QUERY = 1_000
_LANGUAGE = "<any(en,zh):language>"


@dataclass(frozen=True, slots=True)
class Family:
    """The articles about one kind of trouble."""

    id: str
    title: str
    articles: list[Article]


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article as its reader sees it. versions: (hreflang, absolute address); related: (title, address)."""

    id: int
    slug: str
    language: str
    title: str
    summary: str
    html: Markup
    kind: str
    staff_only: bool
    causes: list[str]
    clients: list[str]
    checked_on: str | None
    updated_at: datetime
    canonical: str
    versions: list[tuple[str, str]]
    related: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Result:
    """One search result and why it is one."""

    title: str
    summary: str
    url: str
    language: str
    why: list[str]


@blueprint.get("/")
@for_audience(Audience.PUBLIC)
def index() -> str:
    """Every article in the reader's language, by what went wrong."""
    return render_template("kb/index.html", families=_families(articles.published_list(ui_language(), _audiences())))


@blueprint.get("/search")
@for_audience(Audience.PUBLIC)
def search() -> Response:
    """Search by words, a code or a whole error message. The query is shown again redacted, and kept nowhere."""
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    found = search_articles(query, ui_language(), rulebook(), now(), staff=_is_staff()).found if query else ()
    results = [_result(suggestion) for suggestion in found]
    shown = redactor().clean(query)
    in_chinese = url_for("kb.search", q=shown, lang="zh") if has_cjk(query) and ui_language() != "zh" else ""
    response = page_or_partial("kb/search.html", "kb/_results.html", query=shown, results=results, in_chinese=in_chinese)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get(f"/{_LANGUAGE}/<slug>")
@for_audience(Audience.PUBLIC)
def article(language: str, slug: str) -> Response:
    """One article, in the language of its address."""
    found = articles.published(language, slug, _audiences()) or abort(404)
    page = _page(found)
    g.page_language = language
    g.other_language_url = _twin(found, page)
    response = make_response(render_template("kb/article.html", article=page))
    if page.staff_only:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.post(f"/{_LANGUAGE}/<slug>/answer")
@for_audience(Audience.PUBLIC)
def answer(language: str, slug: str) -> Response:
    """The reader says whether the article solved it; one who still needs help goes on to the report."""
    found = articles.published(language, slug, _audiences()) or abort(404)
    solved = request.form.get("solved") == "yes"
    count_answer(found, solved, language, now())
    if solved:
        flash(_("Good to hear. Thank you for telling us."), "ok")
        return redirect(url_for("kb.article", language=language, slug=slug), 303)
    return redirect(url_for("portal.home"), 303)


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


def _families(found: Sequence[Article]) -> list[Family]:
    """Articles by the family of their main cause, in the rules' order; those without a cause last."""
    causes = rulebook().causes
    titles = {family: causes.family_title(family, ui_language()) for family in causes.families} | {"": _("Working with support")}
    groups: dict[str, list[Article]] = {family: [] for family in titles}
    for each in found:
        main = causes.causes.get(each.causes[0].cause) if each.causes else None
        groups[main.family if main and main.family in groups else ""].append(each)
    return [Family(family or "support", titles[family], members) for family, members in groups.items() if members]


def _page(found: Article) -> ArticlePage:
    """Everything the article's page shows."""
    book, language = rulebook(), found.language
    gateway = settings().gateway_url
    others = articles.translations(found.slug, _audiences())
    related = articles.titles(language, found.related or (), _audiences())
    return ArticlePage(
        id=found.id,
        slug=found.slug,
        language=language,
        title=found.title,
        summary=fill_in(found.summary, gateway),
        html=markdown_html(fill_in(found.body, gateway)),
        kind=book.gate.kinds[found.kind][language] if found.kind in book.gate.kinds else found.kind,
        staff_only=found.audience != "public",
        causes=[book.causes[link.cause].title[language] for link in found.causes if link.cause in book.causes.causes],
        clients=[client.name for name in found.clients or () if (client := book.clients.recognise(name))],
        checked_on=found.checked_on,
        updated_at=found.updated_at,
        canonical=_absolute(language, found.slug),
        versions=[(HREFLANG[other], _absolute(other, found.slug)) for other in LANGUAGES if other in others],
        related=[(title, url_for("kb.article", language=language, slug=slug)) for slug, title in related.items()],
    )


def _twin(found: Article, page: ArticlePage) -> str:
    """The same article in the other language; the list in it, where there is none."""
    other = next(language for language in LANGUAGES if language != found.language)
    if any(hreflang == HREFLANG[other] for hreflang, _address in page.versions):
        return url_for("kb.article", language=other, slug=found.slug)
    return url_for("kb.index", lang=other)


def _result(suggestion: Suggestion) -> Result:
    found = suggestion.article
    return Result(
        found.title,
        found.summary,
        url_for("kb.article", language=found.language, slug=found.slug),
        found.language,
        why_shown(suggestion.reasons),
    )


def _absolute(language: str, slug: str) -> str:
    return settings().public_url + url_for("kb.article", language=language, slug=slug)


def _is_staff() -> bool:
    """Agents and editors also see articles for staff."""
    return admits(Audience.DESK, current_role()) or admits(Audience.CONTENT, current_role())


def _audiences() -> tuple[str, ...]:
    return articles.STAFF if _is_staff() else articles.PUBLIC
