"""Incidents: what the desk noticed, whether it is one, what everybody is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from werkzeug.wrappers import Response
from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.incident import TASKS_WAIT, IllegalIncidentMove, IncidentState
from app.core.roles import Audience
from app.core.rollups import HOUR_MS, Dimension
from app.core.ticket import ACTIVE, State
from app.operations import incidents as operations
from app.operations.bulk import BulkWish, apply_to_all
from app.operations.known_errors import set_known_error
from app.store import incidents, known_errors, tickets
from app.web.access import for_audience
from app.web.context import log_store, person, rulebook
from app.web.desk.lists import offer_undo
from app.web.desk.queue import blueprint
from app.web.forms import RedactingForm, article_number
from app.web.i18n import ui_language
from app.web.incident_choices import article_choices, cause_choices
from app.web.known_problems import failure_words
from app.web.numbers import whole_number
from app.web.render import epoch, now
from app.web.rows_behind import log_rows
from app.web.warning_words import standing_warnings

if TYPE_CHECKING:
    from app.store.models_incidents import Incident


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident of the list."""

    incident: Incident
    title: str
    failures: int
    usual: float
    keys: int
    tickets: int


@dataclass(frozen=True, slots=True)
class HourRow:
    """What stood out: when, over which span, how many, how many are usual, of how many keys or people."""

    at: datetime
    span: str
    count: int
    usual: float
    keys: int | None


class TellForm(RedactingForm):
    """A word for everybody."""

    body = TextAreaField(lazy_gettext("Update for everybody affected"), validators=[DataRequired(), Length(max=4000)])


class ResolveForm(RedactingForm):
    """What it was."""

    cause = SelectField(lazy_gettext("Cause"), validate_choice=False)
    note = TextAreaField(lazy_gettext("What it was and what was done"), validators=[DataRequired(), Length(max=4000)])
    article = SelectField(lazy_gettext("Article that tells of it"), validate_choice=False)


@blueprint.get("/incidents/")
@for_audience(Audience.DESK)
def incident_list() -> str:
    """Those that need somebody first."""
    found = incidents.newest()
    counts = incidents.ticket_counts([incident.id for incident in found])
    return render_template(
        "desk/incidents.html",
        rows=[_row(incident, counts.get(incident.id, 0)) for incident in found],
        warnings=standing_warnings(costs=False),
    )


@blueprint.get("/incidents/<int:number>")
@for_audience(Audience.DESK)
def incident(number: int) -> str:
    """One incident with its evidence, its tickets and what was told."""
    return _page(_found(number), TellForm(formdata=None), ResolveForm(formdata=None))


@blueprint.post("/incidents/<int:number>/state")
@for_audience(Audience.DESK)
def decide_incident(number: int) -> Response:
    """Confirm it, or say that it is none."""
    found = _found(number)
    try:
        if request.form.get("state") == IncidentState.OPEN:
            operations.confirm(found, person(), rulebook(), now())
            flash(_("The incident is open. The report page tells of it, and tickets about it attach."), "ok")
        else:
            operations.dismiss(found, person(), now())
            flash(_("Dismissed. The desk will not propose it again while it lasts."), "ok")
    except IllegalIncidentMove:
        flash(_("Somebody decided this in the meantime."), "info")
    return _back(number)


@blueprint.post("/incidents/<int:number>/updates")
@for_audience(Audience.DESK)
def tell_incident(number: int) -> Response | tuple[str, int]:
    """One word for everybody."""
    found, form = _found(number), TellForm()
    if not form.validate():
        return _page(found, form, ResolveForm(formdata=None)), 422
    told = operations.tell(found, form.body.data, person(), now())
    flash(ngettext("Told in %(num)s ticket.", "Told in %(num)s tickets.", told), "ok")
    return _back(number)


@blueprint.post("/incidents/<int:number>/resolution")
@for_audience(Audience.DESK)
def resolve_incident(number: int) -> Response | tuple[str, int]:
    """It is over."""
    found, form = _found(number), ResolveForm()
    if not form.validate():
        return _page(found, TellForm(formdata=None), form), 422
    cause = form.cause.data if form.cause.data in rulebook().causes.causes else None
    try:
        operations.resolve(found, cause, form.note.data, article_number(form.article.data), person(), now())
    except IllegalIncidentMove:
        flash(_("Somebody decided this in the meantime."), "info")
        return _back(number)
    flash(_("Resolved."), "ok")
    if request.form.get("solve") == "1":
        _solve_tickets(found)
    return _back(number)


def _solve_tickets(found: Incident) -> None:
    """The tickets about it that are still active are solved with it, in one step that is taken back as one."""
    active = [link.ticket_id for link in incidents.attached(found.id) if link.ticket.state in ACTIVE]
    done = apply_to_all(active, BulkWish(state=State.SOLVED), person(), now())
    offer_undo(ngettext("%(num)s ticket was solved with it.", "%(num)s tickets were solved with it.", done.done), done.step)


@blueprint.post("/incidents/<int:number>/tickets")
@for_audience(Audience.DESK)
def incident_ticket(number: int) -> Response:
    """Attach a ticket, or take it off; what a person took off, the desk does not attach again."""
    found = _found(number)
    ticket = tickets.by_id(whole_number(request.form.get("ticket")) or 0)
    if ticket is None:
        flash(_("There is no ticket of that number."), "info")
    elif request.form.get("detach") == "yes":
        operations.detach(found, ticket, person(), now())
    else:
        operations.attach(found, ticket, person(), now())
    return _back(number)


@blueprint.post("/incidents/<int:number>/known-error")
@for_audience(Audience.DESK)
def explain_incident(number: int) -> Response:
    """Say what lies beneath it."""
    known = known_errors.by_id(whole_number(request.form.get("known_error")) or 0)
    set_known_error(_found(number), known, person(), now())
    return _back(number)


def incident_title(found: Incident) -> str:
    """What failed where: `Rate limit (429) · gpt-4o`."""
    return f"{failure_words(found.failure)} · {found.value or _('everywhere')}"


def _page(found: Incident, tell_form: TellForm, resolve_form: ResolveForm) -> str:
    causes, language = rulebook().causes.causes, ui_language()
    resolve_form.cause.choices, resolve_form.article.choices = cause_choices(), article_choices()
    return render_template(
        "desk/incident.html",
        incident=found,
        title=incident_title(found),
        dimension=_dimension_words(found.dimension),
        hours=[_hour(entry) for entry in found.hours],
        examples=log_store().records(found.examples),
        links=incidents.attached(found.id),
        updates=incidents.updates(found.id),
        cause_title=causes[found.cause].title[language] if found.cause and found.cause in causes else "",
        tell_form=tell_form,
        resolve_form=resolve_form,
        logs_href=_logs_href(found),
        known_errors=known_errors.not_mended(),
    )


def _dimension_words(dimension: str) -> str:
    return {Dimension.MODEL: _("Model"), Dimension.GROUP: _("Group"), Dimension.PROVIDER: _("Provider")}.get(
        Dimension(dimension), _("Where")
    )


def _hour(entry: dict[str, Any]) -> HourRow:
    """One line of the evidence: an hour, a longer span, or tickets."""
    span = {"days": _("24 h up to then"), "tickets": _("tickets, %(hours)s h up to then", hours=entry.get("hours", 1))}
    what = span.get(entry.get("from", ""), "")
    return HourRow(epoch(entry["hour"] * HOUR_MS), what, entry["count"], entry["usual"], entry["keys"])


def _row(found: Incident, about: int) -> IncidentRow:
    counts = [entry["count"] for entry in found.hours]
    return IncidentRow(
        incident=found,
        title=incident_title(found),
        failures=sum(counts),
        usual=max((entry["usual"] for entry in found.hours), default=0),
        keys=max((entry["keys"] or 0 for entry in found.hours), default=0),
        tickets=about,
    )


def _logs_href(found: Incident) -> str:
    """The rows behind it."""
    place = {} if found.dimension == Dimension.ALL else {found.dimension: str(found.value)}
    return log_rows(found.started_at, found.last_seen_at, **place, **({"show": "all"} if found.failure == TASKS_WAIT else {}))


def _found(number: int) -> Incident:
    return incidents.by_id(number) or abort(404)


def _back(number: int) -> Response:
    return redirect(url_for("desk.incident", number=number), 303)
