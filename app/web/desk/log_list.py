"""The gateway's log as a list for staff: filters in the address, a live tail, and what is shown as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.core.log_export import csv_lines, ndjson_lines
from app.core.log_filter import Cursor, LogFilter, LogPage, Shown
from app.core.record import RedactedRecord
from app.core.record_view import moment
from app.core.roles import Audience
from app.operations.log_export import note_export
from app.store.logs import LogStore
from app.web.access import for_audience
from app.web.context import log_store, person, redactor
from app.web.desk.log_address import asked_cursor, asked_filter, local_minute, query_of
from app.web.desk.log_views import views
from app.web.desk.logs import blueprint
from app.web.downloads import as_file
from app.web.render import now, page_or_partial

PAGE = 50
MOST_EXPORTED = 50_000
LINES_AT_ONCE = 1_000


@blueprint.get("/")
@for_audience(Audience.DESK)
def recent() -> Response:
    """Newest records, problems only unless asked otherwise; pasting an id jumps to it."""
    wanted = redactor().clean(request.args.get("id", "").strip()[:200])
    if wanted:
        return redirect(url_for("logs.one", request_id=wanted), 303)
    chosen, cursor = asked_filter(), asked_cursor()
    found = log_store().find(chosen, PAGE, cursor)
    query = query_of(chosen)
    live = request.args.get("live") == "1" and cursor is None
    return page_or_partial(
        "desk/logs.html",
        "desk/_logs.html",
        rows=found.records,
        chosen=chosen,
        query=query,
        shown_options=_shown_options(),
        log_views=views(query) if request.headers.get("HX-Request") is None else (),
        older=_older(query, found.older),
        looked_back_to=_looked_back_to(found),
        first_page=cursor is None,
        live=live,
        moment=moment,
        local_minute=local_minute,
    )


@blueprint.get("/export.<any(csv,ndjson):file_type>")
@for_audience(Audience.DESK)
def export(file_type: str) -> Response:
    """What the filter shows, as a file: the fields staff may see, read by today's redaction rules once more."""
    note_export(file_type, person(), now())
    records = _all_records(log_store(), asked_filter())
    lines = csv_lines(records, redactor()) if file_type == "csv" else ndjson_lines(records, redactor())
    return as_file(lines, f"gateway-log-{now():%Y%m%d-%H%M}", file_type)


def _all_records(log: LogStore, chosen: LogFilter) -> Iterator[RedactedRecord]:
    """Page after page, up to a bound; read while the file is sent, when the request is over."""
    cursor, given = None, 0
    while given < MOST_EXPORTED:
        found = log.find(chosen, LINES_AT_ONCE, cursor)
        yield from found.records
        given += len(found.records)
        cursor = found.older
        if cursor is None:
            return


def _older(query: dict[str, str], cursor: Cursor | None) -> str:
    """The address of the next page, with the filter of this one."""
    values: dict[str, Any] = {**query, "before": str(cursor)}
    return url_for("logs.recent", **values) if cursor else ""


def _looked_back_to(found: LogPage) -> int | None:
    """How far a search came (epoch ms) that ended before the log did; None when it found a full page or came to the end."""
    if found.older is None or len(found.records) == PAGE:
        return None
    return found.older.started_at


def _shown_options() -> list[tuple[str, str]]:
    return [
        (Shown.PROBLEMS, _("problems only")),
        (Shown.ALL, _("every request")),
        (Shown.ERROR, _("errors")),
        (Shown.PARTIAL, _("broken streams")),
        (Shown.CANCELLED, _("requests the client gave up")),
        (Shown.OK, _("successes")),
    ]
