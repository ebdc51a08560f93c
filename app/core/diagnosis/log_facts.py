"""Facts that the gateway's log adds to a report."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.diagnosis.report_facts import FIXED_TIMES
from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, LogContext, Match
from app.core.record import Origin, Outcome, RedactedRecord

LIKELY = 0.5  # from here on a match speaks for the report
SURELY_NONE = 0.8
MANY_KEYS = 3
REPEAT_WITHIN_MS = 10 * 60 * 1000
FEW_REQUESTS = 3


def likely_match(context: LogContext) -> Match | None:
    """Find the log record that probably is the reported request."""
    matches = context.ranking.matches if context.ranking else ()
    return matches[0] if matches and matches[0].probability >= LIKELY else None


def log_facts(evidence: Evidence, context: LogContext) -> Iterator[str]:
    """Name every fact the log shows."""
    match = likely_match(context)
    if match:
        yield "log_line"
        yield from _record_facts(match.record)
    elif (
        context.log_has_records
        and context.ranking is not None
        and (not context.ranking.matches or context.ranking.none_probability >= SURELY_NONE)
    ):
        yield "log_no_line"
    if context.key:
        yield from _key_facts(context.key, match.record if match else None)
    if context.neighbours and context.neighbours.distinct_keys >= MANY_KEYS:
        yield "log_many_keys"
    if evidence.charged and match and match.record.outcome is Outcome.ERROR:
        yield "log_charged_failure"


def record_evidence(record: RedactedRecord) -> Evidence:
    """Read what the log row itself reports, as evidence: its message and status run through the same signals."""
    return Evidence(
        client=record.client,
        model=record.model_requested,
        status_code=record.status_code if record.outcome is not Outcome.OK else None,
        error_text=record.error_message,
        stream=record.stream,
        request_type=record.request_type,
        elapsed_seconds=record.latency_ms / 1000 if record.latency_ms is not None else None,
    )


def _record_facts(record: RedactedRecord) -> Iterator[str]:
    """Name what the matched row shows."""
    yield from _outcome_facts(record)
    if record.origin is not Origin.UNKNOWN:
        yield f"log_origin_{record.origin.value}"
    if record.stream_end == "upstream":
        yield "log_stream_upstream"
    if record.error_code and "budget" in record.error_code.lower():
        yield "log_code_budget"
    if record.balance_micros is not None and record.balance_micros <= 0:
        yield "log_balance_spent"
    elif record.quota_micros is not None and record.quota_micros <= 0:
        yield "log_key_quota_spent"
    if record.latency_ms is not None and any(low * 1000 <= record.latency_ms <= high * 1000 for low, high in FIXED_TIMES):
        yield "log_elapsed_fixed"
    if record.retries or record.attempt > 1:
        yield "log_retries"
    if record.fallback_from:
        yield "log_fallback"


def _outcome_facts(record: RedactedRecord) -> Iterator[str]:
    """Name how the matched request ended, and whether it was charged."""
    match record.outcome:
        case Outcome.OK:
            yield "log_ok"
            if record.completion_tokens == 0:
                yield "log_empty_output"
            if record.charged:
                yield "log_ok_charged"
        case Outcome.PARTIAL:
            yield "log_partial"
        case Outcome.CANCELLED:
            yield "log_cancelled"
        case Outcome.ERROR:
            if record.charged:
                yield "log_charged_failure"


def _key_facts(key: KeyActivity, record: RedactedRecord | None) -> Iterator[str]:
    """Name what the key's recent requests show."""
    if key.ok:
        yield "log_key_ok"
    elif key.total >= FEW_REQUESTS:
        yield "log_key_all_fail"
        if key.last_ok_at is not None:
            yield "log_key_went_dark"
    if record and _repeats(record, key.recent):
        yield "log_repeats"


def _repeats(record: RedactedRecord, recent: tuple[RedactedRecord, ...]) -> bool:
    """Tell whether the same costly job was accepted again within minutes under another action."""
    return record.request_type in {"image", "video", "audio", "batch"} and any(
        other.record_id != record.record_id
        and other.action_id != record.action_id
        and other.model_requested == record.model_requested
        and other.request_type == record.request_type
        and abs(other.started_at - record.started_at) <= REPEAT_WITHIN_MS
        and other.outcome is not Outcome.ERROR
        for other in recent
    )
