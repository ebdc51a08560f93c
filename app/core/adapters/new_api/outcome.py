"""What a row of New API's log says happened: outcome, status, whose side it was."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.adapters.new_api.payload import Other, StreamStatus
from app.core.fields import flag, whole
from app.core.record import Origin, Outcome

CONSUMED, FAILED, REFUNDED = 2, 5, 6
ENDED_WELL = frozenset({"done", "eof", "handler_stop", "none", ""})
CLIENT_LEFT = frozenset({"client_gone", "ping_fail"})
OWN_FAULT = frozenset({"panic", "internal_error"})
KEY_OWNERS_CODES = frozenset({"insufficient_user_quota", "pre_consume_token_quota_failed", "token_quota_exhausted"})
USERS_CODES = frozenset({"sensitive_words_detected", "invalid_request", "prompt_blocked", "access_denied", "read_request_body_failed"})
GATEWAYS_CODES = frozenset({"get_channel_failed", "gen_relay_info_failed", "model_price_error", "invalid_api_type", "json_marshal_failed"})
REFUND_CODE = "refunded"

_LEADING_STATUS = re.compile(r"\s*status_code[=:]\s*([1-5][0-9]{2})[,，]?\s*")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened, in the desk's words; `message` is still to be redacted."""

    outcome: Outcome
    status_code: int | None
    origin: Origin = Origin.UNKNOWN
    error_code: str | None = None
    message: str | None = None
    stream_end: str | None = None


def judge(kind: int, other: Other, content: object, stream: StreamStatus, is_stream: bool) -> Verdict:
    """Judge by the row's kind, then by how its stream ended."""
    if kind == FAILED:
        return _failure(other, content)
    if kind == REFUNDED:
        return _refund(other, content)
    return _consumption(stream, is_stream)


def _failure(other: Other, content: object) -> Verdict:
    """Read a failed attempt. The text begins with the status when the details lack it."""
    text = content if isinstance(content, str) else ""
    leading = _LEADING_STATUS.match(text)
    status = whole(other.status_code, 100, 599) or (int(leading[1]) if leading else None)
    code = _word(other.error_code) or _word(other.error_type) or None
    message = text[leading.end() :] if leading else text
    return Verdict(Outcome.ERROR, status, _origin(_word(other.error_code), _word(other.error_type)), code, message)


def _origin(code: str, error_type: str) -> Origin:
    """Say whose side failed: New API's own words, else the provider spoke."""
    if code in KEY_OWNERS_CODES:
        return Origin.KEY_OWNER
    if code in USERS_CODES:
        return Origin.USER
    if code.startswith("channel:") or code in GATEWAYS_CODES:
        return Origin.GATEWAY
    if code == "do_request_failed":
        return Origin.NETWORK
    if error_type == "new_api_error" and not code.startswith("bad_response"):
        return Origin.GATEWAY
    return Origin.PROVIDER if code or error_type else Origin.UNKNOWN


def _refund(other: Other, content: object) -> Verdict:
    """Money back: for a task that failed, or the difference when a finished one cost less than was taken."""
    if whole(other.actual_quota, 1):
        return Verdict(Outcome.OK, 200)
    return Verdict(Outcome.ERROR, None, Origin.PROVIDER, REFUND_CODE, content if isinstance(content, str) else None)


def _consumption(stream: StreamStatus, is_stream: bool) -> Verdict:
    """A charged request; the stream may have broken all the same."""
    reason = _word(stream.end_reason)
    broke = reason not in ENDED_WELL or (not reason and _word(stream.status) == "error")
    if not broke:
        return Verdict(Outcome.OK, 200, stream_end="done" if is_stream and reason else None)
    if reason in CLIENT_LEFT:
        return Verdict(Outcome.CANCELLED, 200, Origin.CLIENT, reason, _word(stream.end_error), "client")
    origin = Origin.GATEWAY if reason in OWN_FAULT else Origin.PROVIDER
    return Verdict(Outcome.PARTIAL, 200, origin, reason or "stream_error", _word(stream.end_error), "upstream")


def is_task(other: Other) -> bool:
    """Whether a row is about a task that goes on after the answer."""
    return flag(other.is_task) is True or other.task_id is not None


def _word(value: object) -> str:
    """Take text as it is and anything else as nothing."""
    return value if isinstance(value, str) else ""
