"""Going from a notice to what it is about."""

from __future__ import annotations

from flask import abort, redirect
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations.notices import open_notice
from app.store import hand_offs
from app.web.access import for_audience
from app.web.context import person
from app.web.desk.queue import blueprint
from app.web.notice_pages import page_of
from app.web.render import now


@blueprint.get("/notices/<int:number>")
@for_audience(Audience.DESK)
def notice(number: int) -> Response:
    """The page of what one's own notice is about; from then on it is read."""
    found = hand_offs.notice(person().id, number)
    if found is None:
        abort(404)
    open_notice(found, now())
    return redirect(page_of(found.ticket_id, found.about, found.about_id), 303)
