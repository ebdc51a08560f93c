"""An article as content people see it: rendered, judged, with its history, its owners and where its readers go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.article import ArticleContent, IllegalMove, fill_in, print_article
from app.core.article_anchors import reachable
from app.core.article_problem import Problem
from app.core.article_sources import sources_of
from app.core.roles import Audience, Role, admits
from app.core.text_diff import folded, line_diff
from app.operations import articles as operations
from app.operations.article_checks import advice_for
from app.operations.article_rights import is_writer
from app.operations.publishing import SameOwner, set_owners
from app.store import article_care, article_told, articles, checklists, users
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.content.doors import writable
from app.web.content.words import governance_words
from app.web.context import person, rulebook, settings
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.prose import article_html
from app.web.render import can, now

if TYPE_CHECKING:
    from app.store.models import Article, ArticleRevision, User


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as readers would see it; what keeps it from being published, and what a careful reader would say: (where, sentence)."""

    title: str
    summary: str
    html: Markup
    language: str
    problems: list[tuple[str, str]]
    advice: list[tuple[str, str]]


@blueprint.get("/articles/<int:article_id>/versions/<int:revision_id>")
@for_audience(Audience.CONTENT)
def old_version(article_id: int, revision_id: int) -> str:
    """An earlier version, and what changed from it to the text that is up."""
    article, revision = _version(article_id, revision_id)
    before, after = (
        print_article(replace(each, version=0)) for each in (articles.content_of_revision(revision), articles.content_of(article))
    )
    return render_template(
        "content/version.html",
        article=article,
        revision=revision,
        note=article_care.note_of(revision.id),
        changes=folded(line_diff(before, after)),
        preview=preview_of(articles.content_of_revision(revision), article.language, ()),
    )


@blueprint.post("/articles/<int:article_id>/versions/<int:revision_id>/restoration")
@for_audience(Audience.CONTENT)
def restore(article_id: int, revision_id: int) -> Response:
    """Start a new version from an earlier one's text; it is reviewed like any other."""
    article, revision = _version(article_id, revision_id)
    writable(article_id)
    try:
        operations.restore(article, revision, person(), rulebook(), now())
    except IllegalMove:
        flash(_("A version is being written already. Finish it or give it up first."), "fail")
    else:
        flash(_("A draft with the earlier text. Ask for review when it is right."), "ok")
    return redirect(url_for("content.edit", article_id=article_id), 303)


@blueprint.post("/articles/<int:article_id>/owners")
@for_audience(Audience.CONTENT)
def own(article_id: int) -> Response:
    """Say who answers for the article, and who does when the first does not."""
    article = writable(article_id)
    writers = {user.id: user for user in _writers()}
    owner, backup = (writers.get(whole_number(request.form.get(name)) or 0) for name in ("owner", "backup"))
    if owner is None:
        abort(400)
    try:
        set_owners(article, owner, backup, person(), now())
    except SameOwner:
        flash(_("Owner and backup owner are two people."), "fail")
    else:
        flash(_("Saved. The owner is asked first when a review is due, the backup two weeks later."), "ok")
    return redirect(url_for("content.edit", article_id=article_id), 303)


def overview(article: Article) -> str:
    """The article as it stands, for those who may change it."""
    content, runs = articles.content_of(article), checklists.of_article(article.id) if article.kind == "checklist" else ()
    return render_template(
        "content/overview.html",
        article=article,
        preview=preview_of(content, article.language, ()),
        history=articles.history(article.id),
        notes=article_care.notes_of(article.id),
        writers=_writers(),
        votes=article_care.votes(article.id).get(article.id),
        is_editor=can(Audience.CONTENT),
        is_writer=is_writer(article, person()),
        governance=governance_words().get(article.governance, article.governance),
        sources=sources_of(article.sources or ()),
        told=article_told.told_count(article.id),
        runs=runs,
        ticked=checklists.ticked_counts([run.id for run in runs]),
    )


def preview_of(content: ArticleContent, language: str, problems: Sequence[Problem]) -> Preview:
    """The text rendered, with the problems in words."""
    gateway = settings().gateway_url, settings().gateway_name
    return Preview(
        title=content.title,
        summary=fill_in(content.summary, *gateway),
        html=Markup(reachable(article_html(fill_in(content.body, *gateway)))),  # noqa: S704 - sanitised; a fixed attribute was added
        language=language,
        problems=_said(problems),
        advice=_said(advice_for(content, language, rulebook())),
    )


def _said(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Problems or advice in words, with their places."""
    return [(_place(problem), rulebook().gate.sentence(problem, ui_language())) for problem in problems]


def _version(article_id: int, revision_id: int) -> tuple[Article, ArticleRevision]:
    article = articles.by_id(article_id) or abort(404)
    revision = articles.revision(revision_id)
    if revision is None or revision.article_id != article.id:
        abort(404)
    return article, revision


def _writers() -> list[User]:
    """Active accounts that may own an article."""
    return [user for user in users.everyone() if user.is_active and admits(Audience.CONTENT, Role(user.role))]


def _place(problem: Problem) -> str:
    """Where a problem is, in words."""
    where = {"title": _("Title"), "summary": _("Summary"), "keywords": _("Keywords"), "facts": _("Facts"), "body": _("Text")}[problem.where]
    return _("%(where)s, line %(line)s", where=where, line=problem.line) if problem.line else where
