"""The files of a ticket, for staff: opening one is an audited private read; one that shows too much is removed at once."""

from __future__ import annotations

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import attachments as operations
from app.operations.tickets import note_private_read
from app.store import attachments
from app.web.access import for_audience
from app.web.attachments import download
from app.web.came_from import came_from
from app.web.context import person
from app.web.desk.queue import blueprint
from app.web.render import now


@blueprint.get("/tickets/<int:number>/files/<int:file_id>")
@for_audience(Audience.DESK)
def file(number: int, file_id: int) -> Response:
    """Save a file."""
    response = download(attachments.one_of_ticket(number, file_id))
    note_private_read("attachment", file_id, person(), now(), came_from())
    return response


@blueprint.post("/tickets/<int:number>/files/<int:file_id>/removal")
@for_audience(Audience.DESK)
def remove_file(number: int, file_id: int) -> Response:
    """Take a file away for good."""
    operations.remove(attachments.one_of_ticket(number, file_id) or abort(404), person(), now())
    flash(_("The file was removed."), "ok")
    return redirect(url_for("desk.ticket", number=number, _anchor="files"), 303)
