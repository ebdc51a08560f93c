"""What a LiteLLM record says happened: outcome, status, origin. LiteLLM logs no HTTP status; it is inferred here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.record import Origin, Outcome

BROKEN_STREAM_CLASSES = frozenset({"ReadError", "ReadTimeout", "APIError"})
PROXY_CLASSES = frozenset(
    {
        "HTTPException",
        "ProxyException",
        "ProxyModelNotFoundError",
        "ProxyRateLimitError",
        "ProxyMissingRequiredParamError",
        "BudgetExceededError",
    }
)
OWN_SIDE = ("Proxy", "Router")  # how LiteLLM begins the names of errors raised by itself
USERS_FAULT = frozenset({400, 401, 404, 405, 413, 415, 422})
KEY_OWNERS_MATTER = frozenset({402, 403})
CLIENT_WENT_AWAY = "499"
SHORTEST_NAME_TO_HIDE = 4

_STATUS = re.compile(r"[1-5][0-9]{2}")
_LEADING_STATUS = re.compile(r"([1-5][0-9]{2})_")
_PROVIDER_SPOKE = re.compile(r"[A-Z][A-Za-z0-9]{1,40}Exception(?![A-Za-z0-9])")


@dataclass(frozen=True, slots=True)
class Told:
    """What a record tells about its end; empty strings where it tells nothing."""

    status: str = ""  # success or failure
    code: str = ""
    error_class: str = ""
    normalized: str = ""
    message: str = ""
    provider: str = ""
    provider_request_id: str = ""
    limit_category: str = ""
    limit_type: str = ""
    streaming: bool = False
    began: bool = False  # the first token had come


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened, in the desk's words."""

    outcome: Outcome
    status_code: int | None = None
    origin: Origin = Origin.UNKNOWN
    error_code: str | None = None
    stream_end: str | None = None


def judge(told: Told) -> Verdict:
    """Infer outcome, status as the client saw it, and origin."""
    if told.status != "failure":
        return _judge_success(told)
    code = _error_code(told)
    if told.began and (told.streaming or told.error_class in BROKEN_STREAM_CLASSES) and not _is_own_side(told):
        return Verdict(Outcome.PARTIAL, 200, Origin.PROVIDER, code, "upstream")
    status = _status_code(told)
    return Verdict(Outcome.ERROR, status, _origin(told, status), code)


def _judge_success(told: Told) -> Verdict:
    """Tell a success from one whose client left in the middle: that is logged as a success with code 499."""
    if told.code == CLIENT_WENT_AWAY or told.error_class == "ClientDisconnected":
        return Verdict(Outcome.CANCELLED, 200, Origin.CLIENT, told.code or told.error_class, "client")
    return Verdict(Outcome.OK, 200, stream_end="done" if told.streaming else None)


def _status_code(told: Told) -> int | None:
    """Prefer the numeric code; without one, take the digits of the normalized error."""
    if _STATUS.fullmatch(told.code):
        return int(told.code)
    leading = _LEADING_STATUS.match(told.normalized)
    return int(leading[1]) if leading else None


def _error_code(told: Told) -> str | None:
    """Keep the provider's own word when there is one, else LiteLLM's normalized word, else its class."""
    if told.code and not _STATUS.fullmatch(told.code):
        return told.code
    if told.normalized and told.normalized != "UNCLASSIFIED":
        return told.normalized
    return told.error_class or told.code or None


def _origin(told: Told, status: int | None) -> Origin:
    """Say whose side failed. An id from the provider is proof; a proxy-side class speaks for itself."""
    if told.provider_request_id or told.limit_category == "vendor_rate_limit":
        return Origin.PROVIDER
    if told.error_class == "BudgetExceededError" or told.limit_type == "budget" or "BUDGET" in told.normalized:
        return Origin.KEY_OWNER
    if _is_own_side(told):
        return _origin_on_own_side(status)
    if told.error_class == "UnsupportedParamsError":
        return Origin.USER
    if told.provider or _PROVIDER_SPOKE.search(told.message):
        return Origin.PROVIDER
    return Origin.UNKNOWN


def _origin_on_own_side(status: int | None) -> Origin:
    """Say who must act on a refusal of the gateway itself."""
    if status in USERS_FAULT:
        return Origin.USER
    return Origin.KEY_OWNER if status in KEY_OWNERS_MATTER else Origin.GATEWAY


def _is_own_side(told: Told) -> bool:
    """Whether the gateway raised the error itself; then no provider was called."""
    return told.error_class in PROXY_CLASSES or told.error_class.startswith(OWN_SIDE) or told.limit_category == "litellm_rate_limit"


def without_deployment(text: str, deployment: str, group: str) -> str:
    """Put the group's name where the error text names the deployment behind it."""
    if not group or not text:
        return text
    for name in (deployment, deployment.partition("/")[2]):
        if len(name) >= SHORTEST_NAME_TO_HIDE and name not in group and name in text:
            text = re.sub(rf"(?<![A-Za-z0-9_/-]){re.escape(name)}(?![A-Za-z0-9_-])", lambda _: group, text)
    return text
