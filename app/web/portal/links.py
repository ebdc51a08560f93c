"""A ticket's secret link, lost or leaked: another one by e-mail, or in place of the one at hand."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from app.core.roles import Audience
from app.operations import links as operations
from app.operations import spam
from app.operations import tickets as ticket_operations
from app.web.access import for_audience
from app.web.address_field import AddressField
from app.web.context import settings
from app.web.numbers import whole_number
from app.web.portal.pages import blueprint
from app.web.portal.tickets import ticket_behind
from app.web.render import now

PER_SENDER, PER_PAIR = 10, 3  # an hour


class LostLinkForm(FlaskForm):
    """The ticket's number and the address given with it."""

    ticket = StringField(lazy_gettext("Ticket number"), validators=[DataRequired(), Length(max=12)])
    contact = AddressField(lazy_gettext("E-mail address"))

    @property
    def number(self) -> int:
        """The number, 0 for what is none."""
        return whole_number((self.ticket.data or "").strip().lstrip("#")) or 0


@blueprint.get("/lost-link")
@for_audience(Audience.PUBLIC)
def lost_link() -> str:
    """Ask for the link to a ticket again; only where e-mail is sent at all."""
    return _page(LostLinkForm(formdata=None))


@blueprint.post("/lost-link")
@for_audience(Audience.PUBLIC)
def resend_link() -> Response:
    """The same answer, and the same work, whether or not the two belong together."""
    form = LostLinkForm()
    page, valid = _page, form.validate()
    if not valid or form.contact.data is None:
        form.ticket.data = ""
        return make_response(page(form, problem="" if form.errors else _("Give the address you filed the ticket with.")), 422)
    if spam.count_act("link", request.remote_addr or "", settings().pepper, now()) > PER_SENDER:
        return make_response(page(LostLinkForm(formdata=None), problem=_("Too many requests came from your address. Wait an hour.")), 429)
    asked = spam.count_act("pair", f"{form.number} {form.contact.data.mark}", settings().pepper, now())
    operations.resend(form.number, form.contact.data.mark, now(), wanted=asked <= PER_PAIR)
    return make_response(page(LostLinkForm(formdata=None), sent=True))


@blueprint.post("/t/<token>/link")
@for_audience(Audience.REQUESTER)
def replace_link(token: str) -> Response:
    """The guest wants another link: this one, and every other, opens nothing from now on."""
    fresh = ticket_operations.renew_link(ticket_behind(token), None, now())
    flash(_("The old link no longer works. Keep the new one."), "ok")
    return redirect(url_for("portal.follow", token=fresh, filed=1), 303)


def _page(form: LostLinkForm, *, sent: bool = False, problem: str = "") -> str:
    if not settings().sends_mail:
        abort(404)
    return render_template("portal/lost_link.html", form=form, sent=sent, problem=problem)
