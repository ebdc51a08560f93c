"""RedactedRecord to table row and back; the one place that knows how each is encoded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Row

from app.core.record import Origin, Outcome, RedactedRecord
from app.core.record_columns import FREE_TEXTS, Columns, columns_of
from app.core.redacted_text import seal
from app.store.logs_copy_text import has_any
from app.store.logs_ids import id_to_bytes, ids_to_bytes
from app.store.logs_schema import log_record

# the batch's number, then in the order of `record_to_row`; names are the columns of log_record
INSERT_COLUMNS = (
    "batch_id", "record_id", "request_id", "action_id", "source", "started_at", "latency_ms", "ttft_ms", "attempt", "request_type",
    "endpoint", "client", "model_requested", "model_served", "provider", "status_code", "outcome", "origin", "error_code", "error_message",
    "key_prefix", "key_last4", "key_fingerprint", "key_alias", "owner", "group", "environment", "prompt_tokens", "completion_tokens",
    "cost_micros", "charged", "quota_micros", "balance_micros", "stream", "stream_end", "retries", "fallback_from", "fallback_reason",
    "task_id", "tags",
)  # fmt: skip
# by identity: a member of an enum hashes slowly
_NAME_OF_OUTCOME = {id(outcome): outcome.value for outcome in Outcome}
_NAME_OF_ORIGIN = {id(origin): origin.value for origin in Origin}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ORIGINS = {origin.value: origin for origin in Origin}


def record_to_row(record: RedactedRecord) -> tuple[Any, ...]:
    """Give the values of INSERT_COLUMNS but the batch's number."""
    return next(zip(*encoded_columns(columns_of((record,))).values(), strict=True))


def encoded_columns(columns: Columns) -> dict[str, Sequence[Any]]:
    """INSERT_COLUMNS but the batch's number, as plain driver types (subclasses of str bind slowly, or wrongly)."""
    encoded: dict[str, Sequence[Any]] = {name: columns[name] for name in INSERT_COLUMNS[1:]}
    request_ids = ids_to_bytes(columns["request_id"])
    encoded |= {
        "record_id": list(map(bytes.fromhex, columns["record_id"])),
        "request_id": request_ids,
        "action_id": _actions(columns["action_id"], columns["request_id"], request_ids),
        "outcome": [_NAME_OF_OUTCOME[id(outcome)] for outcome in columns["outcome"]],
        "origin": [_NAME_OF_ORIGIN[id(origin)] for origin in columns["origin"]],
        "key_fingerprint": _each_once(bytes.fromhex, columns["key_fingerprint"]),
        "tags": _each_once(_tags, columns["tags"]),
    }
    return encoded | {name: _each_once(str, columns[name]) for name in FREE_TEXTS}


def _actions(action_ids: Sequence[str], request_ids: Sequence[str], encoded: list[bytes]) -> list[bytes]:
    """An action of one request has that request's id."""
    if action_ids == request_ids:
        return encoded
    return [
        known if action_id == request_id else id_to_bytes(action_id)
        for action_id, request_id, known in zip(action_ids, request_ids, encoded, strict=True)
    ]


def _tags(tags: tuple[str, ...]) -> str:
    return json.dumps(tags, ensure_ascii=False)


class _Encoded(dict[Any, Any]):
    """What values are encoded as, by value; what is missing or empty stays missing."""

    def __init__(self, encode: Callable[[Any], Any]) -> None:
        super().__init__()
        self._encode = encode

    def __missing__(self, value: Any) -> Any:
        """Encode and remember."""
        encoded = self[value] = self._encode(value) if value else None
        return encoded


def _each_once(encode: Callable[[Any], Any], values: Sequence[Any]) -> Sequence[Any]:
    """Encode what repeats once."""
    return list(map(_Encoded(encode).__getitem__, values)) if has_any(values) else values


def row_to_record(row: Row[Any]) -> RedactedRecord:
    """Make a record of a row that begins with the columns of log_record. Named one by one: a search makes a hundred of them."""
    (
        record_id, request_id, action_id, source, started_at, latency_ms, ttft_ms, attempt, request_type, endpoint,
        client, model_requested, model_served, provider, status_code, outcome, origin, error_code, error_message,
        key_prefix, key_last4, key_fingerprint, key_alias, owner, group, environment, prompt_tokens,
        completion_tokens, cost_micros, charged, quota_micros, balance_micros, stream, stream_end, retries,
        fallback_from, fallback_reason, task_id, tags,
    ) = _values(row)  # fmt: skip
    return RedactedRecord(
        record_id=bytes(record_id).hex(), request_id=request_id, action_id=action_id, source=source,
        started_at=started_at, latency_ms=latency_ms, ttft_ms=ttft_ms, attempt=attempt, request_type=request_type,
        endpoint=endpoint, client=client, model_requested=model_requested, model_served=model_served,
        provider=provider, status_code=status_code, outcome=_OUTCOMES[outcome], origin=_ORIGINS[origin],
        error_code=error_code, error_message=None if error_message is None else seal(error_message),
        key_prefix=key_prefix, key_last4=key_last4,
        key_fingerprint=bytes(key_fingerprint).hex() if key_fingerprint else None, key_alias=key_alias, owner=owner,
        group=group, environment=environment, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens,
        cost_micros=cost_micros, charged=charged, quota_micros=quota_micros, balance_micros=balance_micros,
        stream=stream, stream_end=stream_end, retries=retries, fallback_from=fallback_from,
        fallback_reason=None if fallback_reason is None else seal(fallback_reason), task_id=task_id,
        tags=tuple(tags or ()),
    )  # fmt: skip


_PLACES = {name: place for place, name in enumerate(log_record.columns.keys())}
_values = itemgetter(*(_PLACES[name] for name in RedactedRecord.__struct_fields__))
