"""Every way a demonstration request can fail, as LiteLLM would log it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.operations.demo.world import DemoModel
from app.store.rulebook import read_rules

CLASS_OF_PROVIDER = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "deepseek": "Deepseek",
    "vertex_ai": "VertexAI",
    "dashscope": "Dashscope",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure; the fields are explained in failures.toml."""

    id: str
    code: str
    error_class: str
    normalized: str
    message: str
    reach: str
    weight: float
    seen: int
    seconds: float = 0.3
    category: str | None = None
    limit_type: str | None = None


FAILURES = msgspec.convert(read_rules(Path(__file__).parent, "failures")["failure"], tuple[Failure, ...])
FAILURE = {failure.id: failure for failure in FAILURES}
CLIENT_LEFT = "client_left"  # logged as a success with code 499
TASK_FAILED, TASK_STUCK = "task_failed", "task_stuck"  # a task that waits for ever leaves no failure at all


def error_information(
    failure: Failure, message: str, model: DemoModel, rng: random.Random, budget: tuple[str, str, float, float] | None
) -> dict[str, Any]:
    """LiteLLM's block of error facts. budget: entity kind, entity, limit, spend."""
    at_provider = failure.reach == "provider"
    kind, entity, limit, spend = budget or (None, None, None, None)
    return {
        "error_code": failure.code,
        "error_class": failure.error_class,
        "llm_provider": model.provider if at_provider else "",
        "traceback": "",
        "error_message": message,
        "error_provider_request_id": f"req_{rng.getrandbits(96):024x}" if at_provider and failure.error_class != "Timeout" else None,
        "error_rate_limit_category": failure.category,
        "error_rate_limit_type": failure.limit_type,
        "error_budget_entity_type": kind,
        "error_budget_entity_id": entity,
        "error_budget_limit": limit,
        "error_budget_spend": spend,
        "normalized_error": failure.normalized,
    }


def kind_of(payload: Mapping[str, Any]) -> str | None:
    """Which failure a payload records; None for an untroubled success."""
    error = payload.get("error_information") or {}
    if error.get("error_code") == "499":
        return CLIENT_LEFT
    if not error.get("error_class"):
        return "task_failed" if (payload.get("response") or {}).get("status") == "failed" else None
    same_class = [
        failure for failure in FAILURES if (failure.error_class, failure.normalized) == (error["error_class"], error["normalized_error"])
    ]
    message = str(error["error_message"])
    return next((failure.id for failure in same_class if len(same_class) == 1 or _tells(failure) in message), None)


def _tells(failure: Failure) -> str:
    """Find the longest piece of the message's wording that is not filled in: what tells it from its like."""
    pieces = failure.message.replace("{{", "{").replace("}}", "}").split("{")
    return max((piece.split("}", 1)[-1] for piece in pieces), key=len)
