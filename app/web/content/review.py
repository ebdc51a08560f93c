"""Review a version: what changes, what the gate says; approve it or send it back. Archive what is published."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from app.core.article import ArticleState, IllegalMove, NotAnotherPerson, print_article
from app.core.roles import Audience
from app.core.text_diff import folded, line_diff
from app.operations.article_notes import BadTarget
from app.operations.articles import NotReady, StaleEdit, gate_problems
from app.operations.publishing import Approval, approve_and_publish, archive, send_back
from app.store import articles
from app.store.article_care import note_of
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.content.doors import writable
from app.web.content.shown import preview_of
from app.web.context import person, redactor, rulebook, settings
from app.web.forms import RedactingForm
from app.web.i18n import ui_language
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Article


class SendBackForm(RedactingForm):
    """What the writer is asked to change."""

    note = TextAreaField(lazy_gettext("What should change"), validators=[InputRequired(), Length(max=2_000)])


class ApprovalForm(RedactingForm):
    """The save that was read, and nothing else; what was looked at; what else changes with it; when it goes up."""

    edit = HiddenField()
    checks = SelectMultipleField(lazy_gettext("Looked at"))
    note_change = SelectField(lazy_gettext("Does the internal note change too?"), validators=[InputRequired()])
    checklist_change = SelectField(lazy_gettext("Does a checklist change too?"), validators=[InputRequired()])
    why_not = StringField(lazy_gettext("If not, why"), validators=[Length(max=300)])
    publish_at = StringField(lazy_gettext("Publish at"), validators=[Length(max=16)])

    def __init__(self, **keywords: object) -> None:
        super().__init__(**keywords)
        answers = [SelectChoice("", _("Choose")), *_answers()]
        self.note_change.choices = self.checklist_change.choices = answers
        self.checks.choices = [SelectChoice(check, texts[ui_language()]) for check, texts in rulebook().gate.approval_checks.items()]

    def validate_checks(self, field: SelectMultipleField) -> None:
        """Every point was looked at."""
        if set(field.data or ()) != set(rulebook().gate.approval_checks):
            raise ValidationError(_("Tick every point, or send the version back."))

    def validate_why_not(self, field: StringField) -> None:
        """What does not change with the text has its reason."""
        if "not_needed" in {self.note_change.data, self.checklist_change.data} and not field.data:
            raise ValidationError(_("Say why the note or the checklist stays as it is."))

    def validate_publish_at(self, field: StringField) -> None:
        """A moment of the desk's time zone, still to come."""
        if field.data and (self.moment is None or self.moment <= now()):
            raise ValidationError(_("A date and time still to come, such as 2026-12-01T09:00."))

    @property
    def moment(self) -> datetime | None:
        """When the version goes up; None: at once."""
        try:
            typed = datetime.fromisoformat(self.publish_at.data or "")
        except ValueError:
            return None
        return typed.replace(tzinfo=ZoneInfo(settings().time_zone))

    @property
    def approval(self) -> Approval:
        """What the reviewer decided."""
        why = redactor().clean(self.why_not.data) if self.why_not.data else None
        return Approval(self.note_change.data, self.checklist_change.data, why, self.moment)


def _answers() -> list[SelectChoice]:
    """What becomes of the internal note, or of a checklist, when the text changes."""
    return [
        SelectChoice("changed", _("Yes, it is changed")),
        SelectChoice("none", _("There is none")),
        SelectChoice("not_needed", _("No, for the reason below")),
    ]


@blueprint.get("/articles/<int:article_id>/review")
@for_audience(Audience.CONTENT)
def review(article_id: int) -> Response:
    """The version in review beside what is published now."""
    return _page(articles.by_id(article_id) or abort(404), SendBackForm(formdata=None))


@blueprint.post("/articles/<int:article_id>/approval")
@for_audience(Audience.CONTENT)
def approve(article_id: int) -> Response:
    """Publish what was read."""
    article, form = articles.by_id(article_id) or abort(404), ApprovalForm()
    if not form.validate():
        return _page(article, SendBackForm(formdata=None), 422, form)
    seen = whole_number(form.edit.data)
    try:
        approve_and_publish(article, -1 if seen is None else seen, person(), rulebook(), settings().kb_dir, now(), form.approval)
    except NotAnotherPerson:
        flash(_("You wrote this version: another person approves it."), "fail")
    except StaleEdit:
        flash(_("The text was changed after you opened it. Read it again before you approve it."), "fail")
    except NotReady:
        flash(_("The text does not pass the checks."), "fail")
    except IllegalMove:
        abort(404)
    else:
        if form.moment:
            flash(_("Approved. It goes up at the time you chose."), "ok")
            return redirect(url_for("content.board"), 303)
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
    article = writable(article_id)
    try:
        archive(article, person(), settings().kb_dir, now(), request.form.get("target", "").strip())
    except IllegalMove:
        abort(404)
    except BadTarget:
        flash(_("Readers can be sent to a published article in the same language only."), "fail")
        return redirect(url_for("content.edit", article_id=article_id), 303)
    flash(_("The article is archived: off the site, the search and the files. Its history stays."), "ok")
    return redirect(url_for("content.board"), 303)


def _page(article: Article, form: SendBackForm, status: int = 200, approval: ApprovalForm | None = None) -> Response:
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
        approval=approval or ApprovalForm(formdata=None, edit=str(working.edit)),
        note=note_of(working.id),
    )
    return make_response(page, status)
