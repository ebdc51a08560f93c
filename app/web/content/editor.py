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
from app.operations.article_presence import be_at
from app.operations.article_rights import is_writer
from app.operations.article_translation import OTHER, start_translation, twin_of
from app.operations.articles import BadAddress, NotReady, StaleEdit
from app.store import article_presence, articles
from app.store.article_care import note_of
from app.web.access import for_audience
from app.web.content.beside import beside
from app.web.content.board import blueprint
from app.web.content.doors import being_written, is_reader_only, there, writable
from app.web.content.forms import ArticleForm, filled_form
from app.web.content.shown import overview, preview_of
from app.web.content.words import address_problem
from app.web.context import person, rulebook
from app.web.render import can, now, page_or_partial

if TYPE_CHECKING:
    from app.store.models import Article, ArticleRevision


@blueprint.get("/articles/<int:article_id>")
@for_audience(Audience.STAFF)
def edit(article_id: int) -> Response:
    """The version being written; an article without one, or not this editor's to change, shows its text and its history."""
    article = there(article_id)
    if is_reader_only(article):
        return redirect(url_for("kb.article", language=article.language, slug=article.slug), 303)
    working = articles.working_revision(article_id)
    if working is None or not is_writer(article, person()):
        return make_response(overview(article))
    be_at(article, person(), now())
    content = articles.content_of_revision(working)
    return _editor(article, working, filled_form(content, article.slug, working.edit, note_of(working.id)), content)


@blueprint.post("/articles/<int:article_id>")
@for_audience(Audience.STAFF)
def save(article_id: int) -> Response:
    """Keep the draft; with the "ask for review" button, also submit it."""
    article, working = writable(article_id), being_written(article_id)
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
        return collision(article, working, form, content)
    except NotReady as fault:
        return _editor(article, saved, _current(form, saved), content, status=422, problems=fault.problems)
    return _saved(article, submitted=request.form.get("wish") == "submit")


@blueprint.post("/articles/<int:article_id>/preview")
@for_audience(Audience.STAFF)
def preview(article_id: int) -> Response:
    """What was typed, as its readers would see it; the part alone for htmx, the editor with it otherwise. Stores nothing."""
    article, working = writable(article_id), being_written(article_id)
    form = ArticleForm()
    content = form.content(articles.content_of_revision(working))
    return page_or_partial("content/editor.html", "content/_preview.html", **_context(article, working, form, content, None))


@blueprint.post("/articles/<int:article_id>/version")
@for_audience(Audience.STAFF)
def version(article_id: int) -> Response:
    """Start the next version of a published or archived article."""
    operations.revise(writable(article_id), person(), rulebook(), now())
    return redirect(url_for("content.edit", article_id=article_id), 303)


@blueprint.post("/articles/<int:article_id>/translation")
@for_audience(Audience.CONTENT)
def translation(article_id: int) -> Response:
    """Open the same article in the other language; it starts as a copy with that language's sections."""
    article = there(article_id)
    twin = twin_of(article)
    if twin is None:
        content = _in_other_language(articles.content_of(article), article.language)
        twin = operations.start_draft(article.slug, OTHER[article.language], content, person(), rulebook(), now())
        start_translation(twin, article)
    return redirect(url_for("content.edit", article_id=twin.id), 303)


@blueprint.post("/articles/<int:article_id>/discard")
@for_audience(Audience.STAFF)
def discard(article_id: int) -> Response:
    """Give the version being written up."""
    article = writable(article_id)
    try:
        operations.discard_draft(article, person(), now())
    except IllegalMove:
        abort(404)
    flash(_("The draft was given up. Its text stays in the history."))
    return redirect(url_for("content.board") if can(Audience.CONTENT) else url_for("desk.queue"), 303)


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
        "beside": beside(article),
        "present": article_presence.others(article.id, person().id, now()),
        "is_editor": can(Audience.CONTENT),
        "news": False,
        "sections": rulebook().gate.sections(content.kind),
        "body_hint": _("Markdown; %(url)s and %(root)s stand for the gateway's addresses.", url="{{gateway_url}}", root="{{gateway_root}}"),
    }


def collision(article: Article, working: ArticleRevision, form: ArticleForm, content: ArticleContent) -> Response:
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
        return redirect(url_for("content.review" if can(Audience.CONTENT) else "content.edit", article_id=article.id), 303)
    flash(_("The draft was saved."), "ok")
    return redirect(url_for("content.edit", article_id=article.id), 303)


def _in_other_language(content: ArticleContent, language: str) -> ArticleContent:
    """The text with the other language's headings, to be translated in place."""
    body = content.body
    for section in rulebook().gate.sections(content.kind):
        body = body.replace(f"## {section.heading[language]}\n", f"## {section.heading[OTHER[language]]}\n")
    return replace(content, body=body, keywords=(), version=0)
