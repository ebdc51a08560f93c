"""The articles as shelves: what are you seeing, which client do you use, and what teams work with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, abort, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.core.roles import Audience
from app.store.article_shelves import ShelfRow, shelf, summaries
from app.web.access import for_audience
from app.web.context import rulebook
from app.web.i18n import LANGUAGES, ui_language
from app.web.kb.caching import revalidated
from app.web.kb.site import HREFLANG, LANGUAGE, OTHER, absolute, audiences, blueprint
from app.web.numbers import whole_number

SHOWN = 5  # of a shelf on the first page; the rest is one click away
PAGE = 40
SUPPORT = "support"  # the shelf of what has no cause
OF_KIND = ("start", "use", "work", "case")  # shelves by kind of article, in this order


@dataclass(frozen=True, slots=True)
class Shelf:
    """Some articles under one name: the first few, how many there are, and where the rest is."""

    id: str
    title: str
    total: int
    rows: list[ShelfRow]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shelves:
    """The first page: by what went wrong, by client (name, address), and by purpose."""

    problems: list[Shelf] = field(default_factory=list)
    clients: list[tuple[str, str]] = field(default_factory=list)
    others: list[Shelf] = field(default_factory=list)


@blueprint.get("/kb/")
@for_audience(Audience.PUBLIC)
def index() -> str:
    """The first page in whatever language the reader has; its lasting address is `home`."""
    return _first_page(ui_language())


@blueprint.get(f"/kb/{LANGUAGE}/")
@for_audience(Audience.PUBLIC)
def home(language: str) -> Response:
    """The first page in the language of its address."""
    g.page_language = language
    g.other_language_url = url_for("kb.home", language=OTHER[language])
    return revalidated(make_response(_first_page(language)))


@blueprint.get(f"/kb/{LANGUAGE}/about/<family>")
@for_audience(Audience.PUBLIC)
def family(language: str, family: str) -> Response:
    """All articles of one shelf."""
    titles = _titles(language)
    rows = [row for row in shelf(language, audiences()) if _shelf_of(row) == family] if family in titles else []
    return _list(language, "kb.family", {"family": family}, titles.get(family, ""), rows)


@blueprint.get(f"/kb/{LANGUAGE}/client/<client>")
@for_audience(Audience.PUBLIC)
def client(language: str, client: str) -> Response:
    """All articles about one client, its set-up page first."""
    known = rulebook().clients.get(client) or abort(404)
    rows = sorted((row for row in shelf(language, audiences()) if known.id in row.clients), key=lambda row: row.kind != "client")
    return _list(language, "kb.client", {"client": client}, known.name, rows)


def _first_page(language: str) -> str:
    return render_template(
        "kb/index.html",
        shelves=_shelves(language),
        language=language,
        canonical=absolute("kb.home", language=language),
        versions=[(HREFLANG[other], absolute("kb.home", language=other)) for other in LANGUAGES],
    )


def _list(language: str, endpoint: str, about: dict[str, Any], title: str, rows: list[ShelfRow]) -> Response:
    """One page of a shelf, with summaries."""
    if not rows:
        abort(404)
    g.page_language = language
    g.other_language_url = url_for(endpoint, language=OTHER[language], **about)
    page = whole_number(request.args.get("page")) or 1
    shown = rows[(page - 1) * PAGE : page * PAGE] or abort(404)
    more = url_for(endpoint, language=language, page=page + 1, **about) if len(rows) > page * PAGE else ""
    before = url_for(endpoint, language=language, page=page - 1, **about) if page > 1 else ""
    context = {"title": title, "rows": shown, "summaries": summaries([row.id for row in shown]), "total": len(rows)}
    return revalidated(make_response(render_template("kb/shelf.html", language=language, older=more, newer=before, **context)))


def _shelves(language: str) -> Shelves:
    """Every article on its shelf, in the rules' order."""
    titles, rows = _titles(language), shelf(language, audiences())
    found: dict[str, list[ShelfRow]] = {}
    for row in rows:
        found.setdefault(_shelf_of(row), []).append(row)
    shelves = [_shelf(name, title, found[name], language) for name, title in titles.items() if name in found]
    return Shelves(
        [each for each in shelves if each.id not in OF_KIND],
        _clients(rows, language),
        [each for each in shelves if each.id in OF_KIND],
    )


def _shelf(name: str, title: str, rows: list[ShelfRow], language: str) -> Shelf:
    return Shelf(name, title, len(rows), rows[:SHOWN], url_for("kb.family", language=language, family=name))


def _clients(rows: Iterable[ShelfRow], language: str) -> list[tuple[str, str]]:
    """The clients that have articles, in the rules' order: name and address of their list."""
    written = {client for row in rows for client in row.clients}
    return [
        (each.name, url_for("kb.client", language=language, client=each.id)) for each in rulebook().clients.clients if each.id in written
    ]


def _shelf_of(row: ShelfRow) -> str:
    """The family of the main cause; for what answers no cause, what its kind is for; "" for pages about the site."""
    causes = rulebook().causes
    cause = causes.causes.get(row.cause or "")
    if cause and cause.family in causes.families:
        return cause.family
    return rulebook().gate.shelves.get(row.kind, SUPPORT)


def _titles(language: str) -> Mapping[str, str]:
    """Shelf → its name, in order."""
    causes = rulebook().causes
    problems = {family: causes.family_title(family, language) for family in causes.families}
    purposes = {"start": _("Start and set up"), "use": _("Use and choose"), "work": _("For support teams"), "case": _("Cases and news")}
    return problems | {SUPPORT: _("Working with support")} | purposes
