"""An id has an address of its own, to be sent to a colleague or written into a runbook: /r/<id> leads to what has it."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience, admits
from app.operations.desk_search import jump_target, own_ticket_with
from app.web.access import current_role, for_audience
from app.web.context import log_store, person, redactor

blueprint = Blueprint("quoted", __name__)


@blueprint.get("/r/<path:quoted>")
@for_audience(Audience.SIGNED_IN)
def lead(quoted: str) -> Response:
    """To the ticket or log line with this id for staff, to one's own ticket for anybody else."""
    words = redactor().clean(quoted.strip())
    address = _at_the_desk(words) if admits(Audience.DESK, current_role()) else _own(words)
    return redirect(address, 303)


def _at_the_desk(words: str) -> str:
    """Where a search for the id would end."""
    target = jump_target(words, log_store())
    if target is None or target.tickets:
        return url_for("desk.found", q=words)
    if target.ticket is not None:
        return url_for("desk.ticket", number=target.ticket)
    return url_for("logs.one", request_id=target.request_id)


def _own(words: str) -> str:
    """One's own ticket, or the form to file one: whether others have the id is not said."""
    found = own_ticket_with(words, person())
    if found is None:
        flash(_("None of your tickets names this id. Paste the error here, and we look for it."))
        return url_for("portal.home")
    return url_for("portal.own_ticket", number=found.id)
