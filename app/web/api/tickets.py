"""Reading: the desk's list by its own filters and words, and one ticket with what staff know of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from flask import Response, request

from app.core.roles import Audience
from app.core.ticket_query import PAGE, TicketQuery, continued, cursor_text, misread, read_cursor, read_query, resolve
from app.operations.desk_tokens import note_read
from app.store import ticket_queue
from app.web.access import for_audience
from app.web.api.bodies import refuse_unknown, wrong
from app.web.api.calls import answer, blueprint, caller, ticket_or_404
from app.web.api.shown import listed, whole
from app.web.context import redactor, rulebook
from app.web.numbers import whole_number
from app.web.render import now

MOST = 100
FILTERS = tuple(each.name for each in fields(TicketQuery))


@blueprint.get("/tickets")
@for_audience(Audience.API)
def ticket_list() -> Response:
    """One page of the list that the query asks for, as on the desk; `next` continues it."""
    query, limit, before = _asked()
    chosen = resolve(query, rulebook().causes, caller().user.id, now())
    rows = ticket_queue.page(replace(continued(chosen, before), limit=limit))
    shown = rows[:limit]
    more = cursor_text(*ticket_queue.cursor_of(shown[-1], query.sort)) if len(rows) > limit else None
    return answer({"tickets": [listed(row, now()) for row in shown], "next": more})


@blueprint.get("/tickets/<int:number>")
@for_audience(Audience.API)
def ticket(number: int) -> Response:
    """One ticket; an audited private read, as opening its page is."""
    shown = whole(ticket_or_404(number), caller(), now())
    note_read(caller(), number, now())
    return answer(shown)


def _asked() -> tuple[TicketQuery, int, Any]:
    """The list, how much of it, and from where on. Raises Problem, where the desk's page would ignore nonsense."""
    given = {name: value for name, value in request.args.items() if name not in {"limit", "before"}}
    refuse_unknown(given.keys() - set(FILTERS), {*FILTERS, "limit", "before"})
    query = read_query(given, rulebook().causes, redactor().clean)
    for name in misread(given, query):
        raise wrong(name, f"{name} has no such value; the description at /api/v1/openapi.json names those it has")
    limit = whole_number(request.args.get("limit", str(PAGE)))
    if limit is None or not 1 <= limit <= MOST:
        raise wrong("limit", f"limit is a number from 1 to {MOST}")
    cursor = request.args.get("before")
    before = read_cursor(cursor) if cursor is not None else None
    if cursor is not None and before is None:
        raise wrong("before", "before is what `next` of the page before was")
    return query, limit, before
