"""Of LiteLLM's StandardLoggingPayload, the fields that are read; everything else is skipped undecoded."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.lines import PartDecoder

_NULL = msgspec.Raw(b"null")


class Metadata(msgspec.Struct, gc=False):
    """Who called, and the budgets then."""

    user_api_key_hash: Any = None
    user_api_key_alias: Any = None
    user_api_key_user_id: Any = None
    user_api_key_team_alias: Any = None
    user_api_key_team_id: Any = None
    user_api_key_project_alias: Any = None
    user_api_key_org_alias: Any = None
    user_api_key_max_budget: Any = None
    user_api_key_spend: Any = None
    user_api_key_team_max_budget: Any = None
    user_api_key_team_spend: Any = None
    user_api_key_user_max_budget: Any = None
    user_api_key_user_spend: Any = None
    user_api_key_request_route: Any = None
    user_api_key_auth_metadata: msgspec.Raw = _NULL
    user_agent: Any = None


class KeyMetadata(msgspec.Struct, gc=False):
    """What the key's maker wrote on it."""

    environment: Any = None


class Error(msgspec.Struct, gc=False):
    """What failed; no traceback."""

    error_code: Any = None
    error_class: Any = None
    llm_provider: Any = None
    error_message: Any = None
    error_provider_request_id: Any = None
    error_rate_limit_category: Any = None
    error_rate_limit_type: Any = None
    error_budget_limit: Any = None
    error_budget_spend: Any = None
    normalized_error: Any = None


class Parameters(msgspec.Struct, gc=False):
    """Of the request parameters, whether a stream was asked for."""

    stream: Any = None


class Headers(msgspec.Struct, gc=False):
    """Of the response headers, the retry count."""

    retries: Any = msgspec.field(name="x-litellm-attempted-retries", default=None)


class Hidden(msgspec.Struct, gc=False):
    """Where LiteLLM keeps those headers."""

    additional_headers: msgspec.Raw = _NULL


class Response(msgspec.Struct, gc=False):
    """Of the response, what it says of a task: its id, how it fares, why it failed."""

    id: Any = None
    status: Any = None
    error: msgspec.Raw = _NULL


class TaskError(msgspec.Struct, gc=False):
    """Why a task failed."""

    code: Any = None
    message: Any = None


class Line(msgspec.Struct, gc=False):
    """One record; parts are decoded on their own, so that an odd one costs only itself."""

    id: Any = None
    litellm_call_id: Any = None
    call_type: Any = None
    stream: Any = None
    status: Any = None
    custom_llm_provider: Any = None
    start_time: Any = msgspec.field(name="startTime", default=None)
    end_time: Any = msgspec.field(name="endTime", default=None)
    first_token_time: Any = msgspec.field(name="completionStartTime", default=None)
    model: Any = None
    model_group: Any = None
    metadata: msgspec.Raw = _NULL
    response_cost: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    request_tags: Any = None
    user_agent: Any = None
    response: msgspec.Raw = _NULL
    model_parameters: msgspec.Raw = _NULL
    hidden_params: msgspec.Raw = _NULL
    error_str: Any = None
    error_information: msgspec.Raw = _NULL


LINE = msgspec.json.Decoder(Line)
METADATA = PartDecoder(Metadata)
KEY_METADATA = PartDecoder(KeyMetadata)
ERROR = PartDecoder(Error)
PARAMETERS = PartDecoder(Parameters)
HIDDEN = PartDecoder(Hidden)
HEADERS = PartDecoder(Headers)
RESPONSE = PartDecoder(Response)
TASK_ERROR = PartDecoder(TaskError)
