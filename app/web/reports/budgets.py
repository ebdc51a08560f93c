"""Budgets: what may be spent where, how far it is, and what was told. The desk sees shares; amounts are for those who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import DecimalField, SelectField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from app.core.budget import FAMILY, KEY, SHARES, Mark, Spending, Window, is_zone
from app.core.roles import Audience, sees_amounts
from app.operations import budgets as operations
from app.store import budgets, users
from app.store.models_budgets import Budget, BudgetAlert
from app.web.access import current_role, for_audience
from app.web.context import log_store, person, rulebook, settings
from app.web.forms import RedactingForm
from app.web.render import now
from app.web.reports.figures import worded
from app.web.reports.gateway import blueprint, dimension_options
from app.web.warning_words import standing_warnings

MICROS = 1_000_000
MOST_USD = 100_000_000


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget as the page shows it; amounts as text, empty for those who may not see them, shares from 0 to 1."""

    budget: Budget
    spent: str
    soft: str
    hard: str
    projected: str
    share: float
    kind: str  # ok, wait, fail: the bar's colour


@dataclass(frozen=True, slots=True)
class AlertRow:
    """What was told: in words, how much (for those who may see it), and by kind (name, share) of who spends most."""

    alert: BudgetAlert
    told: list[str]
    spent: str
    because: list[tuple[str, list[tuple[str, str]]]]


class BudgetForm(RedactingForm):
    """A new budget."""

    dimension = SelectField(lazy_gettext("What"))
    value = StringField(lazy_gettext("Which"), validators=[DataRequired(), Length(max=160)])
    window = SelectField(lazy_gettext("Every"))
    soft = DecimalField(lazy_gettext("Budget, US dollars"), validators=[DataRequired(), NumberRange(Decimal("0.01"), MOST_USD)])
    hard = DecimalField(lazy_gettext("Gateway's own limit, US dollars"), validators=[Optional(), NumberRange(Decimal("0.01"), MOST_USD)])
    zone = StringField(lazy_gettext("Time zone"), validators=[DataRequired(), Length(max=64)])
    owner = SelectField(lazy_gettext("Owner"), coerce=int)
    backup = SelectField(lazy_gettext("Backup"), coerce=int)

    def offer(self) -> BudgetForm:
        """What can be chosen."""
        people = [(user.id, str(user.display_name)) for user in users.staff()]
        self.dimension.choices = scope_options()
        self.window.choices = [(Window.MONTH, _("month")), (Window.WEEK, _("week")), (Window.DAY, _("day"))]
        self.owner.choices = list(people)
        self.backup.choices = [(0, _("nobody")), *people]
        return self

    def validate_zone(self, field: StringField) -> None:
        """A zone the desk knows."""
        if not is_zone(str(field.data)):
            raise ValidationError(_("There is no such time zone; write it as Asia/Shanghai or UTC."))


@blueprint.get("/budgets")
@for_audience(Audience.DESK)
def budget_list() -> str:
    """Every budget in force and how far it is."""
    form = BudgetForm(formdata=None).offer()
    form.zone.data = settings().time_zone
    return _page(form)


@blueprint.post("/budgets")
@for_audience(Audience.AMOUNTS)
def set_budget() -> Response | tuple[str, int]:
    """Set a budget; one of the same place and window is replaced."""
    form = BudgetForm().offer()
    if not form.validate():
        return _page(form), 422
    operations.set_budget(
        form.dimension.data, form.value.data, Window(form.window.data), str(form.zone.data), int(form.soft.data * MICROS),
        int(form.hard.data * MICROS) if form.hard.data else None, form.owner.data, form.backup.data or None, person(), now(),
    )  # fmt: skip
    flash(_("The budget is watched from now on."), "ok")
    return redirect(url_for("reports.budget_list"), 303)


@blueprint.post("/budgets/<int:number>/end")
@for_audience(Audience.AMOUNTS)
def end_budget(number: int) -> Response:
    """Watch it no more."""
    operations.end_budget(budgets.by_id(number) or abort(404), person(), now())
    return redirect(url_for("reports.budget_list"), 303)


@blueprint.post("/budgets/alerts/<int:number>/seen")
@for_audience(Audience.AMOUNTS)
def see_alert(number: int) -> Response:
    """Somebody has taken note of an alert."""
    operations.see_alert(budgets.alert(number) or abort(404), person(), now())
    return redirect(url_for("reports.budget_list"), 303)


def scope_options() -> list[tuple[str, str]]:
    """What a budget can be of: what the roll-ups count by, a class of models, one key."""
    return [*dimension_options(), (FAMILY, _("model class")), (KEY, _("key"))]


def _page(form: BudgetForm) -> str:
    with_amounts = sees_amounts(current_role())
    names, moment = rulebook().model_names, now()
    return render_template(
        "reports/budgets.html",
        rows=[_row(each, operations.spending_of(each, log_store(), names, moment), with_amounts) for each in budgets.in_force()],
        alerts=[_alert_row(marks, with_amounts) for marks in _by_window(budgets.unseen_alerts())],
        warnings=standing_warnings(costs=True, with_money=with_amounts),
        form=form if with_amounts else None,
        names=dict(scope_options()),
        windows={Window.DAY: _("day"), Window.WEEK: _("week"), Window.MONTH: _("month")},
    )


def _by_window(alerts: Sequence[BudgetAlert]) -> list[list[BudgetAlert]]:
    """Marks of one budget in one window stand together, the newest first."""
    windows: dict[tuple[int, datetime], list[BudgetAlert]] = {}
    for alert in alerts:
        windows.setdefault((alert.budget_id, alert.window_start), []).append(alert)
    return list(windows.values())


def _alert_row(marks: list[BudgetAlert], with_amounts: bool) -> AlertRow:
    """What was told of a window, the last mark first, and who spends most of it."""
    last = marks[0]
    kinds = {"model": _("By model"), "key": _("By key")}
    because = [
        (kinds[kind], [(each["value"], worded(each["share"], "share")) for each in last.because or () if each["what"] == kind])
        for kind in kinds
    ]
    shares = [each.mark for each in marks if each.mark in SHARES]
    told = [_told(each.mark) for each in marks if each.mark not in SHARES or each.mark == shares[0]]
    return AlertRow(last, told, _money(last.spent_micros) if with_amounts else "", [(kind, rows) for kind, rows in because if rows])


def _row(budget: Budget, spending: Spending, with_amounts: bool) -> BudgetRow:
    share = spending.spent / budget.soft_micros
    projected = None if spending.projected is None else spending.projected / budget.soft_micros
    return BudgetRow(
        budget=budget,
        spent=_money(spending.spent) if with_amounts else "",
        soft=_money(budget.soft_micros) if with_amounts else "",
        hard=_money(budget.hard_micros) if with_amounts else "",
        projected=_money(spending.projected) if with_amounts else worded(projected, "share"),
        share=share,
        kind="fail" if share >= 1 else "wait" if share >= 0.8 else "ok",
    )


def _told(mark: str) -> str:
    """What reaching a mark means."""
    return {
        Mark.HALF: _("half of the budget is spent"),
        Mark.EIGHTY: _("four fifths of the budget are spent"),
        Mark.NINETY: _("nine tenths of the budget are spent"),
        Mark.FULL: _("the budget is spent"),
        Mark.HARD: _("the gateway's own limit is reached: it refuses from here on"),
        Mark.PROJECTED: _("at this rate the budget will not last"),
        Mark.JUMP: _("one day cost far more than usual"),
    }[Mark(mark)]


def _money(micros: int | None) -> str:
    return worded(micros, "money")
