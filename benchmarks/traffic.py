"""Simulated traffic of a gateway and tickets about it, for the benchmarks; the same seed gives the same.

Traffic is skewed and follows the clock, errors come in bursts, key endings collide; tickets are rounded, shifted,
incomplete, and one in ten is about a request that never reached the log.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TypeVar

from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.record import Origin, Outcome, RedactedRecord, record_identity
from app.core.redacted_text import seal

START = datetime(2026, 10, 25, tzinfo=UTC)  # thirty days from here lie in two months
DAYS = 30
KEYS = 2_000
HOUR_MS = 3_600_000
MODELS = {  # share of the traffic, provider, what people call it
    "gpt-4o": (28, "openai", "GPT4o"),
    "gpt-4o-mini": (19, "openai", "4o mini"),
    "claude-sonnet-4-5-20250929": (18, "anthropic", "Claude 4.5 Sonnet"),
    "deepseek-chat": (12, "deepseek", "deepseek"),
    "gemini-2.5-pro": (7, "google", "gemini 2.5 pro"),
    "gemini-2.5-flash": (6, "google", "gemini flash"),
    "deepseek-reasoner": (4, "deepseek", "deepseek-r1"),
    "qwen-max": (3, "dashscope", "通义千问 max"),
    "glm-4.6": (2, "zhipu", "GLM 4.6"),
    "gpt-image-1": (1, "openai", "gpt image"),
}
AGENTS = {
    "OpenAI/Python 1.109.1": ("Python SDK", 26),
    "CherryStudio/1.6.2": ("Cherry Studio", 14),
    "claude-cli/2.0.31": ("Claude Code", 14),
    "OpenAI/JS 5.20.0": ("Node SDK", 12),
    "Cursor/1.7": ("Cursor", 10),
    "codex_cli_rs/0.46.0": ("Codex CLI", 8),
    "curl/8.5.0": ("curl", 3),
}
FAILURES = [
    (429, "rate_limit_exceeded", "Rate limit reached for {model} in organization on requests per min (RPM): Limit 500", 16),
    (429, "upstream_saturated", "当前分组上游负载已饱和，请稍后再试 (request id: {rid})", 12),
    (403, "insufficient_user_quota", "预扣费额度失败, 用户剩余额度: {amount}, 需要预扣费额度: 7.5000 (request id: {rid})", 8),
    (401, "invalid_api_key", "Incorrect API key provided: sk-…{tail}.", 6),
    (404, "model_not_found", "The model `{model}` does not exist or you do not have access to it.", 6),
    (503, "overloaded", "The engine is currently overloaded, please try again later", 6),
    (504, "upstream_timeout", "upstream request timeout", 5),
    (402, "insufficient_balance", "Insufficient Balance", 5),
    (500, "internal_error", "The server had an error while processing your request.", 4),
]
STORMS = (0, 1, 5, 6)  # what comes in bursts, by place in FAILURES
CLOCK = (2, 1, 1, 1, 1, 1, 2, 3, 6, 9, 10, 9, 7, 8, 10, 10, 9, 8, 6, 5, 5, 4, 3, 2)  # how busy each hour of the day is
WRAPPERS = ["{}", "Error: {}", "openai.APIError: {}", "请求失败: {}", "[app] {}"]

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Ticket:
    """A report and the action it is about."""

    evidence: Evidence
    action_id: str | None  # None: no log line


@dataclass(frozen=True)
class Key:
    """Who calls, and for whom."""

    mark: str
    tail: str
    owner: str
    group: str
    environment: str


class Skewed(list[_Item]):
    """Things some of which are chosen more often than others."""

    def __init__(self, items: Sequence[_Item], weights: Sequence[float]) -> None:
        super().__init__(items)
        self._ends = list(accumulate(weights))

    def choose(self, chance: random.Random) -> _Item:
        """One of them."""
        return chance.choices(self, cum_weights=self._ends)[0]


_MODELS = Skewed(list(MODELS), [share for share, *_ in MODELS.values()])
_AGENTS = Skewed(list(AGENTS), [share for _, share in AGENTS.values()])
_FAILURES = Skewed(FAILURES, [share for *_, share in FAILURES])


def traffic(chance: random.Random, size: int, start: datetime = START, days: int = DAYS) -> Iterator[RedactedRecord]:
    """Requests in order of time; about 6 % fail, in bursts more."""
    keys = Skewed(_keys(chance), [1 / (number + 3) for number in range(KEYS)])
    hours = _busy_hours(chance, size, days)
    storms = {chance.choice(hours): (_MODELS.choose(chance), FAILURES[chance.choice(STORMS)]) for _ in range(days * 2)}
    began = int(start.timestamp() * 1000)
    per_hour = [0] * (days * 24)
    for hour in hours:
        per_hour[hour] += 1
    for hour, count in enumerate(per_hour):
        storm = storms.get(hour)
        for at in sorted(chance.random() for _ in range(count)):
            model = _MODELS.choose(chance)
            in_storm = storm is not None and storm[0] == model
            failure = (
                (storm[1] if in_storm and storm else _FAILURES.choose(chance)) if chance.random() < (0.5 if in_storm else 0.05) else None
            )
            yield a_request(chance, began + hour * HOUR_MS + int(at * HOUR_MS), model, keys.choose(chance), failure)


def _keys(chance: random.Random) -> list[Key]:
    """Every fifth ends as another does."""
    keys: list[Key] = []
    for number in range(KEYS):
        tail = keys[number // 5 * 4].tail if number % 5 == 4 else "".join(chance.choices(string.ascii_letters + string.digits, k=4))
        group = chance.choice(("default", "research", "search", "marketing", "vip", "batch"))
        environment = chance.choice(("production", "production", "test", "personal"))
        keys.append(Key(f"{chance.getrandbits(128):032x}", tail, f"team-{number % 60}", group, environment))
    return keys


def _busy_hours(chance: random.Random, size: int, days: int) -> list[int]:
    """The hour of each request, counted from the start."""
    hours = Skewed(range(days * 24), [CLOCK[hour % 24] for hour in range(days * 24)])
    return chance.choices(hours, cum_weights=hours._ends, k=size)  # noqa: SLF001 - of this module


def a_request(chance: random.Random, at: int, model: str, key: Key, failure: tuple[int, str, str, int] | None) -> RedactedRecord:
    """One request, failed or well."""
    rid = f"{chance.getrandbits(128):032x}"
    stream = chance.random() < 0.6
    provider = MODELS[model][1]
    if failure is None:
        latency = int(chance.lognormvariate(7.5, 0.9))
        outcome = {"status_code": 200, "latency_ms": latency, "ttft_ms": latency // 3 if stream else None, "prompt_tokens": latency // 2,
                   "completion_tokens": latency // 9, "cost_micros": latency * 3, "charged": True}  # fmt: skip
    else:
        status, code, text, _ = failure
        filled = text.format(model=model, rid=rid, tail=key.tail, amount=f"{chance.uniform(0, 3):.4f}")
        origin = Origin.PROVIDER if status >= 500 else Origin.KEY_OWNER
        outcome = {"status_code": status, "error_code": code, "error_message": seal(filled), "outcome": Outcome.ERROR, "origin": origin,
                   "latency_ms": chance.randrange(20, 900)}  # fmt: skip
    return RedactedRecord(
        record_id=record_identity("ndjson", rid),
        request_id=rid,
        action_id=rid,
        source="ndjson",
        started_at=at,
        endpoint="/v1/chat/completions",
        model_requested=model,
        model_served=model,
        provider=provider,
        client=_AGENTS.choose(chance),
        key_prefix="sk-",
        key_fingerprint=key.mark,
        key_last4=key.tail,
        owner=key.owner,
        group=key.group,
        environment=key.environment,
        stream=stream,
        **outcome,
    )


def a_ticket(chance: random.Random, record: RedactedRecord) -> Ticket:
    """What a user would say of a failed request; one in ten was never logged."""
    if absent := chance.random() < 0.1:
        record = _never_logged(chance, record)
    known = chance.random()
    key = KeyRef("sk-", record.key_last4 if known < 0.6 else None, record.key_fingerprint if 0.5 < known < 0.7 else None)
    text = (record.error_message or "").replace(record.request_id, "")
    cut = text if chance.random() < 0.7 else text[: max(18, len(text) // 2)]
    said, tolerance = _told_time(chance, datetime.fromtimestamp(record.started_at / 1000, UTC))
    evidence = Evidence(
        client=AGENTS[record.client or ""][0] if chance.random() < 0.85 else None,
        model=MODELS[record.model_requested or ""][2] if chance.random() < 0.9 else None,
        status_code=record.status_code if chance.random() < 0.9 else None,
        error_text=seal(chance.choice(WRAPPERS).format(cut)),
        key=key,
        request_id=record.request_id if chance.random() < 0.1 else None,
        request_time=said,
        tolerance_minutes=tolerance,
        stream=record.stream if chance.random() < 0.5 else None,
    )
    return Ticket(evidence, None if absent else record.action_id)


def _told_time(chance: random.Random, at: datetime) -> tuple[datetime, int]:
    """The minute, rounded, or vague; one in twenty-five by a clock of another zone."""
    minute, ten, vague = at.replace(second=0), at.replace(minute=at.minute // 10 * 10, second=0), timedelta(minutes=chance.gauss(0, 30))
    said, tolerance = chance.choice([(minute, 5), (ten, 20), (at + vague, 60)])
    return (said + timedelta(hours=chance.choice([-8, 8])) if chance.random() < 0.04 else said), tolerance


def _never_logged(chance: random.Random, like: RedactedRecord) -> RedactedRecord:
    """A request of about that time that another gateway took: its key, its ids and its figures stand in no line."""
    tail = "".join(chance.choices(string.ascii_letters + string.digits, k=4))
    key = Key(f"{chance.getrandbits(128):032x}", tail, "", "", "")
    at = like.started_at + int(chance.uniform(-48, 48) * HOUR_MS)
    return a_request(chance, at, _MODELS.choose(chance), key, _FAILURES.choose(chance))
