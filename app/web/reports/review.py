"""The weekly review: one page a week, filled in by itself, decided by people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import format_date, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import DateField, SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.metrics import Metric
from app.core.review import Counted, WeekFacts, recall
from app.core.roles import Audience, sees_amounts
from app.core.week import Week
from app.operations import reviews as operations
from app.store import reviews, users
from app.web.access import current_role, for_audience
from app.web.context import log_store, person, rulebook
from app.web.forms import RedactingForm
from app.web.i18n import ui_language
from app.web.known_problems import failure_words
from app.web.numbers import whole_number
from app.web.render import now
from app.web.reports.figures import Shown, shown, worded
from app.web.reports.gateway import blueprint

WEEK = "<string:week_name>"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: what, this week, the week before, where to look."""

    label: str
    now: str
    before: str
    href: str = ""


class FindingsForm(RedactingForm):
    """What people found, in the four boxes."""

    repeated_questions = TextAreaField(lazy_gettext("Questions asked again"), validators=[Length(max=4000)])
    missing_fields = TextAreaField(lazy_gettext("Facts that were missing"), validators=[Length(max=4000)])
    unclear_ownership = TextAreaField(lazy_gettext("Unclear who owns it"), validators=[Length(max=4000)])
    needs_a_person = TextAreaField(lazy_gettext("Where people still needed a person"), validators=[Length(max=4000)])


class DecisionForm(RedactingForm):
    """What is done, by whom, until when."""

    what = TextAreaField(lazy_gettext("Decision"), validators=[DataRequired(), Length(max=1000)])
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
        operations.decide(week, form.what.data, form.owner.data, backup or None, due.isoformat(), person(), now())
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


def _page(week: Week, findings: FindingsForm | None, decision: DecisionForm | None) -> str:
    """The week's page: from its snapshot when it is closed, else from what is true now."""
    kept = reviews.review(str(week))
    closed = kept is not None and kept.closed_at is not None
    facts = recall(kept.snapshot) if kept and kept.snapshot else operations.week_facts(week, rulebook(), log_store())
    if findings is None:
        findings = FindingsForm(formdata=None, obj=kept)
    return render_template(
        "reports/review.html",
        week=week,
        title=_("Week of %(day)s", day=format_date(week.monday, "long")),
        running=week.end > now(),
        kept=kept,
        closed=closed,
        facts=facts,
        figures=_figures(facts),
        lists=_lists(facts),
        numbers=_numbers(facts),
        findings=findings,
        decision_form=decision or DecisionForm(formdata=None).offer(_people()),
        decisions=reviews.open_decisions(str(week)),
        today=now().date().isoformat(),
        missed=operations.missed_weeks(now()),
        with_amounts=sees_amounts(current_role()),
    )


def _figures(facts: WeekFacts) -> list[Shown]:
    """The week's figures, amounts only for those who may see them."""
    allowed = [pair for pair in facts.metrics if pair[0].id != "cost" or sees_amounts(current_role())]
    metrics: dict[str, Metric] = {metric.id: metric for metric, _before in allowed}
    before: dict[str, Metric] = {metric.id: earlier for metric, earlier in allowed if earlier is not None}
    return shown(rulebook().metrics, metrics, before, list(metrics))


def _lists(facts: WeekFacts) -> list[tuple[str, list[Line]]]:
    """(title, lines) of every list that has something to say."""
    lists = [
        (_("Failures by class"), [_line(each, failure_words(each.name)) for each in facts.failures]),
        (_("Tickets by class"), [_line(each, failure_words(each.name)) for each in facts.tickets]),
        (_("Retried most"), [_line(each, each.name) for each in facts.most_retried]),
        (
            _("Asked again though an article answers it"),
            [_line(each, _cause_title(each.name), _queue(each.name)) for each in facts.repeated],
        ),
        (_("Facts that tickets lacked"), [_line(each, _fact_name(each.name)) for each in facts.missing]),
    ]
    if sees_amounts(current_role()):
        money = [(_("Costliest models"), facts.costliest_models), (_("Costliest groups"), facts.costliest_groups)]
        lists = [(title, [_money_line(each) for each in rows]) for title, rows in money] + lists
    return [(title, lines) for title, lines in lists if lines]


def _numbers(facts: WeekFacts) -> list[tuple[str, tuple[int, ...]]]:
    """(title, ticket numbers) of tickets somebody should look at."""
    groups = [
        (_("Disputes about charges"), facts.disputes),
        (_("Nobody has taken"), facts.unassigned),
        (_("No next action agreed"), facts.without_action),
    ]
    return [(title, tickets) for title, tickets in groups if tickets]


def _line(counted: Counted, label: str, href: str = "") -> Line:
    return Line(label, worded(counted.now, "count"), worded(counted.before, "count"), href)


def _money_line(counted: Counted) -> Line:
    return Line(counted.name, worded(counted.now, "money"), worded(counted.before, "money"))


def _cause_title(cause: str) -> str:
    known = rulebook().causes.causes.get(cause)
    return known.title[ui_language()] if known else cause


def _queue(cause: str) -> str:
    return url_for("desk.queue", view="all", cause=cause)


def _fact_name(name: str) -> str:
    """What the report form calls the fact."""
    return {
        "client": _("Client"),
        "model": _("Model"),
        "status_code": _("Status"),
        "error_text": _("Error message"),
        "key_last4": _("Key"),
        "request_time": _("Time"),
        "request_id": _("Request id"),
    }.get(name, name)


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
