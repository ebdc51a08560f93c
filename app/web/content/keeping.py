"""What the editor does beside saving: it keeps what is typed by itself, says who else is there, and takes pictures in."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_wtf.file import FileField
from werkzeug.wrappers import Response as BaseResponse

from app.core.article import ArticleState, IllegalMove
from app.core.article_pictures import LARGEST, SHORTEST_ALT, picture_address
from app.core.picture import BadPicture, HugePicture
from app.core.roles import Audience
from app.operations import articles as operations
from app.operations.article_pictures import keep_picture
from app.operations.article_presence import be_at
from app.operations.articles import StaleEdit
from app.store import article_presence, articles
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.content.doors import being_written, writable
from app.web.content.editor import collision
from app.web.content.forms import ArticleForm
from app.web.context import person, rulebook
from app.web.render import now

if TYPE_CHECKING:
    from app.core.article import ArticleContent
    from app.store.models import Article, ArticleRevision

MEGABYTE = 1024 * 1024


class PictureForm(ArticleForm):
    """The editor's form with a picture."""

    picture = FileField()


@blueprint.post("/articles/<int:article_id>/autosave")
@for_audience(Audience.STAFF)
def autosave(article_id: int) -> Response:
    """Keep what is being typed; the answer carries the new count of saves. What is in review, or changed by others, is left alone."""
    article, working = writable(article_id), being_written(article_id)
    form = ArticleForm()
    if working.state != ArticleState.DRAFT:
        return _kept(form.seen_edit, _("In review: save it to take it back and go on."), HTTPStatus.UNPROCESSABLE_ENTITY)
    if not form.validate():
        return _kept(form.seen_edit, _("Not kept yet: a field is not right."), HTTPStatus.UNPROCESSABLE_ENTITY)
    content = form.content(articles.content_of_revision(working))
    try:
        saved = operations.save_draft(article, content, form.seen_edit, person(), rulebook(), now(), form.change)
    except (StaleEdit, IllegalMove):
        said = _("Somebody else saved this draft. Press “Save draft” to see both texts; nothing of yours is lost.")
        return _kept(form.seen_edit, said, HTTPStatus.UNPROCESSABLE_ENTITY)
    be_at(article, person(), now())
    return _kept(saved.edit, _("Draft kept"))


@blueprint.post("/articles/<int:article_id>/presence")
@for_audience(Audience.STAFF)
def article_presence_of(article_id: int) -> Response:
    """A heartbeat; the answer says who else has the editor open, and whether somebody saved."""
    article = writable(article_id)
    be_at(article, person(), now())
    working = articles.working_revision(article_id)
    others = article_presence.others(article_id, person().id, now())
    return _part(render_template("content/_presence.html", article=article, present=others, working=working))


@blueprint.post("/articles/<int:article_id>/pictures")
@for_audience(Audience.STAFF)
def add_picture(article_id: int) -> BaseResponse:
    """Save the draft with a picture at its end."""
    article, working = writable(article_id), being_written(article_id)
    form = PictureForm()
    content = form.content(articles.content_of_revision(working))
    words = " ".join((form.alt.data or "").replace("[", "(").replace("]", ")").split())
    address = _stored_picture(form, words)
    if address:
        content = replace(content, body=f"{content.body.rstrip()}\n\n![{words}]({address})\n")
    return _save_with_picture(article, working, form, content, added=bool(address))


def _save_with_picture(
    article: Article, working: ArticleRevision, form: PictureForm, content: ArticleContent, *, added: bool
) -> BaseResponse:
    """The text is kept whatever became of the picture."""
    try:
        operations.save_draft(article, content, form.seen_edit, person(), rulebook(), now(), form.change)
    except StaleEdit:
        return collision(article, working, form, content)
    if added:
        flash(_("The picture stands at the end of the text. Move its line to where it belongs."), "ok")
    return redirect(url_for("content.edit", article_id=article.id, _anchor="body"), 303)


def _stored_picture(form: PictureForm, words: str) -> str:
    """The address of the picture that was sent; "" when it cannot be taken, with the reason on the next page."""
    upload = form.picture.data
    if not upload or len(words) < SHORTEST_ALT:
        flash(_("A picture needs a file, and words for those who do not see it."), "fail")
        return ""
    try:
        kept = keep_picture(upload.stream.read(), person(), now())
    except BadPicture:
        flash(_("Only whole PNG, JPEG or WebP pictures are taken."), "fail")
        return ""
    except HugePicture:
        flash(_("The picture is too large: at most %(size)s MB. Cut out the part that matters.", size=LARGEST // MEGABYTE), "fail")
        return ""
    return picture_address(kept.digest, kept.media_type)


def _kept(edit: int, said: str, status: int = HTTPStatus.OK) -> Response:
    """The part that says what became of the text, with the count of saves the next one builds on."""
    response = _part(render_template("content/_kept.html", edit=edit, said=said, failed=status != HTTPStatus.OK))
    response.status_code = status
    return response


def _part(html: str) -> Response:
    response = make_response(html)
    response.headers["Vary"] = "HX-Request"
    return response
