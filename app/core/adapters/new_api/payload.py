"""Of New API's rows, the fields that are read; everything else is skipped undecoded."""

from __future__ import annotations

from typing import Any

import msgspec

from app.core.lines import PartDecoder

_NULL = msgspec.Raw(b"null")


class Row(msgspec.Struct, gc=False):
    """A row of `logs`, `tasks` or `midjourneys`; which one, its fields tell."""

    id: Any = None
    type: Any = None
    created_at: Any = None
    request_id: Any = None
    user_id: Any = None
    username: Any = None
    user_agent: Any = None  # some forks have it
    token_id: Any = None
    token_name: Any = None
    model_name: Any = None
    group: Any = None
    quota: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    use_time: Any = None
    is_stream: Any = None
    content: Any = None
    channel: Any = None  # for the identity only
    other: msgspec.Raw = _NULL
    task_id: Any = None
    platform: Any = None
    action: Any = None
    status: Any = None
    fail_reason: Any = None
    submit_time: Any = None
    start_time: Any = None
    finish_time: Any = None
    properties: msgspec.Raw = _NULL
    mj_id: Any = None


class Other(msgspec.Struct, gc=False):
    """What a log row says in its field `other`, a JSON text."""

    status_code: Any = None
    error_code: Any = None
    error_type: Any = None
    request_path: Any = None
    frt: Any = None
    is_model_mapped: Any = None
    upstream_model_name: Any = None
    is_task: Any = None
    task_id: Any = None
    pre_consumed_quota: Any = None
    actual_quota: Any = None
    ws: Any = None
    audio: Any = None
    subscription_remain: Any = None
    subscription_total: Any = None
    stream_status: msgspec.Raw = _NULL
    admin_info: msgspec.Raw = _NULL


class StreamStatus(msgspec.Struct, gc=False):
    """How a stream ended."""

    status: Any = None
    end_reason: Any = None
    end_error: Any = None


class AdminInfo(msgspec.Struct, gc=False):
    """The channels that were tried, one after the other; only how many is kept."""

    use_channel: Any = None


class Properties(msgspec.Struct, gc=False):
    """Of a task, its models; the prompt stands beside them."""

    origin_model_name: Any = None


ROW = msgspec.json.Decoder(Row)
OTHER = PartDecoder(Other)
STREAM_STATUS = PartDecoder(StreamStatus)
ADMIN_INFO = PartDecoder(AdminInfo)
PROPERTIES = PartDecoder(Properties)
