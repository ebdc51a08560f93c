"""RedactedRecord to table row and back; the one place that knows how each is encoded."""

from __future__ import annotations

import json
from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from sqlalchemy import Row

from app.core.record import Origin, Outcome, RedactedRecord
from app.core.redacted_text import RedactedText, seal
from app.store.logs_ids import id_to_bytes
from app.store.logs_schema import log_record

# the batch's number, then in the order of `record_to_row`; names are the columns of log_record
INSERT_COLUMNS = (
    "batch_id", "record_id", "request_id", "action_id", "source", "started_at", "latency_ms", "ttft_ms", "attempt", "request_type",
    "endpoint", "client", "model_requested", "model_served", "provider", "status_code", "outcome", "origin", "error_code", "error_message",
    "key_prefix", "key_last4", "key_fingerprint", "key_alias", "owner", "group", "environment", "prompt_tokens", "completion_tokens",
    "cost_micros", "charged", "quota_micros", "balance_micros", "stream", "stream_end", "retries", "fallback_from", "fallback_reason",
    "task_id", "tags",
)  # fmt: skip
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_ORIGINS = {origin.value: origin for origin in Origin}


def record_to_row(record: RedactedRecord) -> tuple[Any, ...]:
    """Give the values of INSERT_COLUMNS but the batch's number, as plain driver types (subclasses of str bind slowly, or wrongly)."""
    request_id = id_to_bytes(record.request_id)
    action_id = request_id if record.action_id == record.request_id else id_to_bytes(record.action_id)
    return (
        bytes.fromhex(record.record_id), request_id, action_id, record.source, record.started_at,
        record.latency_ms, record.ttft_ms, record.attempt, record.request_type, record.endpoint, record.client,
        record.model_requested, record.model_served, record.provider, record.status_code, record.outcome.value,
        record.origin.value, record.error_code, _redacted(record.error_message), record.key_prefix, record.key_last4,
        bytes.fromhex(record.key_fingerprint) if record.key_fingerprint else None, record.key_alias, record.owner, record.group,
        record.environment, record.prompt_tokens, record.completion_tokens, record.cost_micros, record.charged,
        record.quota_micros, record.balance_micros, record.stream, record.stream_end, record.retries, record.fallback_from,
        _redacted(record.fallback_reason), record.task_id, json.dumps(record.tags, ensure_ascii=False) if record.tags else None,
    )  # fmt: skip


def refuse_unredacted(records: Iterable[RedactedRecord]) -> None:
    """Raise TypeError when a text has not passed the redactor; before anything of its batch is stored."""
    for record in records:
        _redacted(record.error_message)
        _redacted(record.fallback_reason)


def row_to_record(row: Row[Any]) -> RedactedRecord:
    """Make a record of a row that begins with the columns of log_record."""
    record_id, outcome, origin, error_message, key_fingerprint, fallback_reason, tags = _coded(row)
    return RedactedRecord(
        record_id=bytes(record_id).hex(),
        outcome=_OUTCOMES[outcome],
        origin=_ORIGINS[origin],
        error_message=_sealed(error_message),
        key_fingerprint=bytes(key_fingerprint).hex() if key_fingerprint else None,
        fallback_reason=_sealed(fallback_reason),
        tags=tuple(tags or ()),
        **dict(zip(_PLAIN, _plain(row), strict=True)),
    )


_CODED = ("record_id", "outcome", "origin", "error_message", "key_fingerprint", "fallback_reason", "tags")
_PLAIN = tuple(name for name in INSERT_COLUMNS if name not in {"batch_id", *_CODED})
_PLACES = {name: place for place, name in enumerate(log_record.columns.keys())}
_plain = itemgetter(*(_PLACES[name] for name in _PLAIN))
_coded = itemgetter(*(_PLACES[name] for name in _CODED))


def _redacted(text: RedactedText | None) -> str | None:
    """Give the text as an exact str. Refuses text that has not passed the redactor, without showing it."""
    if text is None:
        return None
    if not isinstance(text, RedactedText):
        raise TypeError("the log store takes RedactedText: pass the text through the redactor")
    return str(text)


def _sealed(text: str | None) -> RedactedText | None:
    """Mark what was stored as redacted: it was when it was stored."""
    return None if text is None else seal(text)
