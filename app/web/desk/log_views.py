"""Filters of the log that people keep under a name, their own and everybody's, each with how many records fit of late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.operations import saved_views as operations
from app.store import saved_views
from app.web.access import for_audience
from app.web.context import log_store, person, redactor
from app.web.desk.lists import LONGEST_NAME
from app.web.desk.log_address import asked_filter, query_of, read_filter
from app.web.desk.logs import blueprint
from app.web.render import now, page_or_partial

LOGS = "logs"
MOST_COUNTED = 100
COUNTED = timedelta(hours=24)  # as far back as a count looks


@dataclass(frozen=True, slots=True)
class LogView:
    """A kept filter. count: what fits of the last day, at most MOST_COUNTED + 1; None: not counted yet."""

    name: str
    url: str
    current: bool
    own_id: int | None
    shared: bool
    count: int | None = None


@blueprint.get("/views")
@for_audience(Audience.DESK)
def counted() -> Response:
    """The kept filters with their counts: the log's page asks for it when it has been shown."""
    return page_or_partial(
        "desk/log_views.html", "desk/_log_views.html", log_views=views(query_of(asked_filter()), count=True), most=MOST_COUNTED
    )


@blueprint.post("/views")
@for_audience(Audience.DESK)
def save() -> Response:
    """Keep a filter under a name."""
    name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
    query = query_of(read_filter(dict(parse_qsl(request.form.get("back", "")[:2_000]))))
    address = _address(query)
    if name:
        clean = redactor().clean
        operations.save_view(clean(name), clean(address.partition("?")[2]), request.form.get("shared") == "1", person(), now(), LOGS)
        flash(_("The view was saved."), "ok")
    else:
        flash(_("Give the view a name."), "fail")
    return redirect(address, 303)


@blueprint.post("/views/<int:view_id>/removal")
@for_audience(Audience.DESK)
def remove(view_id: int) -> Response:
    """Forget a filter of one's own."""
    operations.remove_view(saved_views.one_of(person().id, view_id) or abort(404), person(), now())
    return redirect(url_for("logs.recent"), 303)


def views(shown: dict[str, str], *, count: bool = False) -> list[LogView]:
    """One's own and the shared filters; counting asks the log once for each."""
    found = []
    for row in saved_views.of_person(person().id, LOGS):
        query = query_of(read_filter(dict(parse_qsl(row.query))))
        own = row.id if row.owner_id == person().id else None
        found.append(LogView(row.name, _address(query), query == shown, own, row.shared, _count(query) if count else None))
    return found


def _count(query: dict[str, str]) -> int:
    """How many records of the last day fit, or of the time the filter names; bounded."""
    chosen = read_filter(query)
    since = int((now() - COUNTED).timestamp() * 1000)
    found = log_store().find(chosen if chosen.since else replace(chosen, since=since), MOST_COUNTED + 1)
    return len(found.records)


def _address(query: dict[str, str]) -> str:
    values: dict[str, Any] = {**query}
    return url_for("logs.recent", **values)
