"""The weekly review: one page a week, filled in by itself, decided by people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.review import WeekFacts, recall
from app.core.roles import Audience, sees_amounts
from app.core.week import Week
from app.operations import reviews as operations
from app.operations.week_facts import week_facts
from app.store import reviews, users
from app.web.access import current_role, for_audience
from app.web.context import log_store, person, rulebook
from app.web.downloads import as_file
from app.web.forms import RedactingForm
from app.web.numbers import whole_number
from app.web.render import now
from app.web.reports.gateway import blueprint, plain
from app.web.reports.review_digest import ReviewDigest, mail_html, mail_text, review_digest
from app.web.reports.review_view import beginnings, figure_lines, lists_of, places_of, shown_metrics
from app.web.rows_behind import desk_rows, traffic_rows

if TYPE_CHECKING:
    from app.store.models_reviews import Review

WEEK = "<string:week_name>"


class FindingsForm(RedactingForm):
    """What people found, in the four boxes."""

    repeated_questions = TextAreaField(lazy_gettext("Questions asked again"), validators=[Length(max=4000)])
    missing_fields = TextAreaField(lazy_gettext("Facts that were missing"), validators=[Length(max=4000)])
    unclear_ownership = TextAreaField(lazy_gettext("Unclear who owns it"), validators=[Length(max=4000)])
    needs_a_person = TextAreaField(lazy_gettext("Where people still needed a person"), validators=[Length(max=4000)])


class DecisionForm(RedactingForm):
    """What is done, by whom, until when."""

    what = TextAreaField(lazy_gettext("Decision"), validators=[DataRequired(), Length(max=1000)])
    why = TextAreaField(lazy_gettext("Why"), validators=[Length(max=1000)])
    instead = TextAreaField(lazy_gettext("What else was considered"), validators=[Length(max=1000)])
    owner = SelectField(lazy_gettext("Owner"), coerce=int)
    backup = SelectField(lazy_gettext("Backup"), coerce=int)
    due = DateField(lazy_gettext("Due"), validators=[DataRequired()])

    def offer(self, people: Sequence[tuple[int, str]]) -> DecisionForm:
        """Who can own a decision."""
        self.owner.choices = list(people)
        self.backup.choices = [(0, _("nobody")), *people]
        return self


@blueprint.get("/review/")
@for_audience(Audience.DESK)
def this_week() -> Response:
    """The week under way."""
    return redirect(url_for("reports.review", week_name=str(Week.of(now()))), 303)


@blueprint.get(f"/review/{WEEK}")
@for_audience(Audience.DESK)
def review(week_name: str) -> str:
    """One week."""
    return _page(_week(week_name), None, None)


@blueprint.post(f"/review/{WEEK}/findings")
@for_audience(Audience.DESK)
def note_findings(week_name: str) -> Response | tuple[str, int]:
    """Keep what people found."""
    week, form = _week(week_name), FindingsForm()
    if not form.validate():
        return _page(week, form, None), 422
    try:
        operations.note_findings(week, {box: form[box].data for box in operations.BOXES}, person(), now())
        flash(_("Kept."), "ok")
    except operations.ReviewClosed:
        flash(_("This review is closed; it stays as it was."), "info")
    return _back(week)


@blueprint.post(f"/review/{WEEK}/decisions")
@for_audience(Audience.DESK)
def decide(week_name: str) -> Response | tuple[str, int]:
    """Write a decision down."""
    week, form = _week(week_name), DecisionForm().offer(_people())
    if not form.validate():
        return _page(week, None, form), 422
    due: date = form.due.data
    backup = form.backup.data if form.backup.data != form.owner.data else 0
    try:
        said = (form.what.data, form.why.data or None, form.instead.data or None)
        wish = operations.DecisionWish(*said, form.owner.data, backup or None, due.isoformat())
        operations.decide(week, wish, person(), now())
        flash(_("Decided. It is carried over until it is done."), "ok")
    except operations.ReviewClosed:
        flash(_("This review is closed; decide in the next."), "info")
    return _back(week)


@blueprint.post(f"/review/{WEEK}/decisions/end")
@for_audience(Audience.DESK)
def end_decision(week_name: str) -> Response:
    """A decision is done, or dropped."""
    found = reviews.decision(whole_number(request.form.get("decision")) or 0) or abort(404)
    operations.end_decision(found, request.form.get("done") == "yes", person(), now())
    return _back(_week(week_name))


@blueprint.post(f"/review/{WEEK}/closing")
@for_audience(Audience.DESK)
def close_review(week_name: str) -> Response:
    """Freeze the week."""
    try:
        operations.close(_week(week_name), rulebook(), log_store(), person(), now())
        flash(_("Closed. The figures stay as they are now."), "ok")
    except operations.ReviewClosed:
        flash(_("This review was closed already."), "info")
    return _back(_week(week_name))


@blueprint.get(f"/review/{WEEK}/mail")
@for_audience(Audience.DESK)
def review_mail(week_name: str) -> str:
    """The digest as it will be mailed."""
    week = _week(week_name)
    return render_template("reports/review_mail.html", week=week, kept=reviews.review(str(week)), digest=_digest(week))


@blueprint.get(f"/review/{WEEK}/mail.html")
@for_audience(Audience.DESK)
def review_mail_html(week_name: str) -> Response:
    """The digest's HTML as a file: a letter brings its own style, which our pages' policy refuses."""
    week = _week(week_name)
    return as_file(mail_html(_digest(week)), f"review-{week}", "html")


@blueprint.get(f"/review/{WEEK}/mail.txt")
@for_audience(Audience.DESK)
def review_mail_text(week_name: str) -> Response:
    """The digest's plain text, to be kept or sent by hand."""
    week = _week(week_name)
    return as_file(mail_text(_digest(week)), f"review-{week}", "txt")


@blueprint.get(f"/review/{WEEK}/figures.csv")
@for_audience(Audience.DESK)
def review_csv(week_name: str) -> Response:
    """The week's figures with plain numbers."""
    week = _week(week_name)
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["figure", "this_week", "n", "week_before", "change"])
    facts = _facts(week)
    for metric, before in shown_metrics(facts, sees_amounts(current_role())):
        change = facts.changes.get(metric.id, "")
        sheet.writerow([metric.id, plain(metric), metric.n, plain(before) if before else "", change])
    return as_file(text.getvalue(), f"review-{week}", "csv")


def _digest(week: Week) -> ReviewDigest:
    return review_digest(week, _facts(week), reviews.review(str(week)), reviews.open_decisions(str(week)), sees_amounts(current_role()))


def _facts(week: Week) -> WeekFacts:
    """The week's facts: from its snapshot when it is closed, else as they are now."""
    kept = reviews.review(str(week))
    return recall(kept.snapshot) if kept and kept.snapshot else week_facts(week, rulebook(), log_store(), now())


def _page(week: Week, findings: FindingsForm | None, decision: DecisionForm | None) -> str:
    """The week's page."""
    kept, facts, with_amounts = reviews.review(str(week)), _facts(week), sees_amounts(current_role())
    closed = kept is not None and kept.closed_at is not None
    return render_template(
        "reports/review.html",
        week=week,
        title=_("Week of %(day)s", day=format_date(week.monday, "long")),
        running=week.end > now(),
        kept=kept,
        closed=closed,
        facts=facts,
        figures=figure_lines(facts, with_amounts, traffic_rows(week.start, week.end) | desk_rows(week.start, week.end)),
        lists=lists_of(facts, with_amounts),
        places=places_of(facts),
        findings=findings or _findings(kept, facts, closed),
        decision_form=decision or DecisionForm(formdata=None).offer(_people()),
        decisions=reviews.open_decisions(str(week)),
        today=now().date().isoformat(),
        missed=operations.missed_weeks(now()),
    )


def _findings(kept: Review | None, facts: WeekFacts, closed: bool) -> FindingsForm:
    """What was said; before anybody said anything, what the desk itself sees."""
    form = FindingsForm(formdata=None, obj=kept)
    if not closed and not any(form[box].data for box in operations.BOXES):
        for box, text in beginnings(facts).items():
            form[box].data = text
    return form


def _people() -> list[tuple[int, str]]:
    """Everybody of the staff."""
    return [(user.id, str(user.display_name)) for user in users.staff()]


def _week(week_name: str) -> Week:
    """The week an address names; not one that has not begun."""
    week = Week.read(week_name)
    if week is None or week.start > now():
        abort(404)
    return week


def _back(week: Week) -> Response:
    return redirect(url_for("reports.review", week_name=str(week)), 303)
