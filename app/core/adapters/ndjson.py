"""The desk's own format: one request attempt a line, named as the desk names its fields."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.fields import LONGEST_ENVIRONMENT, LONGEST_ERROR_CODE, BadLine, FieldCleaner, flag, micros, moment_from_iso, whole
from app.core.lines import decode_line
from app.core.record import Origin, Outcome, RedactedRecord, record_identity
from app.core.request_types import REQUEST_TYPES

SOURCE = "ndjson"
SIGNS = ("request_id", "started_at", "request_type", "model_requested", "model_served", "status_code", "outcome", "latency_ms")
STREAM_ENDS = frozenset({"done", "client", "upstream"})
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_STREAM_ENDS_BY_OUTCOME = {Outcome.OK: "done", Outcome.CANCELLED: "client", Outcome.PARTIAL: "upstream"}
_ORIGINS = frozenset(Origin)
LOWEST_STATUS, FIRST_FAILURE, HIGHEST_STATUS = 100, 400, 599


class _Line(msgspec.Struct, gc=False):
    """What is read of a line; everything else is skipped undecoded. Types are checked field by field."""

    request_id: Any = None
    trace_id: Any = None
    attempt: Any = None
    started_at: Any = None
    latency_ms: Any = None
    ttft_ms: Any = None
    request_type: Any = None
    endpoint: Any = None
    client: Any = None
    model_requested: Any = None
    model_served: Any = None
    provider: Any = None
    status_code: Any = None
    outcome: Any = None
    origin: Any = None
    error_code: Any = None
    error_message: Any = None
    key_hash: Any = None
    key_last4: Any = None
    key_alias: Any = None
    owner: Any = None
    group: Any = None
    environment: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    cost: Any = None
    charged: Any = None
    quota: Any = None
    balance: Any = None
    stream: Any = None
    stream_end: Any = None
    retries: Any = None
    fallback_from: Any = None
    fallback_reason: Any = None
    task_id: Any = None
    tags: Any = None


_DECODER = msgspec.json.Decoder(_Line)


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
    """Make one record of one line; raises BadLine when it has no usable id or time."""
    read = decode_line(_DECODER, line)
    return RedactedRecord(
        **_identity(read, clean),
        **_request(read, clean),
        **_result(read, clean),
        **_caller(read, clean),
        **_usage(read),
        fallback_from=clean.label(read.fallback_from),
        fallback_reason=clean.message(read.fallback_reason),
        task_id=clean.identifier(read.task_id),
        tags=clean.tags(read.tags),
    )


def _identity(read: _Line, clean: FieldCleaner) -> dict[str, Any]:
    request_id = clean.identifier(read.request_id)
    if request_id is None:
        raise BadLine("request_id is missing" if read.request_id in (None, "") else "request_id is not a printable id")
    started_at = moment_from_iso(read.started_at)
    if started_at is None:
        raise BadLine("started_at is missing" if read.started_at in (None, "") else "started_at is not an ISO 8601 time")
    return {
        "record_id": record_identity(SOURCE, request_id),
        "request_id": request_id,
        "action_id": clean.identifier(read.trace_id) or request_id,
        "source": SOURCE,
        "started_at": started_at,
        "attempt": whole(read.attempt, 1) or 1,
    }


def _request(read: _Line, clean: FieldCleaner) -> dict[str, Any]:
    return {
        "request_type": read.request_type if _one_of(read.request_type, REQUEST_TYPES) else "other",
        "endpoint": clean.label(read.endpoint, 96),
        "client": clean.client(read.client),
        "model_requested": clean.label(read.model_requested),
        "model_served": clean.label(read.model_served),
        "provider": clean.label(read.provider, 48),
    }


def _result(read: _Line, clean: FieldCleaner) -> dict[str, Any]:
    status_code = whole(read.status_code, LOWEST_STATUS, HIGHEST_STATUS)
    outcome = _outcome(read.outcome, status_code)
    stream = flag(read.stream)
    return {
        "latency_ms": whole(read.latency_ms),
        "ttft_ms": whole(read.ttft_ms),
        "status_code": status_code,
        "outcome": outcome,
        "origin": Origin(read.origin) if outcome is not Outcome.OK and _one_of(read.origin, _ORIGINS) else Origin.UNKNOWN,
        "error_code": clean.label(read.error_code, LONGEST_ERROR_CODE),
        "error_message": clean.message(read.error_message),
        "stream": stream,
        "stream_end": read.stream_end if _one_of(read.stream_end, STREAM_ENDS) else _stream_end(stream, outcome),
        "retries": whole(read.retries),
    }


def _caller(read: _Line, clean: FieldCleaner) -> dict[str, Any]:
    key = clean.key(read.key_hash)
    return {
        "key_prefix": key.prefix,
        "key_last4": clean.tail(read.key_last4) or key.last4,
        "key_fingerprint": key.fingerprint,
        "key_alias": clean.label(read.key_alias),
        "owner": clean.label(read.owner),
        "group": clean.label(read.group),
        "environment": clean.label(read.environment, LONGEST_ENVIRONMENT),
    }


def _usage(read: _Line) -> dict[str, Any]:
    return {
        "prompt_tokens": whole(read.prompt_tokens),
        "completion_tokens": whole(read.completion_tokens),
        "cost_micros": micros(read.cost),
        "charged": flag(read.charged),
        "quota_micros": micros(read.quota),
        "balance_micros": micros(read.balance),
    }


def _outcome(value: object, status_code: int | None) -> Outcome:
    """Take the source's word, else judge by the status."""
    if isinstance(value, str) and value in _OUTCOMES:
        return _OUTCOMES[value]
    return Outcome.ERROR if status_code is not None and status_code >= FIRST_FAILURE else Outcome.OK


def _stream_end(stream: bool | None, outcome: Outcome) -> str | None:
    """Say how a stream ended when the outcome tells."""
    return _STREAM_ENDS_BY_OUTCOME.get(outcome) if stream else None


def _one_of(value: object, allowed: frozenset[str]) -> bool:
    return isinstance(value, str) and value in allowed
