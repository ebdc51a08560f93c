"""Search: what quotes an id jumps to it; everything else is looked for in tickets, replies and notes."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.record_view import moment
from app.core.roles import Audience
from app.core.ticket_words import LONGEST_QUERY
from app.operations.desk_search import Jump, find_errors, find_texts, jump_target, note_what_was_shown
from app.web.access import for_audience
from app.web.context import log_store, person, redactor
from app.web.desk.queue import blueprint
from app.web.render import now, page_or_partial

LONGEST_PASTE = 20_000


@blueprint.post("/search")
@for_audience(Audience.DESK)
def find() -> Response:
    """Jump where a pasted id, address, trace or error leads, or go to the page that searches for the words."""
    words = redactor().clean(request.form.get("q", "")[:LONGEST_PASTE].strip())
    target = jump_target(words, log_store())
    if target and not target.tickets:
        return redirect(_address(target), 303)
    return redirect(url_for("desk.found", q=(target.request_id if target else " ".join(words.split())[:LONGEST_QUERY])), 303)


@blueprint.get("/search")
@for_audience(Audience.DESK)
def found() -> str:
    """What has the words, the newest first; an id's tickets above."""
    words = redactor().clean(" ".join(request.args.get("q", "").split())[:LONGEST_QUERY])
    target = jump_target(words, log_store()) if words else None
    rows = find_texts(words, notes=True) if words else []
    note_what_was_shown(rows, person(), now())
    return render_template(
        "desk/found.html",
        words=words,
        rows=rows,
        jump=target,
        jump_url=_address(target) if target and not target.tickets else "",
    )


@blueprint.get("/search/log")
@for_audience(Audience.DESK)
def found_in_log() -> Response:
    """Where else an error with these words occurred; the search's page asks for it when it has been shown."""
    words = redactor().clean(" ".join(request.args.get("q", "").split())[:LONGEST_QUERY])
    places, is_more = find_errors(words, log_store()) if words else ([], False)
    page, part = "desk/found_in_log.html", "desk/_found_in_log.html"
    return page_or_partial(page, part, words=words, places=places, is_more=is_more, moment=moment)


def _address(target: Jump) -> str:
    """Where a jump goes."""
    if target.ticket is not None:
        return url_for("desk.ticket", number=target.ticket)
    return url_for("logs.one", request_id=target.request_id)
