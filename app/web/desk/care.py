"""Who goes on with a ticket and what it hangs together with: hand-off, next action, merge, split, links, followers, tags."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import hand_off as hand_off_operations
from app.operations import relations as relation_operations
from app.operations.bulk import BulkWish, apply_to_all
from app.operations.bulk import remove_tag as drop_tag
from app.operations.hand_off import HandOffWish, NextStep
from app.operations.relations import CannotRelate
from app.store import relations, tickets, users
from app.store.service_rules import service_book
from app.web.access import for_audience
from app.web.context import person, redactor, rulebook
from app.web.desk.lists import LONGEST_TAG, offer_undo
from app.web.desk.queue import blueprint
from app.web.desk.sheets import ticked
from app.web.numbers import whole_number
from app.web.render import now

if TYPE_CHECKING:
    from app.core.redacted_text import RedactedText
    from app.store.models import Ticket, User

LONGEST_WORDS = 4_000


@blueprint.post("/tickets/<int:number>/next")
@for_audience(Audience.DESK)
def agree(number: int) -> Response:
    """Agree on what is done next, or say that it is done."""
    found = _ticket(number)
    if request.form.get("wish") == "done":
        hand_off_operations.end_next(found, person(), now())
        return _back(number, "next")
    step = _next_step()
    if step is None:
        flash(_("A next action needs words, an owner and a date."), "fail")
    else:
        hand_off_operations.agree_next(found, step, person(), now())
        flash(_("The next action is agreed."), "ok")
    return _back(number, "next")


@blueprint.post("/tickets/<int:number>/hand-off")
@for_audience(Audience.DESK)
def hand_over(number: int) -> Response:
    """Give the ticket to the next person with what they need."""
    found, step, to = _ticket(number), _next_step("to"), _colleague("to")
    tried, queue = _text("tried"), request.form.get("queue", "")
    if step is None or to is None or not tried or queue not in service_book().queues:
        flash(_("A hand-off needs the next owner, what was tried, the next action and its date."), "fail")
        return _back(number, "hand-off")
    wish = HandOffWish(to, _colleague("backup"), queue, tried, step, _text("review_note") or None, ticked(queue))
    hand_off_operations.hand_over(found, wish, person(), now())
    flash(_("Handed over to %(name)s.", name=to.display_name), "ok")
    return _back(number)


@blueprint.post("/tickets/<int:number>/relations")
@for_audience(Audience.DESK)
def relate(number: int) -> Response:
    """Merge into, put under, or link to another ticket."""
    found, kind = _ticket(number), request.form.get("kind", "")
    other = tickets.by_id(whole_number(request.form.get("other", "").strip().lstrip("#")) or 0)
    step = {"merged": relation_operations.merge, "child": relation_operations.put_under, "related": relation_operations.link}.get(kind)
    if step is None or other is None:
        flash(_("There is no such ticket."), "fail")
        return _back(number, "related")
    try:
        done = step(found, other, person(), now())
    except CannotRelate as error:
        flash(_cannot()[str(error)], "fail")
        return _back(number, "related")
    said = {"merged": _("Merged into ticket %(number)s.", number=other.id), "child": _("Put under ticket %(number)s.", number=other.id)}
    offer_undo(said.get(kind, _("Linked to ticket %(number)s.", number=other.id)), done)
    return redirect(url_for("desk.ticket", number=other.id if kind == "merged" else number), 303)


@blueprint.post("/tickets/<int:number>/relations/<int:relation_id>/end")
@for_audience(Audience.DESK)
def end_relation(number: int, relation_id: int) -> Response:
    """The two tickets have nothing to do with one another any more."""
    relation = relations.one_of(number, relation_id) or abort(404)
    if relation.kind == "merged":
        abort(400)
    offer_undo(_("The link was ended."), relation_operations.end_relation(_ticket(number), relation, person(), now()))
    return _back(number, "related")


@blueprint.post("/tickets/<int:number>/split")
@for_audience(Audience.DESK)
def split(number: int) -> Response:
    """Move words of the requester to a ticket of their own."""
    numbers = [word for typed in request.form.getlist("word") if (word := whole_number(typed))]
    try:
        fresh, step = relation_operations.split(_ticket(number), numbers, person(), rulebook(), now())
    except CannotRelate as error:
        flash(_cannot()[str(error)], "fail")
        return _back(number, "related")
    offer_undo(_("Moved to the new ticket %(number)s.", number=fresh.id), step)
    return _back(fresh.id)


@blueprint.post("/tickets/<int:number>/followers")
@for_audience(Audience.DESK)
def follow(number: int) -> Response:
    """Hear of this ticket, or no longer."""
    relation_operations.follow(_ticket(number), person(), now(), on=request.form.get("on") == "1")
    return _back(number, "related")


@blueprint.post("/tickets/<int:number>/tags")
@for_audience(Audience.DESK)
def tag(number: int) -> Response:
    """File the ticket under a word."""
    word = _text("tag")[:LONGEST_TAG] if request.form.get("tag") else ""
    if word.strip():
        done = apply_to_all([_ticket(number).id], BulkWish(tag=redactor().clean(" ".join(word.split()))), person(), now())
        offer_undo(_("The tag was added."), done.step)
    return _back(number, "related")


@blueprint.post("/tickets/<int:number>/tags/removal")
@for_audience(Audience.DESK)
def remove_tag(number: int) -> Response:
    """The ticket is filed under this word no longer."""
    word = _text("tag")
    if drop_tag(_ticket(number), word, person(), now()):
        flash(_("The tag “%(tag)s” was removed.", tag=word), "ok")
    return _back(number, "related")


def _next_step(owner_field: str = "owner") -> NextStep | None:
    """The next action the form names; None when a part is missing."""
    action, owner = _text("action"), _colleague(owner_field)
    try:
        due = date.fromisoformat(request.form.get("due", ""))
    except ValueError:
        return None
    return NextStep(action, owner, due) if action and owner else None


def _colleague(name: str) -> User | None:
    """The person at the desk a field names."""
    return next((user for user in users.staff() if str(user.id) == request.form.get(name)), None)


def _text(name: str) -> RedactedText:
    """A field's words, redacted."""
    return redactor().clean(request.form.get(name, "").strip()[:LONGEST_WORDS])


def _cannot() -> dict[str, str]:
    """Why tickets cannot hang together."""
    return {
        "same": _("A ticket cannot hang together with itself."),
        "merged": _("One of the two was merged already. Take that back first."),
        "related": _("The two hang together like that already."),
        "nothing": _("Choose words of the requester to move."),
        "guest": _("A guest follows one secret link: their words stay on one ticket."),
    }


def _ticket(number: int) -> Ticket:
    return tickets.by_id(number) or abort(404)


def _back(number: int, anchor: str | None = None) -> Response:
    return redirect(url_for("desk.ticket", number=number, _anchor=anchor), 303)
