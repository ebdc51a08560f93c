"""Go through a checklist, alone or for a ticket: begin, tick, note, end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from app.core.roles import Audience
from app.operations.checklists import Ended, NothingToTick, OpenPoints, begin_run, end_run, note_on_run, reopen_run, tick_point
from app.store import checklists, tickets
from app.web.access import for_audience
from app.web.content.board import blueprint
from app.web.content.doors import there
from app.web.context import person, redactor, settings
from app.web.forms import RedactingForm
from app.web.numbers import whole_number
from app.web.render import can, now, page_or_partial

if TYPE_CHECKING:
    from app.store.models import Ticket
    from app.store.models_content import ChecklistRun


@dataclass(frozen=True, slots=True)
class Line:
    """A point as the page shows it. heading: what it stands under, at the first of its group."""

    id: str
    text: str
    heading: str
    done: bool
    who: str
    at: datetime | None


class RunNoteForm(RedactingForm):
    """What there is to say about a run."""

    note = TextAreaField(lazy_gettext("Note on this run"), validators=[Length(max=2_000)])


@blueprint.post("/articles/<int:article_id>/runs")
@for_audience(Audience.STAFF)
def begin(article_id: int) -> Response:
    """Begin a run of a published checklist."""
    article, ticket = there(article_id), _ticket()
    gateway = settings().gateway_url, settings().gateway_name
    try:
        run = begin_run(article, ticket, person(), redactor(), now(), gateway)
    except NothingToTick:
        flash(_("Only a published checklist with points can be run."), "fail")
        return redirect(url_for("kb.article", language=article.language, slug=article.slug), 303)
    return redirect(url_for("content.run", run_id=run.id), 303)


@blueprint.get("/runs/<int:run_id>")
@for_audience(Audience.STAFF)
def run(run_id: int) -> Response:
    """A run with its points."""
    return _page(_run(run_id), RunNoteForm(formdata=None, note=_run(run_id).note))


@blueprint.post("/runs/<int:run_id>/ticks")
@for_audience(Audience.STAFF)
def tick_run(run_id: int) -> Response:
    """Tick a point, or take the tick back."""
    found = _run(run_id)
    try:
        tick_point(found, request.form.get("point", ""), person(), now(), done=request.form.get("done") == "1")
    except KeyError:
        abort(404)
    except Ended:
        flash(_("The run is over. Take it up again to change it."), "fail")
    return _answer(found)


@blueprint.post("/runs/<int:run_id>/note")
@for_audience(Audience.STAFF)
def note_run(run_id: int) -> Response:
    """Keep the note."""
    found, form = _run(run_id), RunNoteForm()
    if not form.validate():
        response = _page(found, form)
        response.status_code = 422
        return response
    try:
        note_on_run(found, redactor().clean(form.note.data) if form.note.data else None)
    except Ended:
        flash(_("The run is over. Take it up again to change it."), "fail")
    else:
        flash(_("The note was saved."), "ok")
    return redirect(url_for("content.run", run_id=run_id), 303)


@blueprint.post("/runs/<int:run_id>/end")
@for_audience(Audience.STAFF)
def finish_run(run_id: int) -> Response:
    """End the run, or take it up again."""
    found = _run(run_id)
    try:
        if request.form.get("wish") == "reopen":
            reopen_run(found, person(), now())
        else:
            end_run(found, person(), now())
    except OpenPoints:
        flash(_("Points are still open. Tick them, or say in the note why the run ends without them."), "fail")
    except Ended:
        flash(_("The run is over already."))
    return redirect(url_for("content.run", run_id=run_id), 303)


def _page(found: ChecklistRun, form: RunNoteForm) -> Response:
    """The page, or its list of points alone."""
    lines = list(_lines(found))
    done = sum(line.done for line in lines)
    return page_or_partial(
        "content/run.html", "content/_run.html", run=found, lines=lines, done=done, form=form, sees_tickets=can(Audience.DESK)
    )


def _answer(found: ChecklistRun) -> Response:
    """The points anew for htmx, the page for everybody else."""
    if request.headers.get("HX-Request"):
        return _page(found, RunNoteForm(formdata=None, note=found.note))
    return redirect(url_for("content.run", run_id=found.id), 303)


def _lines(found: ChecklistRun) -> Iterator[Line]:
    """The points with who ticked them."""
    ticks, group = checklists.ticks(found.id), ""
    for point in _points(found):
        tick = ticks.get(point["id"])
        heading, group = ("" if point["group"] == group else point["group"]), point["group"]
        yield Line(
            id=point["id"],
            text=point["text"],
            heading=heading,
            done=bool(tick and tick.done),
            who=tick.actor.display_name if tick else "",
            at=tick.at if tick else None,
        )


def _points(found: ChecklistRun) -> Sequence[dict[str, str]]:
    return found.points


def _run(run_id: int) -> ChecklistRun:
    """The run, or 404."""
    return checklists.run(run_id) or abort(404)


def _ticket() -> Ticket | None:
    """The ticket the run is for; only for those who see tickets."""
    number = whole_number(request.form.get("ticket"))
    if number is None or not can(Audience.DESK):
        return None
    return tickets.by_id(number) or abort(404)
