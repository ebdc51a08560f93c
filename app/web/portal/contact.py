"""A guest gives, changes or takes back the address that gets e-mail about their ticket."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import contacts as operations
from app.web.access import for_audience
from app.web.portal.mail_box import ContactForm, mail_box
from app.web.portal.pages import blueprint
from app.web.portal.tickets import ticket_behind
from app.web.render import now


@blueprint.post("/t/<token>/contact")
@for_audience(Audience.REQUESTER)
def set_contact(token: str) -> Response:
    """Whoever has the link decides; the same answer where there is no e-mail at all."""
    ticket, form = ticket_behind(token), ContactForm()
    back = redirect(url_for("portal.follow", token=token), 303)
    if mail_box(ticket, token) is None:
        return back
    if request.form.get("wish") == "forget":
        operations.set_guest_address(ticket, None, now())
        flash(_("Your address is forgotten."), "ok")
    elif form.validate() and form.contact.data:
        operations.set_guest_address(ticket, form.contact.data, now())
        flash(_("Answers come by e-mail too."), "ok")
    else:
        flash(_("That is no e-mail address. Write it as name@example.com, or leave the box empty."), "fail")
    return back
