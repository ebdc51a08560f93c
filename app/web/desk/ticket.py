"""One page per ticket, and what staff decide there: state, assignee, cause, log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.ticket import IllegalMove, State
from app.operations import tickets as operations
from app.operations.bulk import BulkWish, apply_to_all
from app.operations.writing import look_at
from app.store import relations, tickets, users
from app.web.access import for_audience
from app.web.context import log_store, person, rulebook
from app.web.desk.lists import offer_undo
from app.web.desk.queue import blueprint
from app.web.desk.ticket_page import Composing, ticket_page
from app.web.desk.words import state_names
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.store.models import Ticket

WIDEST = 8


@blueprint.get("/tickets/<int:number>")
@for_audience(Audience.DESK)
def ticket(number: int) -> Response:
    """The diagnosis page; opening it is an audited private read."""
    found = _ticket(number)
    page = ticket_page(found, Composing(ready=request.args.get("reply")))
    look_at(found, person(), now())  # last, and in one step: a commit makes the session read everything again
    return page


@blueprint.post("/tickets/<int:number>/state")
@for_audience(Audience.DESK)
def state(number: int) -> Response:
    """Move the ticket, and those under it if asked; what goes on hold needs somebody to do something by a date."""
    target, found = request.form.get("state", ""), _ticket(number)
    if target not in set(State):
        abort(400)
    if target == State.ON_HOLD and found.next_due is None:
        flash(_("A ticket on hold needs a next action, its owner and a date. Agree on them first."), "fail")
        return _back(number, "next")
    under = relations.pointing_to(number, "child") if request.form.get("also") == "1" else ()
    if under:
        return _move_all([number, *under], State(target))
    try:
        step = operations.set_state(found, State(target), person(), now())
    except IllegalMove:
        flash(_("The ticket cannot go there from its present state."), "fail")
    else:
        offer_undo(_("Moved to: %(state)s.", state=state_names()[target]), step)
    return _back(number)


def _move_all(numbers: list[int], target: State) -> Response:
    """A ticket and those under it in one step, which is taken back as one."""
    done = apply_to_all(numbers, BulkWish(state=target), person(), now())
    said = ngettext("%(num)s ticket moved to: %(state)s.", "%(num)s tickets moved to: %(state)s.", done.done, state=state_names()[target])
    offer_undo(said, done.step)
    return _back(numbers[0])


@blueprint.post("/tickets/<int:number>/assignee")
@for_audience(Audience.DESK)
def assignee(number: int) -> Response:
    """Give the ticket to a colleague, to oneself, or back to the queue."""
    wanted = request.form.get("assignee", "")
    chosen = next((user for user in users.staff() if str(user.id) == wanted), None)
    if wanted and chosen is None:
        abort(400)
    step = operations.assign(_ticket(number), chosen, person(), now())
    offer_undo(_("Assigned to %(name)s.", name=chosen.display_name) if chosen else _("Given back to the queue."), step)
    return _back(number)


@blueprint.post("/tickets/<int:number>/cause")
@for_audience(Audience.DESK)
def cause(number: int) -> Response:
    """Say what it was; a person's word stands."""
    wanted = request.form.get("cause", "")
    if wanted not in rulebook().causes.causes:
        abort(400)
    operations.confirm_cause(_ticket(number), wanted, person(), rulebook(), now())
    flash(_("The cause was set."), "ok")
    return _back(number, "diagnosis")


@blueprint.post("/tickets/<int:number>/matches/<int:match_id>")
@for_audience(Audience.DESK)
def decide(number: int, match_id: int) -> Response:
    """Confirm or reject a log line, or take that back."""
    found = _ticket(number)
    match = tickets.match(number, match_id) or abort(404)
    wish = request.form.get("decision", "")
    decision = wish if wish in {"confirmed", "rejected"} else None
    operations.decide_match(found, match, decision, person(), rulebook(), log_store(), now())
    return _back(number, "matches")


@blueprint.post("/tickets/<int:number>/matches")
@for_audience(Audience.DESK)
def look_again(number: int) -> Response:
    """Match and diagnose anew, in a wider window if asked."""
    widen = min(whole_number(request.form.get("widen")) or 1, WIDEST)
    operations.look_again(_ticket(number), person(), rulebook(), log_store(), now(), widen)
    return _back(number, "matches")


@blueprint.post("/tickets/<int:number>/link")
@for_audience(Audience.DESK)
def link(number: int) -> Response:
    """Revoke the requester's secret links."""
    operations.revoke_links(_ticket(number), person(), now())
    flash(_("The secret link no longer works."), "ok")
    return _back(number)


def _ticket(number: int) -> Ticket:
    """The ticket, or 404."""
    return tickets.by_id(number) or abort(404)


def _back(number: int, anchor: str | None = None) -> Response:
    """To the ticket's page."""
    return redirect(url_for("desk.ticket", number=number, _anchor=anchor), 303)
