"""Warnings: what needs a person though it is no incident, with the rows behind it; dismissed with a reason and a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import DateField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience, sees_amounts
from app.operations import desk_warnings as operations
from app.store import desk_warnings
from app.web.access import current_role, for_audience
from app.web.context import log_store, person
from app.web.desk.queue import blueprint
from app.web.forms import RedactingForm
from app.web.render import now
from app.web.warning_words import WarningView, rules_of, warning_view

if TYPE_CHECKING:
    from app.store.models_warnings import DeskWarning

LONGEST = timedelta(days=366)
USUAL = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A warning somebody dismissed: why, and until when."""

    view: WarningView
    why: str
    until: str
    by: str


class DismissForm(RedactingForm):
    """Why nothing needs to be done, and until when that holds."""

    reason = TextAreaField(lazy_gettext("Why nothing needs to be done"), validators=[DataRequired(), Length(max=1000)])
    until = DateField(lazy_gettext("Until"), validators=[DataRequired()])

    def validate_until(self, field: DateField) -> None:
        """A day to come, within a year: nothing is dismissed for ever."""
        today: date = now().date()
        if field.data is not None and not today <= field.data <= today + LONGEST:
            raise ValidationError(_("Choose a day within a year from now."))


@blueprint.get("/incidents/warnings")
@for_audience(Audience.DESK)
def incident_warnings() -> str:
    """Those that stand, then those that were dismissed."""
    every = rules_of()
    return render_template(
        "desk/warning_list.html",
        standing=[warning_view(each) for each in desk_warnings.standing(every)],
        dismissed=[_dismissed(each) for each in desk_warnings.dismissed(every)],
    )


@blueprint.get("/incidents/warnings/<int:number>")
@for_audience(Audience.DESK)
def incident_warning(number: int) -> str:
    """One warning with the rows behind it."""
    form = DismissForm(formdata=None)
    form.until.data = now().date() + USUAL
    return _page(_found(number), form)


@blueprint.post("/incidents/warnings/<int:number>/dismissal")
@for_audience(Audience.DESK)
def incident_warning_dismissal(number: int) -> Response | tuple[str, int]:
    """Nothing needs to be done, for a while."""
    found, form = _found(number), DismissForm()
    if not form.validate():
        return _page(found, form), 422
    operations.dismiss(found, form.reason.data, form.until.data, person(), now())
    flash(_("Dismissed until that day; it is told again when it still holds then."), "ok")
    return redirect(url_for("desk.incident_warnings"), 303)


def _page(found: DeskWarning, form: DismissForm) -> str:
    return render_template(
        "desk/warning.html",
        warning=found,
        view=warning_view(found, with_money=sees_amounts(current_role())),
        rows=log_store().records(found.examples),
        form=form,
    )


def _dismissed(found: DeskWarning) -> Dismissed:
    by = str(found.dismissed_by.display_name) if found.dismissed_by else ""
    return Dismissed(warning_view(found), str(found.dismissal or ""), str(found.dismissed_until or ""), by)


def _found(number: int) -> DeskWarning:
    return desk_warnings.by_id(number) or abort(404)
