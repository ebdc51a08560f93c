"""Known errors: what lies beneath incidents, what helps meanwhile, which incidents and tickets are about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience
from app.operations import known_errors as operations
from app.store import known_errors, tickets
from app.web.access import for_audience
from app.web.context import person, rulebook
from app.web.desk.incidents import incident_title
from app.web.desk.queue import blueprint
from app.web.forms import RedactingForm, article_number
from app.web.incident_choices import article_choices, cause_choices
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models_incidents import KnownError


class KnownErrorForm(RedactingForm):
    """What is known of it."""

    title = StringField(lazy_gettext("What goes wrong"), validators=[DataRequired(), Length(max=200)])
    cause = SelectField(lazy_gettext("Cause"), validate_choice=False)
    workaround = TextAreaField(lazy_gettext("What helps meanwhile"), validators=[Length(max=4000)])
    article = SelectField(lazy_gettext("Article that tells of it"), validate_choice=False)

    def offer(self) -> KnownErrorForm:
        """What can be chosen."""
        self.cause.choices = cause_choices()
        self.article.choices = article_choices()
        return self

    def facts(self) -> operations.ErrorFacts:
        """What was written, typed."""
        cause = self.cause.data if self.cause.data in rulebook().causes.causes else None
        return operations.ErrorFacts(self.title.data, cause, self.workaround.data or None, article_number(self.article.data))


@blueprint.get("/incidents/known-errors")
@for_audience(Audience.DESK)
def incident_known_errors() -> str:
    """Those not mended first."""
    return _list_page(KnownErrorForm(formdata=None).offer())


@blueprint.post("/incidents/known-errors")
@for_audience(Audience.DESK)
def incident_known_error_new() -> Response | tuple[str, int]:
    """A new one."""
    form = KnownErrorForm().offer()
    if not form.validate():
        return _list_page(form), 422
    known = operations.keep_known_error(form.facts(), person(), now())
    return redirect(url_for("desk.incident_known_error", number=known.id), 303)


@blueprint.get("/incidents/known-errors/<int:number>")
@for_audience(Audience.DESK)
def incident_known_error(number: int) -> str:
    """One, with its incidents and tickets."""
    found = _found(number)
    form = KnownErrorForm(formdata=None, obj=found).offer()
    form.article.data = str(found.article_id or "")
    return _page(found, form)


@blueprint.post("/incidents/known-errors/<int:number>")
@for_audience(Audience.DESK)
def incident_known_error_change(number: int) -> Response | tuple[str, int]:
    """Write down what has been learnt since."""
    found, form = _found(number), KnownErrorForm().offer()
    if not form.validate():
        return _page(found, form), 422
    operations.change_known_error(found, form.facts(), person(), now())
    flash(_("Kept."), "ok")
    return _back(number)


@blueprint.post("/incidents/known-errors/<int:number>/state")
@for_audience(Audience.DESK)
def incident_known_error_state(number: int) -> Response:
    """It is mended, or not after all."""
    operations.mend(_found(number), request.form.get("mended") == "yes", person(), now())
    return _back(number)


@blueprint.post("/incidents/known-errors/<int:number>/tickets")
@for_audience(Audience.DESK)
def incident_known_error_ticket(number: int) -> Response:
    """Link a ticket that is about none of its incidents, or take the link off."""
    found, ticket = _found(number), tickets.by_id(whole_number(request.form.get("ticket")) or 0)
    if ticket is None:
        flash(_("There is no ticket of that number."), "info")
    else:
        operations.link_ticket(found, ticket, request.form.get("unlink") != "yes", person(), now())
    return _back(number)


def _list_page(form: KnownErrorForm) -> str:
    counts = known_errors.counts()
    rows = [(known, *counts.get(known.id, (0, 0))) for known in known_errors.everything()]
    return render_template("desk/known_errors.html", rows=rows, form=form)


def _page(found: KnownError, form: KnownErrorForm) -> str:
    return render_template(
        "desk/known_error.html",
        known=found,
        form=form,
        incidents=[(incident, incident_title(incident)) for incident in known_errors.incidents_of(found.id)],
        tickets=known_errors.tickets_of(found.id),
        linked=known_errors.linked_tickets(found.id),
    )


def _found(number: int) -> KnownError:
    return known_errors.by_id(number) or abort(404)


def _back(number: int) -> Response:
    return redirect(url_for("desk.incident_known_error", number=number), 303)
