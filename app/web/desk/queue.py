"""The queue: what to do next, and any list of tickets one can ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Blueprint, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.ticket_query import QueueFilter, TicketQuery, continued, cursor_text, read_cursor, read_query, resolve
from app.store import guests, hand_offs, saved_views, ticket_queue, users
from app.web.access import for_audience
from app.web.context import person, redactor, rulebook
from app.web.desk.list_words import about_words, filter_options, notice_words, view_names
from app.web.desk.rows import rows_of
from app.web.i18n import ui_language
from app.web.render import now, page_or_partial, time_tag, wants_part

if TYPE_CHECKING:
    from app.store.ticket_queue import ListedTicket

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
RAIL: Mapping[str, TicketQuery] = {  # the views that come with the desk
    "todo": TicketQuery(),
    "mine": TicketQuery(who="me"),
    "new": TicketQuery(view="new", who="nobody", sort="oldest"),
    "answered": TicketQuery(talk="answered", sort="waiting"),
    "soon": TicketQuery(view="active", clock="soon", sort="due"),
    "waiting": TicketQuery(view="waiting"),
    "no_action": TicketQuery(view="working", next="missing", sort="oldest"),
    "active": TicketQuery(view="active"),
    "done": TicketQuery(view="done"),
    "all": TicketQuery(view="all"),
}
NEXT: Mapping[str, TicketQuery] = {  # what to do next, in the order to do it
    "mine": TicketQuery(who="me", sort="waiting"),
    "answered": TicketQuery(talk="answered", sort="waiting"),
    "longest": TicketQuery(sort="waiting"),
    "new": TicketQuery(view="new", who="nobody", sort="oldest"),
}
IN_NEXT = 3


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A view in the rail."""

    name: str
    url: str
    count: int
    current: bool
    own_id: int | None = None  # of a saved view that the reader may remove
    shared: bool = False


@blueprint.get("/")
@for_audience(Audience.DESK)
def queue() -> Response:
    """Tickets by whatever the address asks; without a question, what to do next comes first."""
    query = asked()
    chosen = continued(filter_of(query), read_cursor(request.args.get("before", "")))
    rows = ticket_queue.page(chosen)
    page = rows[: chosen.limit]
    return page_or_partial(
        "desk/queue.html",
        "desk/_queue.html",
        rows=rows_of(page, rulebook().causes, ui_language()),
        older=_older(page, query) if len(rows) > chosen.limit else "",
        query=query,
        first_page=chosen.before is None,
        dense=_dense(),
        staff=users.staff_names(),
        me=person(),
        address=address_of,
        **({} if wants_part() else _around(query)),
    )


def _around(query: TicketQuery) -> dict[str, Any]:
    """What stands around the list: not asked for when only the list is."""
    views = _views(query)
    return {
        "views": views,
        "counts": {name: view.count for name, view in zip(RAIL, views, strict=False)},
        "cause_counts": _cause_counts(),
        "causes": rulebook().causes.causes,
        "options": filter_options(rulebook().causes, ui_language()),
        "suspected": guests.counts()["suspected"],
        "most": ticket_queue.MOST_COUNTED,
        "language": ui_language(),
        **(_first_screen() if _plain() else {}),
    }


def _first_screen() -> dict[str, Any]:
    """What to do next, and what the desk has to tell."""
    return {
        "next_up": _next_up(),
        "next_urls": {name: address_of(each) for name, each in NEXT.items()},
        "notices": hand_offs.notices(person().id),
        "notice_words": notice_words(),
        "about_words": about_words(),
    }


def _next_up() -> dict[str, list[tuple[ListedTicket, Markup]]]:
    """The first tickets of each list of what to do next, with since when they wait."""
    found = ticket_queue.first_of({name: filter_of(each) for name, each in NEXT.items()}, IN_NEXT)
    return {name: [(ticket, _since(ticket)) for ticket in rows] for name, rows in found.items()}


def _since(ticket: ListedTicket) -> Markup:
    return time_tag(ticket.waiting_since or ticket.created_at, "nowrap")


def asked() -> TicketQuery:
    """The list this request's address asks for."""
    return read_query(request.args, rulebook().causes, redactor().clean)


def query_of(text: str) -> TicketQuery:
    """A list from an address's query as it was saved."""
    return read_query(dict(parse_qsl(text)), rulebook().causes, redactor().clean)


def filter_of(query: TicketQuery) -> QueueFilter:
    """The list as the store takes it, for this person at this moment."""
    return resolve(query, rulebook().causes, person().id, now())


def address_of(query: TicketQuery, **more: str | None) -> str:
    """Where a list is."""
    return _address(query, tuple(more.items()), request.script_root)


@lru_cache(maxsize=1_024)
def _address(query: TicketQuery, more: tuple[tuple[str, str | None], ...], root: str) -> str:  # noqa: ARG001 - the address begins with it
    given: dict[str, Any] = {**query.address(), **dict(more)}
    return url_for("desk.queue", **given)


def _views(query: TicketQuery) -> list[ViewLink]:
    """The rail: the desk's views, one's own and the shared ones, all counted in one statement."""
    names, saved = view_names(), saved_views.of_person(person().id)
    queries = [*RAIL.values(), *(query_of(view.query) for view in saved)]
    counted = ticket_queue.counts([filter_of(each) for each in queries])
    links = [ViewLink(names[name], address_of(each), counted[place], each == query) for place, (name, each) in enumerate(RAIL.items())]
    for place, view in enumerate(saved, len(RAIL)):
        own = view.id if view.owner_id == person().id else None
        links.append(ViewLink(view.name, address_of(queries[place]), counted[place], queries[place] == query, own, view.shared))
    return links


def _cause_counts() -> list[tuple[str, int]]:
    """The commonest causes of active tickets."""
    counted = ticket_queue.counts_by_cause(rulebook().causes.causes)
    return sorted(counted.items(), key=lambda pair: -pair[1])[:9]


def _plain() -> bool:
    """Whether the address asks nothing: the first screen."""
    return not request.args.keys() - {"lang", "rows"}


def _dense() -> bool:
    """One line a ticket, or two; remembered for the session."""
    if request.args.get("rows") in {"dense", "comfortable"}:
        session["rows"] = request.args["rows"]
    return bool(session.get("rows") == "dense")


def _older(page: Sequence[ListedTicket], query: TicketQuery) -> str:
    """The address of the next page, with the filters of this one."""
    at, number = ticket_queue.cursor_of(page[-1], query.sort)
    return address_of(query, before=cursor_text(at, number))
