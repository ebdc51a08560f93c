"""Write an article: save, preview, submit, start a new version or the other language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.article import ArticleContent, IllegalMove, print_article
from app.core.article_problem import Problem
from app.core.roles import Audience
from app.core.text_diff import folded, line_diff
from app.operations import articles as operations
from app.operations.articles import BadAddress, NotReady, StaleEdit
from app.store import articles
from app.store.article_care import note_of
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.content.forms import ArticleForm, filled_form
from app.web.content.shown import overview, preview_of
from app.web.content.words import address_problem
from app.web.context import person, rulebook
from app.web.render import now, page_or_partial

if TYPE_CHECKING:
    from app.store.models import Article, ArticleRevision

OTHER = {"en": "zh", "zh": "en"}


@blueprint.get("/articles/<int:article_id>")
@for_audience(Audience.CONTENT)
def edit(article_id: int) -> Response:
    """The version being written; an article without one shows its published text and its history."""
    article = articles.by_id(article_id) or abort(404)
    working = articles.working_revision(article_id)
    if working is None:
        return make_response(overview(article))
    content = articles.content_of_revision(working)
    return _editor(article, working, filled_form(content, article.slug, working.edit, note_of(working.id)), content)


@blueprint.post("/articles/<int:article_id>")
@for_audience(Audience.CONTENT)
def save(article_id: int) -> Response:
    """Keep the draft; with the "ask for review" button, also submit it."""
    article = articles.by_id(article_id) or abort(404)
    working = articles.working_revision(article_id) or abort(404)
    form = ArticleForm()
    content = form.content(articles.content_of_revision(working))
    if not form.validate():
        return _editor(article, working, form, content, status=422)
    try:
        operations.change_address(article, form.slug.data or article.slug)
        saved = operations.save_draft(article, content, form.seen_edit, person(), rulebook(), now(), form.change)
        if request.form.get("wish") == "submit":
            operations.submit_for_review(article, saved.edit, person(), rulebook(), now())
    except BadAddress as fault:
        form.slug.errors = (address_problem(fault),)
        return _editor(article, working, form, content, status=422)
    except StaleEdit:
        return _collision(article, working, form, content)
    except NotReady as fault:
        return _editor(article, saved, _current(form, saved), content, status=422, problems=fault.problems)
    return _saved(article, submitted=request.form.get("wish") == "submit")


@blueprint.post("/articles/<int:article_id>/preview")
@for_audience(Audience.CONTENT)
def preview(article_id: int) -> Response:
    """What was typed, as its readers would see it; the part alone for htmx, the editor with it otherwise. Stores nothing."""
    article = articles.by_id(article_id) or abort(404)
    working = articles.working_revision(article_id) or abort(404)
    form = ArticleForm()
    content = form.content(articles.content_of_revision(working))
    return page_or_partial("content/editor.html", "content/_preview.html", **_context(article, working, form, content, None))


@blueprint.post("/articles/<int:article_id>/version")
@for_audience(Audience.CONTENT)
def version(article_id: int) -> Response:
    """Start the next version of a published or archived article."""
    article = articles.by_id(article_id) or abort(404)
    operations.revise(article, person(), rulebook(), now())
    return redirect(url_for("content.edit", article_id=article_id), 303)


@blueprint.post("/articles/<int:article_id>/translation")
@for_audience(Audience.CONTENT)
def translation(article_id: int) -> Response:
    """Open the same article in the other language; it starts as a copy with that language's sections."""
    article = articles.by_id(article_id) or abort(404)
    language = OTHER[article.language]
    twin = articles.by_slug(language, article.slug)
    if twin is None:
        twin = operations.start_draft(
            article.slug, language, _in_other_language(articles.content_of(article), article.language), person(), rulebook(), now()
        )
    return redirect(url_for("content.edit", article_id=twin.id), 303)


@blueprint.post("/articles/<int:article_id>/discard")
@for_audience(Audience.CONTENT)
def discard(article_id: int) -> Response:
    """Give the version being written up."""
    article = articles.by_id(article_id) or abort(404)
    try:
        operations.discard_draft(article, person(), now())
    except IllegalMove:
        abort(404)
    flash(_("The draft was given up. Its text stays in the history."))
    return redirect(url_for("content.board"), 303)


def _editor(
    article: Article,
    working: ArticleRevision,
    form: ArticleForm,
    content: ArticleContent,
    status: int = 200,
    problems: Sequence[Problem] | None = None,
) -> Response:
    return make_response(render_template("content/editor.html", **_context(article, working, form, content, problems)), status)


def _context(
    article: Article, working: ArticleRevision, form: ArticleForm, content: ArticleContent, problems: Sequence[Problem] | None
) -> dict[str, object]:
    """What the editor shows. problems: the gate's answer, when it was asked for by submitting."""
    found = operations.gate_problems(content, article.language, rulebook()) if problems is None else problems
    return {
        "article": article,
        "working": working,
        "form": form,
        "preview": preview_of(content, article.language, found),
        "asked": problems is not None,
        "sections": rulebook().gate.sections(content.kind),
        "body_hint": _("Markdown; %(url)s and %(root)s stand for the gateway's addresses.", url="{{gateway_url}}", root="{{gateway_root}}"),
    }


def _collision(article: Article, working: ArticleRevision, form: ArticleForm, content: ArticleContent) -> Response:
    """Somebody saved in between: both texts are shown, and the next save is meant."""
    theirs = print_article(replace(articles.content_of_revision(working), version=0))
    context = _context(article, working, _current(form, working), content, None)
    return make_response(
        render_template("content/editor.html", **context, collision=folded(line_diff(theirs, print_article(replace(content, version=0))))),
        409,
    )


def _current(form: ArticleForm, saved: ArticleRevision) -> ArticleForm:
    """The form, starting from what is stored now."""
    form.edit.data = str(saved.edit)
    form.edit.raw_data = [form.edit.data]
    return form


def _saved(article: Article, *, submitted: bool) -> Response:
    if submitted:
        flash(_("Sent for review. Another person approves it."), "ok")
        return redirect(url_for("content.review", article_id=article.id), 303)
    flash(_("The draft was saved."), "ok")
    return redirect(url_for("content.edit", article_id=article.id), 303)


def _in_other_language(content: ArticleContent, language: str) -> ArticleContent:
    """The text with the other language's headings, to be translated in place."""
    body = content.body
    for section in rulebook().gate.sections(content.kind):
        body = body.replace(f"## {section.heading[language]}\n", f"## {section.heading[OTHER[language]]}\n")
    return replace(content, body=body, keywords=(), version=0)
