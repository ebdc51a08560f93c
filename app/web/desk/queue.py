"""The queue: which ticket next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.roles import Audience
from app.core.ticket import ACTIVE, State
from app.store import tickets
from app.store.tickets import QueueFilter
from app.web.access import for_audience
from app.web.context import person, redactor, rulebook
from app.web.i18n import ui_language
from app.web.render import page_or_partial

if TYPE_CHECKING:
    from app.store.models import Ticket

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
VIEWS: dict[str, tuple[State, ...]] = {
    "active": tuple(sorted(ACTIVE)),
    "todo": (State.NEW, State.OPEN),
    "waiting": (State.PENDING, State.ON_HOLD),
    "done": (State.SOLVED, State.CLOSED),
    "all": tuple(State),
}


@blueprint.get("/")
@for_audience(Audience.DESK)
def queue() -> Response:
    """Tickets by view, cause, assignee and words; filters live in the address."""
    chosen = _filter()
    rows = tickets.queue(chosen)
    page = rows[: chosen.limit]
    return page_or_partial(
        "desk/queue.html",
        "desk/_queue.html",
        tickets=page,
        older=_older(page, chosen.words) if len(rows) > chosen.limit else "",
        view=_view(),
        who=_who(),
        cause=_cause(),
        words=chosen.words,
        counts=tickets.counts_by_state(),
        cause_counts=tickets.counts_by_cause(),
        causes=rulebook().causes.causes,
        cause_options=_cause_options(),
        language=ui_language(),
        first_page=chosen.before is None,
    )


def _cause_options() -> list[tuple[str, str]]:
    """(cause id, title) for the filter."""
    language = ui_language()
    return [("", _("any cause")), *((cause.id, cause.title[language]) for cause in rulebook().causes.causes.values())]


def _filter() -> QueueFilter:
    """The filter the address names; nonsense in it is ignored."""
    cause, who = _cause(), _who()
    return QueueFilter(
        states=VIEWS[_view()],
        causes=(cause,) if cause else (),
        assignee_id=person().id if who == "me" else None,
        unassigned=who == "nobody",
        words=redactor().clean(request.args.get("q", "")[:120].strip()),
        before=_before(request.args.get("before", "")),
    )


def _view() -> str:
    """The view asked for, if there is one of that name."""
    view = request.args.get("view", "")
    return view if view in VIEWS else "todo"


def _who() -> str:
    """`me`, `nobody`, or empty for everybody."""
    who = request.args.get("who", "")
    return who if who in {"me", "nobody"} else ""


def _cause() -> str:
    """The cause asked for, if it is one; empty for any."""
    cause = request.args.get("cause", "")
    return cause if cause in rulebook().causes.causes else ""


def _before(cursor: str) -> tuple[datetime, int] | None:
    """The keyset cursor: microseconds since 1970 and the ticket's number."""
    micros, _dash, number = cursor.partition("-")
    if not (micros.isdecimal() and number.isdecimal() and len(micros) < 18 and len(number) < 12):
        return None
    return datetime.fromtimestamp(int(micros) / 1_000_000, UTC), int(number)


def _older(page: Sequence[Ticket], words: str) -> str:
    """The address of the next page, with the filters of this one."""
    last = page[-1]
    cursor = f"{round(last.updated_at.timestamp() * 1_000_000)}-{last.id}"
    return url_for("desk.queue", before=cursor, view=_view(), who=_who() or None, cause=_cause() or None, q=words or None)
