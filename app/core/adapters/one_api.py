"""One API's log: one row per request that was charged; it writes none for a request that failed.

Channels and the texts of other kinds of row (administrators' actions, balances) are not named here and so are never decoded.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.fields import BadLine, FieldCleaner, as_written, flag, micros_of_units, moment_from_seconds, whole
from app.core.lines import decode_line
from app.core.record import Outcome, RedactedRecord, record_identity

SOURCE = "one_api"
SIGNS = ("type", "created_at", "elapsed_time", "token_name", "username", "quota", "model_name", "is_stream")
QUOTA_UNIT = 500_000  # of One API's quota for one USD, unless the operator changed it
CONSUMED = 2
NO_REQUEST = {0: "unknown", 1: "a top-up", 3: "an administrator's action", 4: "the system's note", 5: "a channel test"}


class _Row(msgspec.Struct, gc=False):
    """What is read of a row; everything else is skipped undecoded."""

    id: Any = None
    type: Any = None
    created_at: Any = None
    elapsed_time: Any = None
    request_id: Any = None
    user_id: Any = None
    username: Any = None
    token_name: Any = None
    model_name: Any = None
    quota: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    is_stream: Any = None


_DECODER = msgspec.json.Decoder(_Row)


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner, quota_unit: int = QUOTA_UNIT) -> RedactedRecord:
    """Make one record of one row; raises BadLine when it is about no request."""
    row = decode_line(_DECODER, line)
    kind = whole(row.type)
    if kind != CONSUMED:
        raise BadLine("type is missing" if kind is None else f"type {kind} is no request: {NO_REQUEST.get(kind, 'unknown')}")
    streaming = flag(row.is_stream)
    return RedactedRecord(
        **_identity(row, clean),
        **_times(row),
        **_usage(row, quota_unit),
        request_type=_request_type(row),
        model_requested=clean.label(row.model_name),
        model_served=clean.label(row.model_name),
        status_code=200,
        outcome=Outcome.OK,
        key_alias=clean.label(row.token_name),
        owner=clean.person(row.username) or clean.label(row.user_id),
        stream=streaming,
    )


def _identity(row: _Row, clean: FieldCleaner) -> dict[str, Any]:
    """Read the ids. Older versions log no request id; then the row's own number tells it from others."""
    request_id = clean.identifier(row.request_id)
    facts = [as_written(fact) for fact in (row.created_at, row.elapsed_time, row.username, row.token_name, row.model_name, row.quota)]
    facts += [as_written(fact) for fact in (row.prompt_tokens, row.completion_tokens, None if request_id else row.id)]
    record_id = record_identity(SOURCE, request_id, *facts)
    request_id = request_id or f"row-{record_id[:16]}"
    return {"record_id": record_id, "request_id": request_id, "action_id": request_id, "source": SOURCE}


def _times(row: _Row) -> dict[str, Any]:
    """Count back from the end: created_at is in seconds, elapsed_time in milliseconds, and zero for pictures."""
    ended_at = moment_from_seconds(row.created_at)
    if ended_at is None:
        raise BadLine("created_at is missing or not a time of this century")
    elapsed = whole(row.elapsed_time, 1)
    return {"started_at": ended_at - (elapsed or 0), "latency_ms": elapsed}


def _usage(row: _Row, quota_unit: int) -> dict[str, Any]:
    cost = micros_of_units(row.quota, quota_unit)
    return {
        "prompt_tokens": whole(row.prompt_tokens),
        "completion_tokens": whole(row.completion_tokens),
        "cost_micros": cost,
        "charged": None if cost is None else cost > 0,
    }


def _request_type(row: _Row) -> str:
    """Guess: pictures are logged without tokens and without a duration, embeddings are named so."""
    if not (whole(row.prompt_tokens) or whole(row.completion_tokens) or whole(row.elapsed_time)):
        return "image"
    return "embedding" if isinstance(row.model_name, str) and "embedding" in row.model_name.lower() else "chat"
