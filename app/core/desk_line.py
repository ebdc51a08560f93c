"""Request attempts told in the desk's own field names, as its own format and every declared one tell them, made into records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import msgspec

from app.core.field_columns import amounts, flags, wholes
from app.core.fields import LONGEST_ENVIRONMENT, LONGEST_ERROR_CODE, FieldCleaner
from app.core.record import Origin, Outcome
from app.core.record_columns import FIELDS, Columns
from app.core.redacted_text import RedactedText
from app.core.request_types import REQUEST_TYPES

Told = Mapping[str, Sequence[Any]]  # by field of DeskLine, all of one length

STREAM_ENDS = frozenset({"done", "client", "upstream"})
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_STREAM_ENDS_BY_OUTCOME = {id(Outcome.OK): "done", id(Outcome.CANCELLED): "client", id(Outcome.PARTIAL): "upstream"}  # enums hash slowly
_ORIGINS = {origin.value: origin for origin in Origin}
LONGEST_ENDPOINT, LONGEST_PROVIDER = 96, 48
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


def told_by(lines: Sequence[DeskLine]) -> Told:
    """What lines say, by field. A few hundred at a time stay in the processor's cache, which is half the time."""
    columns = zip(*map(msgspec.structs.astuple, lines), strict=True) if lines else repeat(())
    return dict(zip(DeskLine.__struct_fields__, columns, strict=False))


def read_columns(told: Told, identities: Columns, clean: FieldCleaner) -> Columns:
    """Make the columns of records, field by field: this runs for every line of a file, and most fields repeat.

    `identities` are columns too, by field of Identity.
    """
    status_codes = wholes(told["status_code"], LOWEST_STATUS, HIGHEST_STATUS)
    streams = flags(told["stream"])
    outcomes = _outcomes(clean.column(_outcome, told["outcome"]), status_codes)
    keys = clean.column(FieldCleaner.key, told["key_hash"])
    columns: dict[str, Sequence[Any]] = {
        **identities,
        **{name: clean.column(make, told[name]) for name, make in _TEXTS.items()},
        **{name: wholes(told[name]) for name in _NUMBERS},
        "attempt": [attempt or 1 for attempt in wholes(told["attempt"], 1)],
        "status_code": status_codes,
        "outcome": outcomes,
        "origin": _origins(clean.column(_origin, told["origin"]), outcomes),
        "error_message": _messages(told["error_message"], clean),
        "fallback_reason": _messages(told["fallback_reason"], clean),
        "stream": streams,
        "stream_end": _stream_ends(clean.column(_stream_end, told["stream_end"]), streams, outcomes),
        "key_prefix": [key.prefix for key in keys],
        "key_last4": [last4 or key.last4 for last4, key in zip(clean.column(_tail, told["key_last4"]), keys, strict=True)],
        "key_fingerprint": [key.fingerprint for key in keys],
        "cost_micros": amounts(told["cost"]),
        "charged": flags(told["charged"]),
        "quota_micros": amounts(told["quota"]),
        "balance_micros": amounts(told["balance"]),
        "task_id": clean.identifiers(told["task_id"]),
        "tags": [() if tags is None else clean.tags(tags) for tags in told["tags"]],
    }
    return {name: columns[name] for name in FIELDS}


def _messages(texts: Sequence[object], clean: FieldCleaner) -> list[RedactedText | None]:
    return [None if text is None else clean.message(text) for text in texts]


def _request_type(_: FieldCleaner, value: object) -> str:
    return value if isinstance(value, str) and value in REQUEST_TYPES else "other"


def _endpoint(clean: FieldCleaner, value: object) -> str | None:
    """Keep of an address its path."""
    if not isinstance(value, str):
        return None
    path = value.partition("?")[0]
    scheme, found, rest = path.partition("://")
    return clean.label(f"/{rest.partition('/')[2]}" if found and scheme.isalpha() else path, LONGEST_ENDPOINT)


def _provider(clean: FieldCleaner, value: object) -> str | None:
    return clean.label(value, LONGEST_PROVIDER)


def _environment(clean: FieldCleaner, value: object) -> str | None:
    return clean.label(value, LONGEST_ENVIRONMENT)


def _error_code(clean: FieldCleaner, value: object) -> str | None:
    return clean.label(value, LONGEST_ERROR_CODE)


def _tail(clean: FieldCleaner, value: object) -> str | None:
    return clean.tail(value)


def _outcome(_: FieldCleaner, value: object) -> Outcome | None:
    return _OUTCOMES.get(value) if isinstance(value, str) else None


def _origin(_: FieldCleaner, value: object) -> Origin | None:
    return _ORIGINS.get(value) if isinstance(value, str) else None


def _stream_end(_: FieldCleaner, value: object) -> str | None:
    return value if isinstance(value, str) and value in STREAM_ENDS else None


def _outcomes(told: Sequence[Outcome | None], status_codes: Sequence[int | None]) -> list[Outcome]:
    """Take the source's word, else judge by the status."""
    judged = (_OK if status_code is None or status_code < FIRST_FAILURE else _ERROR for status_code in status_codes)
    return [outcome or otherwise for outcome, otherwise in zip(told, judged, strict=True)]


def _origins(told: Sequence[Origin | None], outcomes: Sequence[Outcome]) -> list[Origin]:
    """Whose side a failure arose on, when the source says."""
    return [_UNKNOWN if origin is None or outcome is _OK else origin for origin, outcome in zip(told, outcomes, strict=True)]


def _stream_ends(told: Sequence[str | None], streams: Sequence[bool | None], outcomes: Sequence[Outcome]) -> list[str | None]:
    """How a stream ended: as the source says, else as the outcome tells."""
    return [
        end or (_STREAM_ENDS_BY_OUTCOME.get(id(outcome)) if stream else None)
        for end, stream, outcome in zip(told, streams, outcomes, strict=True)
    ]


_OK, _ERROR, _UNKNOWN = Outcome.OK, Outcome.ERROR, Origin.UNKNOWN
_NUMBERS = ("latency_ms", "ttft_ms", "retries", "prompt_tokens", "completion_tokens")
_TEXTS: dict[str, Callable[[FieldCleaner, object], Any]] = {
    "request_type": _request_type,
    "endpoint": _endpoint,
    "client": FieldCleaner.client,
    "model_requested": FieldCleaner.label,
    "model_served": FieldCleaner.label,
    "provider": _provider,
    "error_code": _error_code,
    "key_alias": FieldCleaner.label,
    "owner": FieldCleaner.person,
    "group": FieldCleaner.label,
    "environment": _environment,
    "fallback_from": FieldCleaner.label,
}
