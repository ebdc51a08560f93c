"""Calls of the plan written as LiteLLM's `generic_api` callback writes them, quirks included; never a prompt, never a key."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from app.operations.demo.calls import Call
from app.operations.demo.failures import error_information
from app.operations.demo.parts import Part, is_task, parts_of

HIDDEN_TEXT = "redacted-by-litellm"
NO_ERROR = {
    "error_code": "", "error_class": "", "llm_provider": "", "traceback": "", "error_message": "", "error_provider_request_id": None,
    "error_rate_limit_category": None, "error_rate_limit_type": None, "error_budget_entity_type": None, "error_budget_entity_id": None,
    "error_budget_limit": None, "error_budget_spend": None, "normalized_error": None,
}  # fmt: skip
DISCONNECTED = {"error_code": "499", "error_message": "Client disconnected the request", "error_class": "ClientDisconnected"}
PROVIDER_CLASSES = {"openai": "OpenAI", "anthropic": "Anthropic", "deepseek": "Deepseek", "vertex_ai": "VertexAI", "dashscope": "Dashscope"}
TEAM_BUDGET_DAY = 40.0


def records_of(call: Call, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Every record a call leaves: one, two when it was retried or fell back, several requests for a video task."""
    ids = _fresh_ids(rng)
    for part in parts_of(call, rng):
        asked_later = is_task(call) and part.call_type != "avideo_generation"
        yield _payload(part, _fresh_ids(rng) if asked_later else ids, rng)


def _payload(part: Part, ids: tuple[str, str], rng: random.Random) -> dict[str, Any]:
    message = _message(part, rng)
    response = {} if part.failure else _response(part, ids[0], rng)
    return {
        "id": response.get("id") or ids[0],
        "litellm_call_id": ids[0],
        "trace_id": ids[1],
        "session_id": "",
        "call_type": part.call_type,
        **_outcome(part),
        **_times(part),
        **_model(part),
        "metadata": _metadata(part, rng),
        "response_cost": part.cost,
        "cost_breakdown": {"total_cost": part.cost} if part.cost else None,
        "total_tokens": sum(part.tokens),
        "prompt_tokens": part.tokens[0],
        "completion_tokens": part.tokens[1],
        "request_tags": [f"User-Agent: {part.call.key.agent.split('/', 1)[0]}", f"User-Agent: {part.call.key.agent}"],
        "end_user": None,
        "api_base": "",
        "requester_ip_address": "",
        "user_agent": part.call.key.agent,
        "messages": [{"role": "user", "content": HIDDEN_TEXT}] if part.model.kind == "chat" else HIDDEN_TEXT,
        "response": response,
        "model_parameters": {"stream": part.call.stream} if part.model.kind == "chat" else {},
        "hidden_params": _hidden(part),
        "error_str": message,
        "error_information": _error(part, message, rng),
    }


def _outcome(part: Part) -> dict[str, Any]:
    """Success or failure; the top-level stream flag is lost with every failure."""
    word = "failure" if part.failure else "success"
    return {
        "cache_hit": False if part.call.stream or part.failure else None,
        "stream": True if part.call.stream and not part.failure else None,
        "status": word,
        "status_fields": {"llm_api_status": word, "guardrail_status": "not_run"},
        "saved_cache_cost": 0.0,
    }


def _times(part: Part) -> dict[str, float]:
    """Epoch seconds; the response time of a stream is that of its first token."""
    return {
        "startTime": round(part.start, 6),
        "endTime": round(part.end, 6),
        "completionStartTime": round(part.first, 6),
        "response_time": round((part.first if part.call.stream else part.end) - part.start, 6),
    }


def _model(part: Part) -> dict[str, Any]:
    """Deployment and group; for a name nobody knows only the name that was asked for."""
    if part.failure and part.failure.id == "unknown_model":
        return {"custom_llm_provider": None, "model": part.call.asked, "model_group": "", "model_id": ""}
    group = part.model.group
    deployment = hashlib.sha256(group.encode()).hexdigest()[:16]
    return {
        "custom_llm_provider": part.model.provider,
        "model": f"{part.model.provider}/{group}",
        "model_group": group,
        "model_id": deployment,
    }


def _fresh_ids(rng: random.Random) -> tuple[str, str]:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4)), str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _metadata(part: Part, rng: random.Random) -> dict[str, Any]:
    """Who called. At the door nothing but the hash is known; a mistyped key is a key nobody has."""
    key, failure = part.call.key, part.failure
    at_door = failure is not None and failure.reach == "door"
    mistyped = failure is not None and failure.id == "bad_key" and key.place < 3
    digest = hashlib.sha256(f"typo {key.hash} {rng.getrandbits(16)}".encode()).hexdigest() if mistyped else key.hash
    known = {} if at_door else {
        "user_api_key_alias": key.alias,
        "user_api_key_max_budget": key.budget,
        "user_api_key_team_id": f"t-{key.team.name}",
        "user_api_key_team_alias": key.team.name,
        "user_api_key_team_max_budget": key.team.budget,
        "user_api_key_user_id": key.owner or None,
        "user_api_key_auth_metadata": {"environment": key.environment},
    }  # fmt: skip
    return {
        "user_api_key_hash": digest,
        "user_api_key_alias": None,
        "user_api_key_spend": 0.0 if at_door else _spend(part),
        "user_api_key_request_route": part.route,
        "user_agent": key.agent,
        "spend_logs_metadata": None,
        **known,
    }


def _hidden(part: Part) -> dict[str, Any]:
    if part.failure or part.call.stream:
        return {"response_cost": part.cost, "additional_headers": None}
    counters = {"x-litellm-attempted-retries": part.retries, "x-litellm-attempted-fallbacks": part.fallbacks}
    return {"response_cost": part.cost, "additional_headers": {"x-litellm-model-group": part.model.group, **counters}}


def _response(part: Part, call_id: str, rng: random.Random) -> dict[str, Any]:
    created = int(part.end)
    if part.task:
        failed = (
            {"error": {"code": "generation_stopped", "message": "The provider stopped the generation."}}
            if part.task_state == "failed"
            else {}
        )
        return {
            "id": part.task,
            "object": "video",
            "status": part.task_state,
            "created_at": int(part.call.at),
            "model": part.model.group,
            **failed,
        }
    if part.model.kind == "image":
        return {"id": call_id, "created": created, "data": [{"url": None, "b64_json": None}]}
    usage = {"prompt_tokens": part.tokens[0], "completion_tokens": part.tokens[1], "total_tokens": sum(part.tokens)}
    return {
        "id": f"chatcmpl-{rng.getrandbits(64):016x}",
        "object": "chat.completion",
        "created": created,
        "model": part.model.group,
        "usage": usage,
    }


def _error(part: Part, message: str | None, rng: random.Random) -> dict[str, Any]:
    if part.failure is None:
        return dict(DISCONNECTED if part.left else NO_ERROR)
    budget = None
    if part.failure.error_class == "BudgetExceededError":
        kind, entity = ("Team", part.call.key.team.name) if part.failure.id == "team_budget" else ("Key", part.call.key.alias)
        budget = (kind, entity, _limit(part), round(_limit(part) * 1.004, 2))
    return error_information(part.failure, message or "", part.model, rng, budget)


def _message(part: Part, rng: random.Random) -> str | None:
    if part.left:
        return "Client disconnected the request"
    if part.failure is None:
        return None
    return part.failure.message.format(
        Provider=PROVIDER_CLASSES[part.model.provider],
        model=part.model.group,
        asked=part.call.asked,
        route=part.route.removeprefix("/v1"),
        team=part.call.key.team.name,
        limit=_limit(part),
        spend=round(_limit(part) * 1.004, 2),
        day=datetime.fromtimestamp(part.start - 86400 * rng.randint(1, 20), UTC).date(),
        task=part.task,
    )


def _limit(part: Part) -> float:
    key = part.call.key
    return key.team.budget if part.failure and part.failure.id == "team_budget" else key.budget or 50.0


def _spend(part: Part) -> float:
    """How much the key had spent: grows through the week, never past its budget."""
    ceiling = part.call.key.budget or TEAM_BUDGET_DAY
    return round(ceiling * (0.2 + 0.7 * ((part.start / 604800) % 1)), 4)
