"""A new secret link for a guest, given by staff: by e-mail where there is an address, else shown this once."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import links as operations
from app.operations import tickets as ticket_operations
from app.store import tickets
from app.web.access import for_audience
from app.web.context import person
from app.web.desk.queue import blueprint
from app.web.render import now


@blueprint.post("/tickets/<int:number>/link/new")
@for_audience(Audience.DESK)
def new_link(number: int) -> Response:
    """The old links open nothing any more; the guest gets the new one."""
    ticket = tickets.by_id(number) or abort(404)
    if ticket.requester_id is not None:
        abort(404)
    token = ticket_operations.renew_link(ticket, person(), now())
    if operations.send_link(ticket, now()):
        flash(_("The old link no longer works. A new one is on its way to the guest."), "ok")
        return redirect(url_for("desk.ticket", number=number), 303)
    response = make_response(
        render_template("desk/new_link.html", number=number, link=url_for("portal.follow", token=token, _external=True))
    )
    response.headers["Cache-Control"] = "no-store"
    return response
