"""One request attempt told in the desk's own field names, as its own format and every declared one tell it, made into a record."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.fields import LONGEST_ENVIRONMENT, LONGEST_ERROR_CODE, FieldCleaner, flag, micros, whole
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.request_types import REQUEST_TYPES

STREAM_ENDS = frozenset({"done", "client", "upstream"})
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_STREAM_ENDS_BY_OUTCOME = {Outcome.OK: "done", Outcome.CANCELLED: "client", Outcome.PARTIAL: "upstream"}
_ORIGINS = frozenset(Origin)
LOWEST_STATUS, FIRST_FAILURE, HIGHEST_STATUS = 100, 400, 599


class DeskLine(msgspec.Struct, gc=False):
    """What may be said of one request attempt, in the desk's own names. Types are checked field by field."""

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


def read_line(read: DeskLine, identity: dict[str, Any], clean: FieldCleaner) -> RedactedRecord:
    """Make the record; `identity` gives its ids, source and start."""
    return RedactedRecord(
        **identity,
        **_request(read, clean),
        **_result(read, clean),
        **_caller(read, clean),
        **_usage(read),
        attempt=whole(read.attempt, 1) or 1,
        fallback_from=clean.label(read.fallback_from),
        fallback_reason=clean.message(read.fallback_reason),
        task_id=clean.identifier(read.task_id),
        tags=clean.tags(read.tags),
    )


def _request(read: DeskLine, clean: FieldCleaner) -> dict[str, Any]:
    return {
        "request_type": read.request_type if _one_of(read.request_type, REQUEST_TYPES) else "other",
        "endpoint": clean.label(_path(read.endpoint), 96),
        "client": clean.client(read.client),
        "model_requested": clean.label(read.model_requested),
        "model_served": clean.label(read.model_served),
        "provider": clean.label(read.provider, 48),
    }


def _path(endpoint: object) -> str | None:
    """Keep of an address its path."""
    if not isinstance(endpoint, str):
        return None
    path = endpoint.partition("?")[0]
    scheme, found, rest = path.partition("://")
    return f"/{rest.partition('/')[2]}" if found and scheme.isalpha() else path


def _result(read: DeskLine, clean: FieldCleaner) -> dict[str, Any]:
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


def _caller(read: DeskLine, clean: FieldCleaner) -> dict[str, Any]:
    key = clean.key(read.key_hash)
    return {
        "key_prefix": key.prefix,
        "key_last4": clean.tail(read.key_last4) or key.last4,
        "key_fingerprint": key.fingerprint,
        "key_alias": clean.label(read.key_alias),
        "owner": clean.person(read.owner),
        "group": clean.label(read.group),
        "environment": clean.label(read.environment, LONGEST_ENVIRONMENT),
    }


def _usage(read: DeskLine) -> dict[str, Any]:
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
