"""What a span says happened: the attributes of its error, its status, and the HTTP status when it has one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.core import litellm_outcome
from app.core.fields import flag, micros, whole
from app.core.litellm_outcome import Told, without_deployment
from app.core.record import Origin, Outcome

ERROR_STATUS = 2
FIRST_FAILURE = 400
UNNAMED = frozenset({"", "_OTHER"})
BUDGET_WORDS = ("Budget has been exceeded", "ExceededBudget")

_RAISED = re.compile(r"litellm\.([A-Z][A-Za-z]{2,60}): ")  # what LiteLLM raised, before its proxy wrapped it
_STATUS = re.compile(r"[1-5][0-9]{2}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What happened, in the desk's words; `message` is still to be redacted."""

    outcome: Outcome
    status_code: int | None = None
    origin: Origin = Origin.UNKNOWN
    error_code: str | None = None
    stream_end: str | None = None
    message: str | None = None


def judge(told: dict[str, Any], status: object, status_message: object) -> Seen:
    """Judge a span: LiteLLM's by LiteLLM's rules, any other by the conventions."""
    message = _word(told.get("error_message")) or _word(status_message)
    http = whole(told.get("http_status"), 100, 599)
    failed = status in (ERROR_STATUS, str(ERROR_STATUS)) or "error_type" in told or (http is not None and http >= FIRST_FAILURE)
    if not failed:
        stream_end = "done" if flag(told.get("streaming")) else None
        return Seen(Outcome.OK, http or 200, stream_end=stream_end)
    if "call_id" in told or "error_code" in told:
        return _litellm(told, message, http)
    return _conventional(told, message, http)


def _litellm(told: dict[str, Any], message: str, http: int | None) -> Seen:
    """Judge by LiteLLM's rules, which know its classes, and broken streams that were answered with 200."""
    group = _word(told.get("model_group") or told.get("model"))
    raised = _RAISED.match(message)
    streaming = flag(told.get("streaming")) is True
    answered = http is not None and http < FIRST_FAILURE
    verdict = litellm_outcome.judge(
        Told(
            status="failure",
            code=str(told.get("error_code", "")),
            error_class=raised[1] if raised else _word(told.get("error_type")).rpartition(".")[2],
            message=message,
            provider=_word(told.get("error_provider")),
            limit_type="budget" if any(word in message for word in BUDGET_WORDS) else "",
            streaming=streaming,
            began=bool(whole(told.get("completion_tokens")))
            or "first_chunk" in told
            or (streaming and (answered or bool(micros(told.get("cost"))))),
        )
    )
    return Seen(
        verdict.outcome,
        verdict.status_code or http,
        verdict.origin,
        verdict.error_code,
        verdict.stream_end,
        without_deployment(message, _word(told.get("deployment")), group),
    )


def _conventional(told: dict[str, Any], message: str, http: int | None) -> Seen:
    """Judge by error.type, which is an HTTP status, the name of an exception or a provider's code."""
    kind = str(told.get("error_type", ""))
    named = int(kind) if _STATUS.fullmatch(kind) else None
    began = bool(whole(told.get("completion_tokens"))) and flag(told.get("streaming"))
    if began and named is None and http in (None, 200):
        return Seen(Outcome.PARTIAL, 200, Origin.PROVIDER, None if kind in UNNAMED else kind, "upstream", message)
    return Seen(Outcome.ERROR, http or named, Origin.UNKNOWN, None if kind in UNNAMED or named else kind, message=message)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
