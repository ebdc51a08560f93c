"""The desk's own format: one request attempt a line, named as the desk names its fields."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec

from app.core.body import Piece
from app.core.desk_line import DeskLine, Told, read_columns, told_by
from app.core.field_columns import moments
from app.core.fields import FieldCleaner
from app.core.lines import ReadEach, decode_line, read_each
from app.core.log_format import Block, only_record
from app.core.record import RedactedRecord, Reject, record_identities
from app.core.record_columns import Columns, chosen

SOURCE = "ndjson"
SIGNS = ("request_id", "started_at", "request_type", "model_requested", "model_served", "status_code", "outcome", "latency_ms")
_DECODER = msgspec.json.Decoder(DeskLine)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError)


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
    """Make one record of one line; raises BadLine when it has no usable id or time."""
    return only_record(read_block(((1, line),), clean))


def read_block(pieces: Sequence[Piece], clean: FieldCleaner) -> Block:
    """Read lines; one that cannot be read, or has no usable id or time, harms no other."""
    numbers, lines, rejects, not_json = _decoded(pieces)
    told: Told = told_by(lines)
    told = {**told, "request_id": clean.identifiers(told["request_id"]), "started_at": moments(told["started_at"])}
    if None in told["request_id"] or None in told["started_at"]:
        faults = list(map(_fault, lines, told["request_id"], told["started_at"]))
        rejects = sorted([*rejects, *(Reject(number, fault) for number, fault in zip(numbers, faults, strict=True) if fault)])
        told = chosen(told, [not fault for fault in faults])
    return Block(read_columns(told, _identities(told, clean), clean), rejects, not_json)


def _decoded(pieces: Sequence[Piece]) -> ReadEach[DeskLine]:
    try:
        lines = [_DECODER.decode(piece) for _, piece in pieces]  # type: ignore[arg-type] # a BadLine is no text: TypeError
    except _UNREADABLE:
        return read_each(pieces, partial(decode_line, _DECODER))
    return ReadEach([number for number, _ in pieces], lines, [], 0)


def _fault(line: DeskLine, request_id: str | None, started_at: int | None) -> str | None:
    """Why a line makes no record."""
    if request_id is None:
        return "request_id is missing" if line.request_id in (None, "") else "request_id is not a printable id"
    if started_at is None:
        return "started_at is missing" if line.started_at in (None, "") else "started_at is not an ISO 8601 time"
    return None


def _identities(told: Told, clean: FieldCleaner) -> Columns:
    """Of lines whose ids and times are read already."""
    request_ids = told["request_id"]
    actions = [trace_id or request_id for trace_id, request_id in zip(clean.identifiers(told["trace_id"]), request_ids, strict=True)]
    return {
        "record_id": record_identities(SOURCE, request_ids),
        "request_id": request_ids,
        "action_id": actions,
        "source": [SOURCE] * len(request_ids),
        "started_at": told["started_at"],
    }
