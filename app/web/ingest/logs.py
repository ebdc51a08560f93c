"""A gateway's log lines, in any format: every one is answered for."""

from __future__ import annotations

from typing import Any

import msgspec
from flask import Blueprint, Response, current_app

from app.core.body import UnreadableBody
from app.core.record import BatchOutcome
from app.core.roles import Audience
from app.operations.ingest import accept_batch
from app.store.logs import LogStoreBusy
from app.web.access import for_audience
from app.web.ingest.reading import Refusal, check_sender, read_body
from app.web.openapi import describe
from app.web.render import now
from app.web.request_body import drain

blueprint = Blueprint("ingest", __name__)
CONTENT_TYPES = frozenset(
    {
        *("", "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"),
        *("text/plain", "text/csv", "application/csv", "application/octet-stream"),
    }
)
RETRY_SECONDS = "5"


@blueprint.post("/api/v1/logs/<format_name>")
@for_audience(Audience.INGEST)
def accept_logs(format_name: str) -> Response:
    """Store a batch and answer what became of each line. One bad line is never a reason to refuse the others."""
    sender = check_sender()
    formats = current_app.extensions["formats"]
    if format_name not in formats:
        drain()
        raise Refusal(404, "There is no such format", "The formats are named in the description at /api/v1/openapi.json")
    body = read_body(CONTENT_TYPES, "JSON, NDJSON or CSV")
    here = current_app.extensions
    redactor, pepper = here["rulebook"].redactor, here["settings"].pepper
    try:
        outcome = accept_batch(body, format_name, redactor, pepper, here["log_store"], now(), formats, instance=sender, spool=here["spool"])
    except UnreadableBody as problem:
        raise Refusal(
            400, "The body cannot be read", f"{problem}; send a JSON array, one JSON object, one object a line, or a table with a head"
        ) from None
    except LogStoreBusy:
        raise Refusal(
            503, "The log store is busy", "Nothing of this batch was stored; send it again", {"Retry-After": RETRY_SECONDS}
        ) from None
    return _json(_answer(outcome))


@blueprint.get("/api/v1/openapi.json")
@for_audience(Audience.PUBLIC)
def openapi() -> Response:
    """Describe this interface for programs."""
    return _json(describe(current_app.extensions["formats"]))


def _answer(outcome: BatchOutcome) -> dict[str, Any]:
    """Count, and name each line that was not taken. Of spooled records it is not yet known which are duplicates."""
    rejected = [{"line": line, "reason": reason} for line, reason in outcome.rejects]
    counts = {"accepted": outcome.accepted, "duplicate": outcome.duplicate, "rejected": rejected, "batch": outcome.batch_id}
    return counts | ({"spooled": outcome.spooled} if outcome.spooled else {})


@blueprint.errorhandler(Refusal)
def _refused(refusal: Refusal) -> Response:
    """Answer with application/problem+json (RFC 9457)."""
    problem = {"type": "about:blank", "title": refusal.title, "status": refusal.status, "detail": refusal.detail}
    return Response(msgspec.json.encode(problem), refusal.status, dict(refusal.headers), mimetype="application/problem+json")


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), mimetype="application/json")
