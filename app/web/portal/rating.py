"""One click says whether the help was good. A GET never records: scanners follow every link of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from app.core.roles import Audience
from app.operations import satisfaction as operations
from app.store import satisfaction
from app.web.access import for_audience
from app.web.context import person_or_none, redactor
from app.web.forms import RedactingForm, choice
from app.web.portal.pages import blueprint
from app.web.portal.tickets import own_or_404, ticket_behind
from app.web.portal.views import rating_view
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Ticket

LONGEST_WORDS = 1_000


class RatingForm(RedactingForm):
    """Good or bad, and words for whoever wants to say more."""

    choice = RadioField(
        lazy_gettext("How was the help?"),
        choices=[choice("good", lazy_gettext("Good: it helped")), choice("bad", lazy_gettext("Bad: it did not help"))],
        validators=[InputRequired(lazy_gettext("Choose one of the two."))],
    )
    words = TextAreaField(lazy_gettext("What should we know?"), validators=[Optional(), Length(max=LONGEST_WORDS)])


@blueprint.get("/t/<token>/rating")
@for_audience(Audience.REQUESTER)
def rate(token: str) -> Response:
    """The question behind a guest's secret link; `choice` in the address only chooses a button."""
    return _page(ticket_behind(token), url_for("portal.rate", token=token), url_for("portal.follow", token=token))


@blueprint.post("/t/<token>/rating")
@for_audience(Audience.REQUESTER)
def give_rating(token: str) -> Response:
    """A guest's answer."""
    return _act(ticket_behind(token), url_for("portal.rate", token=token), url_for("portal.follow", token=token))


@blueprint.get("/tickets/<int:number>/rating")
@for_audience(Audience.SIGNED_IN)
def rate_own(number: int) -> Response:
    """The question about one of the person's own tickets."""
    return _page(own_or_404(number), url_for("portal.rate_own", number=number), url_for("portal.own_ticket", number=number))


@blueprint.post("/tickets/<int:number>/rating")
@for_audience(Audience.SIGNED_IN)
def give_own_rating(number: int) -> Response:
    """The signed-in requester's answer."""
    return _act(own_or_404(number), url_for("portal.rate_own", number=number), url_for("portal.own_ticket", number=number))


def _act(ticket: Ticket, action: str, back: str) -> Response:
    """Record the answer. From the ticket's page it is one click, and words can follow; with words it is complete."""
    form = RatingForm()
    if not form.validate():
        return _page(ticket, action, back, form, 422)
    words = redactor().clean(form.words.data or "") if "words" in request.form else None
    try:
        operations.rate(ticket, form.choice.data == "good", words, person_or_none(), now())
    except operations.NotOpen:
        return _page(ticket, action, back, form, 409)
    flash(_("Thank you. Your answer was kept."), "ok")
    return redirect(back if words is not None else action, 303)


def _page(ticket: Ticket, action: str, back: str, form: RatingForm | None = None, status: int = 200) -> Response:
    """The question with the answer given before, or the one a link suggests."""
    view = rating_view(ticket, action, now())
    if form is None:
        form = RatingForm(formdata=None)
        known = satisfaction.of_ticket(ticket.id)
        suggested = request.args.get("choice", "")
        form.choice.data = suggested if suggested in {"good", "bad"} else view.given or None
        form.words.data = known.words if known else ""
    page = render_template("portal/rating.html", form=form, rating=view, number=ticket.id, action=action, back=back, finished=view.open)
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
