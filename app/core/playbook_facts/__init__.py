"""Facts that answer a playbook's steps by themselves: read from the report, the matched log lines, the key and its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from app.core.playbook_facts import client, key, log_line
from app.core.playbook_facts.sight import Answer, Sight, Value

__all__ = ["FACTS", "TOLD", "Answer", "Sight", "Value", "answer"]

TOLD = "evidence."

FACTS: Mapping[str, Callable[[Sight], Answer | None]] = {
    "match": log_line.match,
    "match.origin": log_line.origin,
    "match.status": log_line.status,
    "match.outcome": log_line.outcome,
    "match.error_code": log_line.error_code,
    "match.retry_after": log_line.retry_after,
    "match.model": log_line.model,
    "match.duration": log_line.duration,
    "match.stream_end": log_line.stream_end,
    "match.output": log_line.output,
    "match.task": log_line.task,
    "match.balance": log_line.balance,
    "match.allowance": log_line.allowance,
    "charged": log_line.charged,
    "attempts": log_line.attempts,
    "attempts.fallback": log_line.fallback,
    "attempts.final": log_line.final_outcome,
    "key": key.ref,
    "key.owner": key.owner,
    "key.last_ok": key.last_ok,
    "key.failures": key.failures,
    "key.statuses": key.statuses,
    "key.burst": key.burst,
    "key.repeats": key.repeats,
    "neighbours.distinct_keys": key.distinct_keys,
    "neighbours.others_answered": key.others_answered,
    "address": client.address,
    "client.api": client.api,
    "client.calls": client.calls,
    "client.retries": client.retries,
}


def answer(name: str, sight: Sight) -> Answer | None:
    """Ask a fact; None when nothing tells. Raises KeyError for an unknown fact."""
    if name.startswith(TOLD):
        return _told(name.removeprefix(TOLD), sight)
    return FACTS[name](sight)


def _told(name: str, sight: Sight) -> Answer | None:
    """What the user gave for a field, or that they do not know it."""
    if name in sight.evidence.unknown:
        return Answer("not_known")
    value = getattr(sight.evidence, name)
    if value is None:
        return None
    return Answer("given", {"value": value if isinstance(value, str | int | datetime) else str(value)})
