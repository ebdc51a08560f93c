"""OpenTelemetry spans of requests to models: the GenAI conventions, Envoy AI Gateway, LiteLLM's two exporters, OpenInference.

A trace has many spans. A call to a model is an attempt and becomes a record. The server's span, and LiteLLM's check of the
key, are about the request as a whole: a record of their own only when they failed (`core.traces` joins them to the attempts).
Every other span is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from app.core.adapters.otlp.outcome import Seen, judge
from app.core.adapters.otlp.payload import SPAN, Span, attributes_of, environment_of
from app.core.body import UnreadableBody
from app.core.fields import (
    LONGEST_ENVIRONMENT,
    LONGEST_ERROR_CODE,
    BadLine,
    FieldCleaner,
    NotARequest,
    flag,
    micros,
    moment_from_seconds,
    number,
    whole,
)
from app.core.json_path import members
from app.core.lines import decode_line
from app.core.otlp import spans_of_json
from app.core.record import Outcome, RedactedRecord, record_identity
from app.core.request_types import request_type_of_call, request_type_of_route
from app.core.traces import SOURCE, request_identity

SIGNS = ("resourceSpans",)
FLAT_SIGNS = ("trace_id", "span_id", "start", "attributes")
MASTER_KEY = "litellm_proxy_master_key"
SERVER = 2
RAW_SPANS = frozenset({"raw_gen_ai_request"})  # prompt and reply as they went over the wire
NOT_CALLS = frozenset({"invoke_agent", "create_agent", "execute_tool", "retrieval"})
MODEL_SPAN_KINDS = {"LLM": "chat", "EMBEDDING": "embedding"}  # OpenInference's words
AUTH_SPAN = "auth "
TASK_TYPES = frozenset({"video", "batch"})

_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN_ID = re.compile(r"(?!0{16})[0-9a-f]{16}")


def unpack(piece: bytes | msgspec.Raw) -> Iterable[bytes | msgspec.Raw | BadLine]:
    """Give the spans of a JSON post; a span alone is itself."""
    if "resourceSpans" not in members(piece):
        return (piece,)
    try:
        return spans_of_json(piece)
    except UnreadableBody as problem:
        return (BadLine(str(problem)),)


def parse_line(line: bytes | msgspec.Raw, clean: FieldCleaner) -> RedactedRecord:
    """Make one record of one span; raises NotARequest for one that is about something else, BadLine for a bad one."""
    span = decode_line(SPAN, line)
    if not (isinstance(span.trace_id, str) and _TRACE_ID.fullmatch(span.trace_id)):
        raise BadLine("traceId is not 32 hex digits")
    if not (isinstance(span.span_id, str) and _SPAN_ID.fullmatch(span.span_id)):
        raise BadLine("spanId is not 16 hex digits")
    told = attributes_of(span)
    if _word(span.name).startswith(AUTH_SPAN):
        told.setdefault("route", _word(span.name).removeprefix(AUTH_SPAN))
    is_call = _is_call(span, told)
    if not is_call and not _is_request(span, told):
        raise NotARequest("a span about no request to a model")
    return _record(span, told, is_call, clean)


def _record(span: Span, told: dict[str, Any], is_call: bool, clean: FieldCleaner) -> RedactedRecord:
    verdict = judge(told, span.status, span.message)
    kind = _request_type(told)
    route = _word(told.get("route")).partition("?")[0]
    return RedactedRecord(
        **_identity(span, told, is_call, clean),
        **_times(span, told),
        **_models(told, verdict, clean),
        **_failure(told, verdict, clean),
        **_caller(told, clean),
        **_usage(told, verdict),
        request_type=kind,
        endpoint=clean.label(route, 96),
        client=clean.client(told.get("client")),
        environment=clean.label(environment_of(span), LONGEST_ENVIRONMENT),
        stream=True if verdict.stream_end else flag(told.get("streaming")),
        stream_end=verdict.stream_end,
        task_id=clean.identifier(told.get("response_id")) if kind in TASK_TYPES else None,
    )


def _is_call(span: Span, told: dict[str, Any]) -> bool:
    """Whether the span is one call to a model."""
    if _word(span.name) in RAW_SPANS or _word(told.get("operation")) in NOT_CALLS:
        return False
    return "operation" in told or "call_id" in told or _word(told.get("span_kind")) in MODEL_SPAN_KINDS


def _is_request(span: Span, told: dict[str, Any]) -> bool:
    """Whether the span is the request as a whole: at the server, or refused before any model was called."""
    if _word(span.name).startswith(AUTH_SPAN):
        return "error_type" in told
    return span.kind == SERVER and "http_status" in told and request_type_of_route(_word(told.get("route"))) is not None


def _identity(span: Span, told: dict[str, Any], is_call: bool, clean: FieldCleaner) -> dict[str, Any]:
    """Each call is an attempt of its trace; whatever tells of the request as a whole has one identity, so that it meets."""
    started_at = _moment(span.start)
    if started_at is None:
        raise BadLine("startTimeUnixNano is missing or not a time of this century")
    return {
        "record_id": record_identity(SOURCE, span.trace_id, span.span_id) if is_call else request_identity(span.trace_id),
        "request_id": clean.identifier(told.get("call_id")) or span.trace_id,
        "action_id": span.trace_id,
        "source": SOURCE,
        "started_at": started_at,
    }


def _times(span: Span, told: dict[str, Any]) -> dict[str, Any]:
    start, end, first = number(span.start), number(span.end), number(told.get("first_chunk"))
    return {
        "latency_ms": whole((end - start) / 1e6) if start is not None and end is not None else None,
        "ttft_ms": whole(first * 1000) if first is not None else None,
    }


def _models(told: dict[str, Any], verdict: Seen, clean: FieldCleaner) -> dict[str, Any]:
    """Name the models. LiteLLM answers with a deployment's name, so there the model asked for stands for it."""
    asked = clean.label(told.get("model_group") or told.get("model"))
    served = asked if "call_id" in told else clean.label(told.get("model_served")) or asked
    return {
        "model_requested": asked,
        "model_served": served if verdict.outcome is not Outcome.ERROR else None,
        "provider": clean.label(told.get("provider"), LONGEST_ENVIRONMENT),
    }


def _failure(told: dict[str, Any], verdict: Seen, clean: FieldCleaner) -> dict[str, Any]:
    failed = verdict.outcome is not Outcome.OK
    key = _word(told.get("key"))
    return {
        "status_code": verdict.status_code,
        "outcome": verdict.outcome,
        "origin": verdict.origin,
        "error_code": clean.label(verdict.error_code, LONGEST_ERROR_CODE),
        "error_message": clean.message(verdict.message, hide=key if len(key) >= 8 and key != MASTER_KEY else "") if failed else None,
    }


def _caller(told: dict[str, Any], clean: FieldCleaner) -> dict[str, Any]:
    is_master = told.get("key") == MASTER_KEY
    key = clean.key(None if is_master else told.get("key"))
    return {
        "key_prefix": key.prefix,
        "key_last4": key.last4,
        "key_fingerprint": key.fingerprint,
        "key_alias": clean.label(told.get("key_alias")) or (MASTER_KEY if is_master else None),
        "owner": clean.person(told.get("owner")),
        "group": clean.label(told.get("group")),
    }


def _usage(told: dict[str, Any], verdict: Seen) -> dict[str, Any]:
    """Read tokens and money. A success that cost nothing has an unknown price; only a failure is known to be free."""
    cost, budget, spend = micros(told.get("cost")), micros(told.get("budget")), micros(told.get("spend"))
    charged = True if cost else (False if cost == 0 and verdict.outcome is Outcome.ERROR else None)
    return {
        "prompt_tokens": whole(told.get("prompt_tokens")),
        "completion_tokens": whole(told.get("completion_tokens")),
        "cost_micros": cost if charged is not None else None,
        "charged": charged,
        "quota_micros": budget,
        "balance_micros": budget - spend if budget is not None and spend is not None else None,
    }


def _request_type(told: dict[str, Any]) -> str:
    """Name the kind by LiteLLM's call type, by the operation, by the route, or by the kind of span."""
    words = (_word(told.get("call_type")), _word(told.get("operation")))
    named = next((kind for word in words if (kind := request_type_of_call(word))), None)
    return named or request_type_of_route(_word(told.get("route"))) or MODEL_SPAN_KINDS.get(_word(told.get("span_kind")), "other")


def _moment(nanoseconds: object) -> int | None:
    amount = number(nanoseconds)
    return moment_from_seconds(amount / 1e9) if amount is not None else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
