"""What of a log record a requester may see, and what staff may: two allow-lists, nothing else gets out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.model_names import ModelNames
from app.core.record import RedactedRecord

STAFF_FIELDS = (
    "request_id", "source", "attempt", "request_type", "endpoint", "client", "model_requested", "model_served", "provider",
    "status_code", "outcome", "origin", "error_code", "error_message", "key_alias", "owner", "group", "environment",
    "prompt_tokens", "completion_tokens", "latency_ms", "ttft_ms", "stream", "stream_end", "retries", "fallback_from",
    "fallback_reason", "charged", "task_id", "tags",
)  # fmt: skip
AMOUNT_FIELDS = ("cost_micros", "quota_micros", "balance_micros")


@dataclass(frozen=True, slots=True)
class RequesterRow:
    """A matched record as its requester sees it: nothing here could harm another user if the match were wrong."""

    started_at: datetime
    model_family: str | None
    status_code: int | None
    outcome: str
    request_type: str
    latency_ms: int | None


def requester_row(record: RedactedRecord, names: ModelNames) -> RequesterRow:
    """Time, model family, status and how long it took; never owner, group, amounts, routes or other requests."""
    return RequesterRow(
        started_at=moment(record),
        model_family=names.family(record.model_requested) if record.model_requested else None,
        status_code=record.status_code,
        outcome=record.outcome,
        request_type=record.request_type,
        latency_ms=record.latency_ms,
    )


def staff_row(record: RedactedRecord) -> tuple[tuple[str, object], ...]:
    """(field, value) of everything staff may see and the source filled, in reading order."""
    pairs = ((name, getattr(record, name)) for name in STAFF_FIELDS)
    return tuple((name, value) for name, value in pairs if value not in (None, "", ()))


def moment(record: RedactedRecord) -> datetime:
    """When the attempt began, as an aware UTC time."""
    return datetime.fromtimestamp(record.started_at / 1000, UTC)
