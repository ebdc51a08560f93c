"""Gateways send their logs here, with a bearer token and without a session."""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec
from flask import Blueprint, Response, abort, current_app, request

from app.core.body import UnreadableBody
from app.core.record import BatchOutcome
from app.core.roles import Audience
from app.operations.ingest import accept_batch
from app.operations.tokens import check_token
from app.store.logs import LogStoreBusy
from app.web.access import for_audience
from app.web.openapi import describe
from app.web.render import now
from app.web.request_body import NotGzip, TooLarge, drain, gunzip, read_at_most

blueprint = Blueprint("ingest", __name__, url_prefix="/api/v1")
CONTENT_TYPES = frozenset(
    {
        *("", "application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"),
        *("text/plain", "text/csv", "application/csv", "application/octet-stream"),
    }
)
RETRY_SECONDS = "5"


@blueprint.post("/logs/<format_name>")
@for_audience(Audience.INGEST)
def accept_logs(format_name: str) -> Response:
    """Store a batch and answer what became of each line. One bad line is never a reason to refuse the others."""
    _check_token()
    formats = current_app.extensions["formats"]
    if format_name not in formats:
        drain()
        _refuse(404, "There is no such format", "The formats are named in the description at /api/v1/openapi.json")
    body = _body()
    settings, rulebook = current_app.extensions["settings"], current_app.extensions["rulebook"]
    try:
        outcome = accept_batch(body, format_name, rulebook.redactor, settings.pepper, current_app.extensions["log_store"], now(), formats)
    except UnreadableBody as problem:
        _refuse(400, "The body cannot be read", f"{problem}; send a JSON array, one JSON object, one object a line, or a table with a head")
    except LogStoreBusy:
        _refuse(503, "The log store is busy", "Nothing of this batch was stored; send it again", {"Retry-After": RETRY_SECONDS})
    return _json(_answer(outcome))


@blueprint.get("/openapi.json")
@for_audience(Audience.PUBLIC)
def openapi() -> Response:
    """Describe this interface for programs."""
    return _json(describe(current_app.extensions["formats"]))


def _check_token() -> None:
    """Let only a token in force pass; the answer does not say what was wrong with another."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not check_token(token.strip(), now()):
        drain()
        _refuse(401, "An ingest token is needed", "Send Authorization: Bearer gdi_…", {"WWW-Authenticate": 'Bearer realm="gatedesk logs"'})


def _body() -> bytes:
    """Read the body, unpacked, within the size limit."""
    limit = int(current_app.config["MAX_CONTENT_LENGTH"])
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if request.mimetype not in CONTENT_TYPES or encoding not in {"identity", "gzip", "x-gzip"}:
        drain()
        _refuse(415, "This kind of body is not read", "Send JSON, NDJSON or CSV, plain or gzip", {"Accept-Encoding": "gzip"})
    try:
        body = read_at_most(limit)
        return body if encoding == "identity" else gunzip(body, limit)
    except TooLarge:
        _refuse(413, "The body is too large", f"Send at most {limit // 2**20} MB, unpacked, in one request")
    except NotGzip:
        _refuse(400, "The body cannot be read", "Content-Encoding says gzip, but the body is not whole gzip")


def _answer(outcome: BatchOutcome) -> dict[str, Any]:
    """Count, and name each line that was not taken."""
    rejected = [{"line": line, "reason": reason} for line, reason in outcome.rejects]
    return {"accepted": outcome.accepted, "duplicate": outcome.duplicate, "rejected": rejected, "batch": outcome.batch_id}


def _refuse(status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> NoReturn:
    """Answer with application/problem+json (RFC 9457)."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    abort(Response(msgspec.json.encode(problem), status, headers, mimetype="application/problem+json"))


def _json(value: Any) -> Response:
    return Response(msgspec.json.encode(value), mimetype="application/json")
