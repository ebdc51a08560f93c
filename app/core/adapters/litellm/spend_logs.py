"""LiteLLM's table of spend logs (`LiteLLM_SpendLogs`, `/spend/logs`), exported as JSON or CSV.

It says what the callback does not, how often a request was retried and which model group it fell back from, and lacks
whether it was a stream. Prompts, replies, the proxied request and addresses are not named here and so are never decoded.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.adapters.litellm.payload import ERROR, Line, Metadata
from app.core.adapters.litellm.reading import read_record
from app.core.fields import BadLine, FieldCleaner, moment_from_iso, whole
from app.core.lines import PartDecoder, decode_line
from app.core.record import Outcome, RedactedRecord, record_identity

SOURCE = "litellm_spend"
SIGNS = ("request_id", "call_type", "api_key", "spend", "startTime", "endTime", "model_group", "custom_llm_provider", "cache_hit")
SHORTEST_STREAM_MS = 2  # between first token and end; without a stream both are the same moment
_NULL = msgspec.Raw(b"null")


class _Row(msgspec.Struct, gc=False):
    """What is read of a row."""

    request_id: Any = None
    litellm_call_id: Any = None
    call_type: Any = None
    api_key: Any = None
    spend: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    start_time: Any = msgspec.field(name="startTime", default=None)
    end_time: Any = msgspec.field(name="endTime", default=None)
    first_token_time: Any = msgspec.field(name="completionStartTime", default=None)
    request_duration_ms: Any = None
    model: Any = None
    model_group: Any = None
    custom_llm_provider: Any = None
    user: Any = None
    team_id: Any = None
    organization_id: Any = None
    request_tags: Any = None
    status: Any = None
    metadata: msgspec.Raw = _NULL
    request_kwargs: Any = None  # only the table of error logs has it: the whole request


class _Metadata(Metadata, gc=False):
    """What spend logs add to the callback's metadata."""

    status: Any = None
    litellm_call_id: Any = None
    original_model_group: Any = None
    attempted_retries: Any = None
    error_information: msgspec.Raw = _NULL


_DECODER = msgspec.json.Decoder(_Row)
_METADATA = PartDecoder(_Metadata)


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
    """Make one record of one row; raises BadLine when it has no usable id or time."""
    row = decode_line(_DECODER, line)
    if row.request_kwargs is not None:
        raise BadLine("a row of the error logs, which hold whole requests; it is not read")
    if clean.identifier(row.request_id) is None:
        raise BadLine("request_id is missing")
    metadata = _METADATA.decode(row.metadata)
    record = read_record(SOURCE, _line(row, metadata), _caller(row, metadata), ERROR.decode(metadata.error_information), clean)
    return msgspec.structs.replace(
        record,
        record_id=record_identity(SOURCE, row.request_id),
        latency_ms=record.latency_ms if record.latency_ms is not None else whole(row.request_duration_ms),
        retries=whole(metadata.attempted_retries),
        **_fallback(record, metadata, clean),
    )


def _line(row: _Row, metadata: _Metadata) -> Line:
    """Give the row the callback's shape."""
    status = row.status or metadata.status
    return Line(
        id=row.request_id,
        litellm_call_id=row.litellm_call_id or metadata.litellm_call_id,
        call_type=row.call_type,
        stream=_streamed(row) if status != "failure" else None,
        status=status,
        custom_llm_provider=row.custom_llm_provider,
        start_time=row.start_time,
        end_time=row.end_time,
        first_token_time=row.first_token_time,
        model=row.model,
        model_group=row.model_group or metadata.original_model_group,
        response_cost=row.spend,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        request_tags=_tags(row.request_tags),
    )


def _caller(row: _Row, metadata: _Metadata) -> Metadata:
    """Fill in from the row's own columns what its metadata lack."""
    metadata.user_api_key_hash = row.api_key
    metadata.user_api_key_user_id = metadata.user_api_key_user_id or row.user
    metadata.user_api_key_team_id = metadata.user_api_key_team_id or row.team_id
    metadata.user_api_key_org_alias = metadata.user_api_key_org_alias or row.organization_id
    return metadata


def _fallback(record: RedactedRecord, metadata: _Metadata, clean: FieldCleaner) -> dict[str, Any]:
    """Name the model group that was asked for, and that another one answered."""
    asked = clean.label(metadata.original_model_group)
    if asked is None or asked == record.model_requested:
        return {}
    served = record.model_requested if record.outcome is not Outcome.ERROR else None
    return {"model_requested": asked, "model_served": served, "fallback_from": asked}


def _streamed(row: _Row) -> bool | None:
    """Tell a stream by its first token, which came before its end."""
    first, end = moment_from_iso(row.first_token_time), moment_from_iso(row.end_time)
    return end - first >= SHORTEST_STREAM_MS if first is not None and end is not None else None


def _tags(value: object) -> object:
    """Take tags out of the JSON text a table keeps them as."""
    if not isinstance(value, str):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
