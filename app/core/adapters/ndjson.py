"""The desk's own format: one request attempt a line, named as the desk names its fields."""

from __future__ import annotations

import msgspec

from app.core.desk_line import DeskLine, Identity, read_line
from app.core.fields import BadLine, FieldCleaner, moment_from_iso
from app.core.lines import decode_line
from app.core.record import RedactedRecord, record_identity

SOURCE = "ndjson"
SIGNS = ("request_id", "started_at", "request_type", "model_requested", "model_served", "status_code", "outcome", "latency_ms")
_DECODER = msgspec.json.Decoder(DeskLine)


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
    """Make one record of one line; raises BadLine when it has no usable id or time."""
    read = decode_line(_DECODER, line)
    return read_line(read, _identity(read, clean), clean)


def _identity(read: DeskLine, clean: FieldCleaner) -> Identity:
    request_id = clean.identifier(read.request_id)
    if request_id is None:
        raise BadLine("request_id is missing" if read.request_id in (None, "") else "request_id is not a printable id")
    started_at = moment_from_iso(read.started_at)
    if started_at is None:
        raise BadLine("started_at is missing" if read.started_at in (None, "") else "started_at is not an ISO 8601 time")
    return Identity(record_identity(SOURCE, request_id), request_id, clean.identifier(read.trace_id) or request_id, SOURCE, started_at)
