"""One page per request of the gateway's log, with its attempts, for staff."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, render_template, request

from app.core.record import RedactedRecord
from app.core.record_view import moment, requester_row, staff_row
from app.core.roles import Audience
from app.operations import tickets as operations
from app.store import tickets
from app.web.access import for_audience
from app.web.came_from import came_from
from app.web.context import log_store, person, rulebook
from app.web.desk.retries import suggested
from app.web.desk.words import field_names, outcome_sentence
from app.web.render import now

blueprint = Blueprint("logs", __name__, url_prefix="/logs")
IN_HEAD = {"request_id", "attempt", "error_message"}


@blueprint.get("/<path:request_id>")
@for_audience(Audience.DESK)
def one(request_id: str) -> str:
    """One request with its attempts, as staff see it and as its requester would; an audited private read."""
    attempts = log_store().request(request_id)
    if not attempts:
        abort(404)
    operations.note_private_read("log", attempts[0].record_id, person(), now(), came_from())
    return render_template(
        "desk/log.html",
        request_id=attempts[-1].request_id,
        attempts_list=attempts,
        retries=suggested(attempts[0]),
        outcome_sentence=outcome_sentence(attempts),
        field_names=field_names(),
        fields=_fields(attempts),
        requester_rows=[requester_row(record, rulebook().model_names) for record in attempts],
        as_requester=request.args.get("view") == "requester",
        tickets=tickets.tickets_of_record([record.record_id for record in attempts]),
        moment=moment,
    )


def _fields(attempts: Sequence[RedactedRecord]) -> list[tuple[str, list[object]]]:
    """Every field staff may see, with one value when all attempts agree, else one per attempt; what the page's head says is left out."""
    rows = [dict(staff_row(record)) for record in attempts]
    names = dict.fromkeys(name for row in rows for name in row if name not in IN_HEAD)
    values = {name: [row.get(name) for row in rows] for name in names}
    return [(name, each[:1] if all(value == each[0] for value in each) else each) for name, each in values.items()]
