"""Review a version: what changes, what the gate says; approve it or send it back. Archive what is published."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.core.article import ArticleState, IllegalMove, NotAnotherPerson, print_article
from app.core.roles import Audience
from app.core.text_diff import folded, line_diff
from app.operations.articles import NotReady, StaleEdit, gate_problems
from app.operations.publishing import approve_and_publish, archive, send_back
from app.store import articles
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.content.editor import preview_of
from app.web.context import person, rulebook, settings
from app.web.forms import RedactingForm
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Article


class SendBackForm(RedactingForm):
    """What the writer is asked to change."""

    note = TextAreaField(lazy_gettext("What should change"), validators=[InputRequired(), Length(max=2_000)])


class ApprovalForm(RedactingForm):
    """The save that was read: nothing else is approved."""

    edit = HiddenField()


@blueprint.get("/articles/<int:article_id>/review")
@for_audience(Audience.CONTENT)
def review(article_id: int) -> Response:
    """The version in review beside what is published now."""
    return _page(articles.by_id(article_id) or abort(404), SendBackForm(formdata=None))


@blueprint.post("/articles/<int:article_id>/approval")
@for_audience(Audience.CONTENT)
def approve(article_id: int) -> Response:
    """Publish what was read."""
    article = articles.by_id(article_id) or abort(404)
    seen = whole_number(ApprovalForm().edit.data)
    try:
        approve_and_publish(article, -1 if seen is None else seen, person(), rulebook(), settings().kb_dir, now())
    except NotAnotherPerson:
        flash(_("You wrote this version: another person approves it."), "fail")
    except StaleEdit:
        flash(_("The text was changed after you opened it. Read it again before you approve it."), "fail")
    except NotReady:
        flash(_("The text does not pass the checks."), "fail")
    except IllegalMove:
        abort(404)
    else:
        flash(_("Published. It is in the list, the search and the suggestions now."), "ok")
        return redirect(url_for("content.edit", article_id=article_id), 303)
    return redirect(url_for("content.review", article_id=article_id), 303)


@blueprint.post("/articles/<int:article_id>/return")
@for_audience(Audience.CONTENT)
def return_to_writer(article_id: int) -> Response:
    """Send the version back with what should change."""
    article = articles.by_id(article_id) or abort(404)
    form = SendBackForm()
    if not form.validate():
        return _page(article, form, 422)
    try:
        send_back(article, form.note.data or "", person(), rulebook(), now())
    except IllegalMove:
        abort(404)
    flash(_("Sent back to the writer."), "ok")
    return redirect(url_for("content.board"), 303)


@blueprint.post("/articles/<int:article_id>/archive")
@for_audience(Audience.CONTENT)
def take_down(article_id: int) -> Response:
    """Take a published article off the site."""
    article = articles.by_id(article_id) or abort(404)
    try:
        archive(article, person(), settings().kb_dir, now())
    except IllegalMove:
        abort(404)
    flash(_("The article is archived: off the site, the search and the files. Its history stays."), "ok")
    return redirect(url_for("content.board"), 303)


def _page(article: Article, form: SendBackForm, status: int = 200) -> Response:
    """The review page, as long as something is in review."""
    working = articles.working_revision(article.id)
    if working is None or working.state != ArticleState.IN_REVIEW:
        return redirect(url_for("content.edit", article_id=article.id), 303)
    content = articles.content_of_revision(working)
    before = print_article(replace(articles.content_of(article), version=0)) if article.state == ArticleState.PUBLISHED else ""
    page = render_template(
        "content/review.html",
        article=article,
        working=working,
        preview=preview_of(content, article.language, gate_problems(content, article.language, rulebook())),
        changes=folded(line_diff(before, print_article(replace(content, version=0)))) if before else [],
        own=person().id in working.writer_ids,
        form=form,
        approval=ApprovalForm(formdata=None, edit=str(working.edit)),
    )
    return make_response(page, status)
