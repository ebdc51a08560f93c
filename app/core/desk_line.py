"""One request attempt told in the desk's own field names, as its own format and every declared one tell it, made into a record."""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Identity(NamedTuple):
    """What one attempt is known by, and when it began."""

    record_id: str
    request_id: str
    action_id: str
    source: str
    started_at: int


def read_line(read: DeskLine, identity: Identity, clean: FieldCleaner) -> RedactedRecord:
    """Make the record. Field by field, since this runs for every line of a file and a call by name is the quickest way to make one."""
    request_type, endpoint, client, model_requested, model_served, provider = clean.once(
        _request, read.request_type, read.endpoint, read.client, read.model_requested, read.model_served, read.provider
    )
    prefix, last4, fingerprint, alias, owner, group, environment = clean.once(
        _caller, read.key_hash, read.key_last4, read.key_alias, read.owner, read.group, read.environment
    )
    status_code = whole(read.status_code, LOWEST_STATUS, HIGHEST_STATUS)
    outcome, stream = _outcome(read.outcome, status_code), flag(read.stream)
    return RedactedRecord(
        record_id=identity[0], request_id=identity[1], action_id=identity[2], source=identity[3], started_at=identity[4],
        request_type=request_type, endpoint=endpoint, client=client, provider=provider,
        model_requested=model_requested, model_served=model_served,
        attempt=whole(read.attempt, 1) or 1, latency_ms=whole(read.latency_ms), ttft_ms=whole(read.ttft_ms),
        status_code=status_code, outcome=outcome, origin=_origin(read.origin, outcome),
        error_code=clean.label(read.error_code, LONGEST_ERROR_CODE), error_message=clean.message(read.error_message),
        stream=stream, stream_end=_stream_end(read.stream_end, stream, outcome), retries=whole(read.retries),
        key_prefix=prefix, key_last4=last4, key_fingerprint=fingerprint, key_alias=alias,
        owner=owner, group=group, environment=environment,
        prompt_tokens=whole(read.prompt_tokens), completion_tokens=whole(read.completion_tokens),
        cost_micros=micros(read.cost), charged=flag(read.charged),
        quota_micros=micros(read.quota), balance_micros=micros(read.balance),
        fallback_from=clean.label(read.fallback_from), fallback_reason=clean.message(read.fallback_reason),
        task_id=clean.identifier(read.task_id), tags=clean.tags(read.tags),
    )  # fmt: skip


def _request(
    clean: FieldCleaner, request_type: Any, endpoint: Any, client: Any, model_requested: Any, model_served: Any, provider: Any
) -> tuple[str, str | None, str | None, str | None, str | None, str | None]:
    return (
        request_type if _one_of(request_type, REQUEST_TYPES) else "other",
        clean.label(_path(endpoint), 96),
        clean.client(client),
        clean.label(model_requested),
        clean.label(model_served),
        clean.label(provider, 48),
    )


def _caller(
    clean: FieldCleaner, key_hash: Any, key_last4: Any, key_alias: Any, owner: Any, group: Any, environment: Any
) -> tuple[str, str | None, str | None, str | None, str | None, str | None, str | None]:
    key = clean.key(key_hash)
    return (
        key.prefix,
        clean.tail(key_last4) or key.last4,
        key.fingerprint,
        clean.label(key_alias),
        clean.person(owner),
        clean.label(group),
        clean.label(environment, LONGEST_ENVIRONMENT),
    )


def _path(endpoint: object) -> str | None:
    """Keep of an address its path."""
    if not isinstance(endpoint, str):
        return None
    path = endpoint.partition("?")[0]
    scheme, found, rest = path.partition("://")
    return f"/{rest.partition('/')[2]}" if found and scheme.isalpha() else path


def _outcome(value: object, status_code: int | None) -> Outcome:
    """Take the source's word, else judge by the status."""
    if isinstance(value, str) and value in _OUTCOMES:
        return _OUTCOMES[value]
    return Outcome.ERROR if status_code is not None and status_code >= FIRST_FAILURE else Outcome.OK


def _origin(value: object, outcome: Outcome) -> Origin:
    """Whose side a failure arose on, when the source says."""
    return Origin(value) if outcome is not Outcome.OK and isinstance(value, str) and value in _ORIGINS else Origin.UNKNOWN


def _stream_end(value: object, stream: bool | None, outcome: Outcome) -> str | None:
    """How a stream ended: as the source says, else as the outcome tells."""
    if isinstance(value, str) and value in STREAM_ENDS:
        return value
    return _STREAM_ENDS_BY_OUTCOME.get(outcome) if stream else None


def _one_of(value: object, allowed: frozenset[str]) -> bool:
    return isinstance(value, str) and value in allowed
