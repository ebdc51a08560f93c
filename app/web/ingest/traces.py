"""OpenTelemetry exporters send their spans here: OTLP over HTTP, protobuf or JSON, answered as that protocol asks."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from flask import Response, current_app, request
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from app.core.body import UnreadableBody
from app.core.otlp import Span, spans_of_json, spans_of_protobuf
from app.core.record import BatchOutcome
from app.core.roles import Audience
from app.operations.ingest import accept_batch
from app.store.logs import LogStoreBusy
from app.web.access import for_audience
from app.web.ingest.logs import RETRY_SECONDS, blueprint
from app.web.ingest.reading import Refusal, check_sender, read_body
from app.web.render import now

PROTOBUF, JSON = "application/x-protobuf", "application/json"
# google.rpc.Code, for the statuses this endpoint answers with
CODES = {400: 3, 401: 16, 413: 3, 415: 3, 503: 14}
LONGEST_DETAIL = 120  # characters; then a protobuf length fits one byte


@blueprint.post("/v1/traces")
@for_audience(Audience.INGEST)
def accept_traces() -> Response:
    """Store the requests a post's spans tell of. Spans that cannot be read are counted in the answer and harm no other."""
    try:
        sender = check_sender()
        body = read_body((PROTOBUF, JSON), "OTLP as protobuf or JSON")
        outcome = _store(spans_of_protobuf(body) if request.mimetype == PROTOBUF else spans_of_json(body), sender)
    except UnreadableBody as problem:
        return _refused(Refusal(400, "The body cannot be read", str(problem)))
    except LogStoreBusy:
        return _refused(Refusal(503, "The log store is busy", "Send it again", {"Retry-After": RETRY_SECONDS}))
    except Refusal as refusal:
        return _refused(refusal)
    return _accepted(outcome)


def _store(spans: list[Span], sender: str) -> BatchOutcome:
    here = current_app.extensions
    redactor, pepper = here["rulebook"].redactor, here["settings"].pepper
    return accept_batch(
        enumerate(spans, 1), "otlp", redactor, pepper, here["log_store"], now(), here["formats"], instance=sender, spool=here["spool"]
    )


def _accepted(outcome: BatchOutcome) -> Response:
    """Say how many spans were not taken, and why the first of them was not."""
    reason = f"span {outcome.rejects[0].line}: {outcome.rejects[0].reason}" if outcome.rejects else ""
    if request.mimetype == PROTOBUF:
        answer = ExportTraceServiceResponse()
        if outcome.rejected:
            answer.partial_success.rejected_spans = outcome.rejected
            answer.partial_success.error_message = reason
        return _response(answer.SerializeToString())
    partial = {"partialSuccess": {"rejectedSpans": str(outcome.rejected), "errorMessage": reason}} if outcome.rejected else {}
    return _response(msgspec.json.encode(partial))


def _refused(refusal: Refusal) -> Response:
    """Answer with google.rpc.Status, in the kind the request came in."""
    code, message = CODES.get(refusal.status, 2), f"{refusal.title}: {refusal.detail}"[:LONGEST_DETAIL]
    if request.mimetype == PROTOBUF:
        text = message.encode("ascii", "replace")
        return _response(bytes((0x08, code, 0x12, len(text))) + text, refusal.status, refusal.headers)
    return _response(msgspec.json.encode({"code": code, "message": message}), refusal.status, refusal.headers)


def _response(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    kind = PROTOBUF if request.mimetype == PROTOBUF else JSON
    return Response(body, status, dict(headers or {}), content_type=kind)
