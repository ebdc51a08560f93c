"""A note is edited by its author, struck out, and taken up again; each leaves a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import note_edits as operations
from app.store import note_traces, tickets
from app.web.access import for_audience
from app.web.context import person, redactor
from app.web.desk.queue import blueprint
from app.web.desk.ticket_page import LONGEST
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Note, Ticket


@blueprint.post("/tickets/<int:number>/notes/<int:note_id>")
@for_audience(Audience.DESK)
def edit_note(number: int, note_id: int) -> Response:
    """Another wording by the author. Whoever saves last is shown; no wording is lost."""
    ticket, note = _found(number, note_id)
    typed = request.form.get("body", "").strip()
    if not typed or len(typed) > LONGEST:
        flash(_("A note has 1 to %(most)s characters. To take it out, strike it out.", most=f"{LONGEST:,}"), "fail")
        return _back(number, note_id)
    try:
        changed = operations.edit_note(ticket, note, redactor().clean(typed), person(), now())
    except operations.NotYours:
        abort(403)
    flash(_("The note was changed. The earlier wording is kept.") if changed else _("Nothing was changed."), "ok")
    return _back(number, note_id)


@blueprint.post("/tickets/<int:number>/notes/<int:note_id>/strike")
@for_audience(Audience.DESK)
def strike_note(number: int, note_id: int) -> Response:
    """Strike a note out, or take that back."""
    ticket, note = _found(number, note_id)
    step = operations.restore_note if request.form.get("wish") == "restore" else operations.strike_note
    try:
        step(ticket, note, person(), now())
    except operations.NotYours:
        abort(403)
    return _back(number, note_id)


def _found(number: int, note_id: int) -> tuple[Ticket, Note]:
    """The ticket and its note, or 404."""
    return tickets.by_id(number) or abort(404), note_traces.note_of(number, note_id) or abort(404)


def _back(number: int, note_id: int) -> Response:
    return redirect(url_for("desk.ticket", number=number, _anchor=f"note-{note_id}"), 303)
