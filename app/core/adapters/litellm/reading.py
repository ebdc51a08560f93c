"""What LiteLLM says of one attempt, in the desk's words."""

from __future__ import annotations

import re
from typing import Any

from app.core.adapters.litellm.payload import (
    HEADERS,
    HIDDEN,
    KEY_METADATA,
    PARAMETERS,
    RESPONSE,
    TASK_ERROR,
    Error,
    Line,
    Metadata,
    Response,
)
from app.core.fields import (
    LATEST_MS,
    LONGEST_ENVIRONMENT,
    LONGEST_ERROR_CODE,
    BadLine,
    FieldCleaner,
    micros,
    moment_from_iso,
    moment_from_seconds,
    whole,
)
from app.core.key_ref import SHA256_HEX
from app.core.litellm_outcome import Told, Verdict, judge, without_deployment
from app.core.record import Origin, Outcome, RedactedRecord, record_identity
from app.core.request_types import request_type_of_call, request_type_of_route

MASTER_KEY = "litellm_proxy_master_key"  # logged in place of a hash
AGENT_TAG = "User-Agent:"
ENVIRONMENT_TAG = "env:"
SHORTEST_NAME_TO_HIDE = 4
UNKNOWN_MODEL_CLASS = "ProxyModelNotFoundError"
TASK_TYPES = frozenset({"video", "batch"})
TASK_FAILED = frozenset({"failed", "expired", "cancelled"})

_TASK_ROUTE = re.compile(r"/(?:videos|batches|files)/((?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{8,512})(?=/|$)")


def read_record(source: str, read: Line, metadata: Metadata, error: Error, clean: FieldCleaner) -> RedactedRecord:
    """Make one record; raises BadLine when it has no usable id or time."""
    streaming = _streaming(read)
    response = RESPONSE.decode(read.response)
    error, verdict = _judged(read, error, response, streaming is True)
    route = _path(metadata.user_api_key_request_route)
    request_type = request_type_of_call(_word(read.call_type)) or request_type_of_route(route) or "other"
    return RedactedRecord(
        **_identity(source, read, clean),
        **_times(read, verdict, streaming is True),
        **_models(read, error, verdict, clean),
        **_failure(read, error, metadata, verdict, clean),
        **_caller(read, metadata, clean),
        **_usage(read, metadata, error, verdict),
        request_type=request_type,
        endpoint=clean.label(_TASK_ROUTE.sub(lambda found: found[0].replace(found[1], "{id}"), route), 96),
        client=clean.client(read.user_agent or metadata.user_agent),
        stream=streaming,
        retries=_retries(read),
        task_id=_task_id(response, route, clean) if request_type in TASK_TYPES else None,
    )


def _identity(source: str, read: Line, clean: FieldCleaner) -> dict[str, Any]:
    """Read the ids. `id` alone repeats, and equals the call id on failures: only all facts together are one attempt."""
    request_id = clean.identifier(read.litellm_call_id) or clean.identifier(read.id)
    if request_id is None:
        raise BadLine("litellm_call_id is missing")
    started_at = _moment(read.start_time)
    if started_at is None:
        raise BadLine("startTime is missing or not a time of this century")
    facts = (request_id, read.id, read.status, read.start_time, read.end_time, read.model, read.model_group)
    return {
        "record_id": record_identity(source, *facts),
        "request_id": request_id,
        "action_id": request_id,
        "source": source,
        "started_at": started_at,
    }


def _streaming(read: Line) -> bool | None:
    """Say whether a stream was asked for; the top-level field is null for every failure."""
    asked = PARAMETERS.decode(read.model_parameters).stream
    if read.stream is True or asked is True:
        return True
    return False if asked is False or read.stream is False else None


def _judged(read: Line, error: Error, response: Response, streaming: bool) -> tuple[Error, Verdict]:
    """Judge the call; a call that asked how a task fares and was told that it failed is no success."""
    verdict = judge(_told(read, error, streaming))
    if verdict.outcome is not Outcome.OK or _word(response.status) not in TASK_FAILED:
        return error, verdict
    told = TASK_ERROR.decode(response.error)
    code = _word(told.code) or _word(response.status)
    return Error(error_message=told.message), Verdict(Outcome.ERROR, verdict.status_code, Origin.PROVIDER, code)


def _task_id(response: Response, route: str, clean: FieldCleaner) -> str | None:
    """Name the task: the answer's id, or the one in the address of its content."""
    in_route = _TASK_ROUTE.search(route)
    return clean.identifier(response.id) or (clean.identifier(in_route[1]) if in_route else None)


def _told(read: Line, error: Error, streaming: bool) -> Told:
    """Gather what the record tells about its end."""
    first, end = _moment_exactly(read.first_token_time), _moment_exactly(read.end_time)
    return Told(
        status=_word(read.status),
        code=_word(error.error_code),
        error_class=_word(error.error_class),
        normalized=_word(error.normalized_error),
        message=_word(error.error_message or read.error_str),
        provider=_word(error.llm_provider),
        provider_request_id=_word(error.error_provider_request_id),
        limit_category=_word(error.error_rate_limit_category),
        limit_type=_word(error.error_rate_limit_type),
        streaming=streaming,
        began=bool(whole(read.completion_tokens)) or (first is not None and end is not None and 0 < first < end),
    )


def _times(read: Line, verdict: Verdict, streaming: bool) -> dict[str, Any]:
    """Measure one attempt. Without a stream, completionStartTime is only the end again."""
    told_first = streaming and verdict.outcome is not Outcome.ERROR
    return {
        "latency_ms": _span(read.start_time, read.end_time),
        "ttft_ms": _span(read.start_time, read.first_token_time) if told_first else None,
    }


def _span(start: object, end: object) -> int | None:
    """Count the milliseconds between two times; None when unknown or backwards."""
    first, last = _moment_exactly(start), _moment_exactly(end)
    return whole(last - first) if first is not None and last is not None else None


def _models(read: Line, error: Error, verdict: Verdict, clean: FieldCleaner) -> dict[str, Any]:
    """Name the model group. `model` is a deployment, except when no group knew the name the client sent."""
    asked = read.model_group or (read.model if error.error_class == UNKNOWN_MODEL_CLASS or "/" not in _word(read.model) else None)
    group = clean.label(asked)
    return {
        "model_requested": group,
        "model_served": group if verdict.outcome is not Outcome.ERROR else None,
        "provider": clean.label(read.custom_llm_provider, LONGEST_ENVIRONMENT),
    }


def _failure(read: Line, error: Error, metadata: Metadata, verdict: Verdict, clean: FieldCleaner) -> dict[str, Any]:
    """Tell the verdict and the error text, without deployment names and without the presented credential."""
    text = without_deployment(_word(error.error_message or read.error_str), _word(read.model), _word(read.model_group))
    return {
        "status_code": verdict.status_code,
        "outcome": verdict.outcome,
        "origin": verdict.origin,
        "error_code": clean.label(verdict.error_code, LONGEST_ERROR_CODE),
        "error_message": clean.message(text, hide=_raw_key(metadata)),
        "stream_end": verdict.stream_end,
    }


def _caller(read: Line, metadata: Metadata, clean: FieldCleaner) -> dict[str, Any]:
    """Say who called."""
    presented = metadata.user_api_key_hash if metadata.user_api_key_hash != MASTER_KEY else None
    key = clean.key(presented)
    alias = metadata.user_api_key_alias or (MASTER_KEY if metadata.user_api_key_hash == MASTER_KEY else None)
    tags = [tag for tag in read.request_tags if not _word(tag).startswith(AGENT_TAG)] if isinstance(read.request_tags, list) else []
    group = metadata.user_api_key_team_alias or metadata.user_api_key_team_id
    return {
        "key_prefix": key.prefix,
        "key_last4": key.last4,
        "key_fingerprint": key.fingerprint,
        "key_alias": clean.label(alias),
        "owner": clean.person(metadata.user_api_key_user_id),
        "group": clean.label(group or metadata.user_api_key_project_alias or metadata.user_api_key_org_alias),
        "environment": clean.label(_environment(metadata, tags), LONGEST_ENVIRONMENT),
        "tags": clean.tags(tags),
    }


def _usage(read: Line, metadata: Metadata, error: Error, verdict: Verdict) -> dict[str, Any]:
    """Read tokens and money. A success that cost nothing has an unknown price; only a failure is known to be free."""
    cost = micros(read.response_cost)
    charged = True if cost or (isinstance(read.response_cost, int | float) and read.response_cost > 0) else None
    if not cost and not charged and verdict.outcome is Outcome.ERROR:
        charged = False
    quota, balance = _budget(metadata, error)
    return {
        "prompt_tokens": whole(read.prompt_tokens),
        "completion_tokens": whole(read.completion_tokens),
        "cost_micros": cost if charged is not None else None,
        "charged": charged,
        "quota_micros": quota,
        "balance_micros": balance,
    }


def _budget(metadata: Metadata, error: Error) -> tuple[int | None, int | None]:
    """Give the first known budget, and what was left of it before this request."""
    pairs = (
        (error.error_budget_limit, error.error_budget_spend),
        (metadata.user_api_key_max_budget, metadata.user_api_key_spend),
        (metadata.user_api_key_team_max_budget, metadata.user_api_key_team_spend),
        (metadata.user_api_key_user_max_budget, metadata.user_api_key_user_spend),
    )
    for limit, spend in ((micros(limit), micros(spend)) for limit, spend in pairs):
        if limit is not None:
            return limit, limit - spend if spend is not None else None
    return None, None


def _raw_key(metadata: Metadata) -> str:
    """Give the credential that LiteLLM logs raw when it does not begin with sk-; empty otherwise."""
    value = _word(metadata.user_api_key_hash).strip()
    return "" if value == MASTER_KEY or SHA256_HEX.match(value) or len(value) < SHORTEST_NAME_TO_HIDE else value


def _environment(metadata: Metadata, tags: list[Any]) -> Any:
    """Take the key's own environment, else an env: tag of the request."""
    named = KEY_METADATA.decode(metadata.user_api_key_auth_metadata).environment
    return named or next((tag.removeprefix(ENVIRONMENT_TAG) for tag in tags if _word(tag).startswith(ENVIRONMENT_TAG)), None)


def _retries(read: Line) -> int | None:
    """Count the retries before this success; absent for streams and failures."""
    return whole(HEADERS.decode(HIDDEN.decode(read.hidden_params).additional_headers).retries)


def _path(route: object) -> str:
    """Drop a query from the route."""
    return _word(route).partition("?")[0]


def _moment(value: object) -> int | None:
    """Read epoch seconds, or the ISO time of other versions, as epoch milliseconds."""
    return moment_from_seconds(value) if isinstance(value, int | float) else moment_from_iso(value)


def _moment_exactly(value: object) -> float | None:
    """Read a time as milliseconds without rounding."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * 1000 if abs(value) < LATEST_MS else None
    return _moment(value)


def _word(value: object) -> str:
    """Take text as it is and anything else as nothing."""
    return value if isinstance(value, str) else ""
