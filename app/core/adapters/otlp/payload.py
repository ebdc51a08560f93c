"""Of a span, the attributes that are read; everything else is skipped undecoded.

Prompts, replies, system instructions, tool calls, headers, addresses and stack traces are not named here. Each name is
followed by those that older conventions and LiteLLM's two exporters have for the same thing.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.lines import PartDecoder

_NULL = msgspec.Raw(b"null")


class Span(msgspec.Struct, gc=False):
    """A span, taken apart by `core.otlp`."""

    trace_id: Any = None
    span_id: Any = None
    name: Any = None
    kind: Any = None
    start: Any = None
    end: Any = None
    status: Any = None
    message: Any = None
    attributes: msgspec.Raw = _NULL
    resource: msgspec.Raw = _NULL


# what is read → the attributes that may say it, the first one that does
NAMES: dict[str, tuple[str, ...]] = {
    "call_id": ("litellm.call_id",),
    "operation": ("gen_ai.operation.name",),
    "call_type": ("litellm.call_type", "llm.request.type"),
    "span_kind": ("openinference.span.kind",),
    "route": ("litellm.request.route", "metadata.user_api_key_request_route", "http.route", "url.path", "http.target"),
    "client": ("metadata.user_agent", "user_agent.original", "http.user_agent"),
    "model_group": ("litellm.model_group",),
    "model": ("gen_ai.request.model", "llm.model_name"),
    "model_served": ("gen_ai.response.model",),
    "deployment": ("litellm.provider.model",),  # read to be removed from error texts
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "http_status": ("http.response.status_code", "http.status_code"),
    "error_type": ("error.type",),
    "error_code": ("litellm.provider.error.code", "error.code"),
    "error_message": ("error.message",),
    "error_provider": ("litellm.provider.error.llm_provider", "error.llm_provider"),
    "prompt_tokens": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"),
    "completion_tokens": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"),
    "cost": ("litellm.cost.total", "gen_ai.cost.total_cost"),
    "key": ("litellm.api_key.hash", "metadata.user_api_key_hash"),
    "key_alias": ("litellm.metadata.user_api_key_alias", "metadata.user_api_key_alias"),
    "owner": ("litellm.metadata.user_api_key_user_id", "metadata.user_api_key_user_id", "enduser.id", "user.id"),
    "group": ("litellm.team.alias", "metadata.user_api_key_team_alias", "litellm.team.id", "metadata.user_api_key_team_id"),
    "budget": ("metadata.user_api_key_max_budget",),
    "spend": ("metadata.user_api_key_spend",),
    "streaming": ("litellm.request.streaming", "llm.is_streaming", "gen_ai.request.stream"),
    "first_chunk": ("gen_ai.response.time_to_first_chunk",),
    "response_id": ("gen_ai.response.id",),
}
RESOURCE_NAMES = ("deployment.environment.name", "deployment.environment")

_ALL = {name: f"a{at}" for at, name in enumerate(dict.fromkeys(name for names in (*NAMES.values(), RESOURCE_NAMES) for name in names))}
_Attributes = msgspec.defstruct("_Attributes", [(at, Any, None) for at in _ALL.values()], rename={at: name for name, at in _ALL.items()})
_DECODER: PartDecoder[Any] = PartDecoder(_Attributes)
SPAN = msgspec.json.Decoder(Span)


def attributes_of(span: Span) -> dict[str, Any]:
    """Give what the span's attributes say, by the names of NAMES; LiteLLM writes an empty text for nothing."""
    told = _DECODER.decode(span.attributes)
    return {what: content for what, names in NAMES.items() if (content := _first(told, names)) is not None}


def environment_of(span: Span) -> Any:
    """Give the environment the resource names."""
    return _first(_DECODER.decode(span.resource), RESOURCE_NAMES)


def _first(told: Any, names: tuple[str, ...]) -> Any:
    return next((content for name in names if (content := getattr(told, _ALL[name])) is not None and content != ""), None)
