"""What is done to lists: one step for many tickets, saved views, and taking a step back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.ticket import State
from app.operations import saved_views as view_operations
from app.operations import undo as undo_operations
from app.operations.bulk import BulkWish, apply_to_all
from app.store import saved_views, undo_steps, users
from app.web.access import for_audience
from app.web.context import person, redactor
from app.web.desk.queue import address_of, blueprint, query_of
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models_desk import UndoStep

LONGEST_NAME = 60
LONGEST_TAG = 32


@blueprint.post("/bulk")
@for_audience(Audience.DESK)
def bulk() -> Response:
    """Do one thing to every chosen ticket."""
    numbers = [number for typed in request.form.getlist("ticket") if (number := whole_number(typed))]
    wish = _wish(request.form.get("wish", ""), request.form.get("tag", "").strip()[:LONGEST_TAG])
    if not numbers or wish is None:
        flash(_("Choose tickets, and what to do with them."), "fail")
        return _back()
    done = apply_to_all(numbers, wish, person(), now())
    text = ngettext("%(num)s ticket changed.", "%(num)s tickets changed.", done.done)
    if done.skipped:
        text += " " + ngettext("%(num)s could not take this step.", "%(num)s could not take this step.", done.skipped)
    offer_undo(text, done.step)
    return _back()


@blueprint.post("/views")
@for_audience(Audience.DESK)
def save_view() -> Response:
    """Keep this list under a name."""
    name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
    query = query_of(request.form.get("back", "")[:2_000])
    if not name:
        flash(_("Give the view a name."), "fail")
        return redirect(address_of(query), 303)
    clean = redactor().clean
    kept = address_of(query).partition("?")[2]
    view_operations.save_view(clean(name), clean(kept), request.form.get("shared") == "1", person(), now())
    flash(_("The view was saved."), "ok")
    return redirect(address_of(query), 303)


@blueprint.post("/views/<int:view_id>/removal")
@for_audience(Audience.DESK)
def remove_view(view_id: int) -> Response:
    """Forget a view of one's own."""
    view_operations.remove_view(saved_views.one_of(person().id, view_id) or abort(404), person(), now())
    return redirect(url_for("desk.queue"), 303)


@blueprint.get("/steps")
@for_audience(Audience.DESK)
def steps() -> str:
    """One's own last steps, each with its way back for as long as it was not taken."""
    return render_template("desk/steps.html", steps=undo_steps.recent(person().id), words=step_words())


@blueprint.post("/undo/<int:step_id>")
@for_audience(Audience.DESK)
def undo(step_id: int) -> Response:
    """Take a step back."""
    step = undo_steps.by_id(step_id) or abort(404)
    undone = undo_operations.take_back(step, person(), now())
    text = ngettext("Taken back on %(num)s ticket.", "Taken back on %(num)s tickets.", undone.back)
    if undone.stayed:
        text += " " + ngettext("%(num)s was changed since and stays.", "%(num)s were changed since and stay.", undone.stayed)
    flash(text, "ok")
    number = step.entries[0]["ticket"] if len(step.entries) == 1 else None
    return redirect(url_for("desk.ticket", number=number) if number else url_for("desk.queue"), 303)


def offer_undo(text: str, step: UndoStep | None) -> None:
    """Say what was done, with a way back."""
    flash({"text": text, "undo_url": url_for("desk.undo", step_id=step.id)} if step else text, "undo" if step else "info")  # type: ignore[arg-type]  # the toast takes both


def step_words() -> dict[str, str]:
    """Steps that can be taken back, by kind."""
    return {
        "state": _("moved to another state"),
        "assignee": _("assigned"),
        "bulk": _("many at once"),
        "merge": _("merged"),
        "split": _("split"),
        "child": _("put under another ticket"),
        "related": _("linked"),
        "end": _("ended a link"),
    }


def _wish(wish: str, tag: str) -> BulkWish | None:
    """What the form asks for all; None for nonsense."""
    kind, _colon, value = wish.partition(":")
    if kind == "tag" and tag:
        return BulkWish(tag=redactor().clean(tag))
    if kind == "state" and value in set(State):
        return BulkWish(state=State(value))
    if kind == "assign":
        chosen = next((user for user in users.staff() if str(user.id) == value), None)
        return BulkWish(assign=True, assignee=chosen) if chosen or not value else None
    return None


def _back() -> Response:
    """To the list the form came from."""
    return redirect(address_of(query_of(request.form.get("back", "")[:2_000])), 303)
