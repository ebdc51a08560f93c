"""A row of New API's usage log made into a record."""

from __future__ import annotations

from typing import Any

from app.core.adapters.new_api.outcome import CONSUMED, FAILED, REFUNDED, Verdict, is_task, judge
from app.core.adapters.new_api.payload import ADMIN_INFO, OTHER, STREAM_STATUS, Other, Row
from app.core.fields import LONGEST_ERROR_CODE, BadLine, FieldCleaner, as_written, flag, micros_of_units, moment_from_seconds, whole
from app.core.record import Outcome, RedactedRecord, record_identity
from app.core.request_types import request_type_of_route

SOURCE = "new_api"
NO_REQUEST = {0: "unknown", 1: "a top-up", 3: "an administrator's action", 4: "the system's note", 7: "a sign-in"}


def read_log(row: Row, clean: FieldCleaner, quota_unit: int) -> RedactedRecord:
    """Make one record of a consumption, a failed attempt or a refund."""
    kind = _kind(row)
    other = OTHER.decode(row.other)
    streaming = flag(row.is_stream) if kind == CONSUMED else None  # failures are written with false whatever was asked
    verdict = judge(kind, other, row.content, STREAM_STATUS.decode(other.stream_status), streaming is True)
    channels = ADMIN_INFO.decode(other.admin_info).use_channel
    tried = len(channels) if isinstance(channels, list) else 0
    return RedactedRecord(
        **_identity(row, other, kind, channels, clean),
        **_times(row, other, kind),
        **_request(row, other, verdict, clean),
        **_result(verdict, clean),
        **_caller(row, clean),
        **_usage(row, other, kind, quota_unit),
        stream=streaming,
        attempt=tried or 1,
        retries=tried - 1 if tried else None,
        task_id=clean.identifier(other.task_id),
    )


def _kind(row: Row) -> int:
    kind = whole(row.type)
    if kind not in {CONSUMED, FAILED, REFUNDED}:
        raise BadLine("type is missing" if kind is None else f"type {kind} is no request: {NO_REQUEST.get(kind, 'unknown')}")
    return kind


def _identity(row: Row, other: Other, kind: int, channels: object, clean: FieldCleaner) -> dict[str, Any]:
    """Read the ids. Each failed attempt is a row of its own; older versions log no request id at all."""
    request_id, task_id = clean.identifier(row.request_id), clean.identifier(other.task_id)
    facts = [as_written(fact) for fact in (row.created_at, row.use_time, row.quota, row.prompt_tokens, row.completion_tokens, row.content)]
    facts += [as_written(fact) for fact in (row.username, row.token_id, row.token_name, row.model_name, row.channel, channels)]
    if request_id is None:
        facts.append(as_written(row.id))
    record_id = record_identity(SOURCE, request_id, task_id, kind, *facts)
    request_id = request_id or task_id or f"row-{record_id[:16]}"
    return {"record_id": record_id, "request_id": request_id, "action_id": task_id or request_id, "source": SOURCE}


def _times(row: Row, other: Other, kind: int) -> dict[str, Any]:
    """Count back from the end, in whole seconds. A failure is written without its duration."""
    ended_at = moment_from_seconds(row.created_at)
    if ended_at is None:
        raise BadLine("created_at is not a time of this century")
    seconds = whole(row.use_time) if kind == CONSUMED else None
    return {
        "started_at": ended_at - (seconds or 0) * 1000,
        "latency_ms": whole(seconds * 1000) if seconds is not None else None,
        "ttft_ms": whole(other.frt, 1),  # -1000 says that no first token was seen
    }


def _request(row: Row, other: Other, verdict: Verdict, clean: FieldCleaner) -> dict[str, Any]:
    """Name what was asked for. A mapped model is the provider's name for it, no fallback."""
    mapped = other.upstream_model_name if flag(other.is_model_mapped) else None
    path = other.request_path.partition("?")[0] if isinstance(other.request_path, str) else ""
    return {
        "request_type": request_type_of_route(path) or _type_by_flags(other),
        "endpoint": clean.label(path, 96),
        "client": clean.client(row.user_agent),
        "model_requested": clean.label(row.model_name),
        "model_served": clean.label(mapped or row.model_name) if verdict.outcome is not Outcome.ERROR else None,
    }


def _type_by_flags(other: Other) -> str:
    if flag(other.ws) or flag(other.audio):
        return "audio"
    return "video" if is_task(other) else "chat"


def _result(verdict: Verdict, clean: FieldCleaner) -> dict[str, Any]:
    return {
        "status_code": verdict.status_code,
        "outcome": verdict.outcome,
        "origin": verdict.origin,
        "error_code": clean.label(verdict.error_code, LONGEST_ERROR_CODE),
        "error_message": clean.message(verdict.message),
        "stream_end": verdict.stream_end,
    }


def _caller(row: Row, clean: FieldCleaner) -> dict[str, Any]:
    """Say who called. There is no key in these rows, only the token's name."""
    return {
        "key_alias": clean.label(row.token_name) or clean.label(row.token_id),
        "owner": clean.person(row.username) or clean.label(row.user_id),
        "group": clean.label(row.group),
    }


def _usage(row: Row, other: Other, kind: int, quota_unit: int) -> dict[str, Any]:
    """Read tokens and money. A refund is a negative cost; a failed attempt is not charged."""
    cost = micros_of_units(row.quota, quota_unit)
    charged = cost is not None and cost > 0
    return {
        "prompt_tokens": whole(row.prompt_tokens),
        "completion_tokens": whole(row.completion_tokens),
        "cost_micros": -cost if kind == REFUNDED and cost is not None else cost,
        "charged": charged if kind == CONSUMED else False,
        "quota_micros": micros_of_units(other.subscription_total, quota_unit),
        "balance_micros": micros_of_units(other.subscription_remain, quota_unit),
    }
