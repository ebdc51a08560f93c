"""Records of every kind that a source can bring, many and always the same ones: for what is computed a column at a time."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from app.core.record import Origin, Outcome, RedactedRecord, record_identity
from app.core.redacted_text import seal
from tests.log_records import START

MOST = 2**31 - 1
ODD_TEXTS = ("", "null", "\\N", "a\tb", "line\nline\r", "back\\slash", 'it\'s "quoted"', "模型", "{x}", "\\x41")
ERRORS = (None, None, *map(seal, ("insufficient balance", "timed out", "余额不足", "line\none\ttwo\\three", "")))
LABELS = (None, None, "gpt-4o", "gpt-4o-mini", "OpenAI/Python 2.1.0", "OpenAI/Python 2.2.0", *ODD_TEXTS)
NUMBERS = (None, 0, 1, 7, 129, 4_321, 60_000, MOST)
AMOUNTS = (None, 0, 1, 12_345, 2**53, -1, -77, -(2**53))
FLAGS = (None, True, False)


def random_records(seed: int, count: int, **fixed: Any) -> list[RedactedRecord]:
    """Some have the identity of one before and say something else; `fixed` facts are the same in all."""
    choice = random.Random(seed)
    records: list[RedactedRecord] = []
    for number in range(count):
        again = records and choice.random() < 0.1
        records.append(replace(choice.choice(records), attempt=number) if again else _record(choice, number, fixed))
    return records


def hex_id(number: int) -> str:
    """The kind of id that most gateways give."""
    return record_identity("id", number)


def uuid_id(number: int) -> str:
    """The other kind."""
    digits = hex_id(number)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _record(choice: random.Random, number: int, fixed: dict[str, Any]) -> RedactedRecord:
    request_id = choice.choice((hex_id, hex_id, uuid_id, lambda number: f"call-{number}", lambda number: f"编号{number}"))(number)
    fields = _request(choice) | _outcome(choice) | _cost(choice)
    fields |= {
        "record_id": record_identity("ndjson", number),
        "request_id": request_id,
        "action_id": choice.choice((request_id, request_id, request_id.upper(), hex_id(number // 3), "trace-1")),
        "source": choice.choice(("ndjson", "litellm")),
        "started_at": START + choice.randrange(-3, 3) * 3_600_000 + choice.randrange(1000),
    }
    return RedactedRecord(**(fields | fixed))


def _request(choice: random.Random) -> dict[str, Any]:
    labels = (
        "endpoint",
        "client",
        "model_requested",
        "model_served",
        "provider",
        "key_last4",
        "key_alias",
        "owner",
        "group",
        "environment",
    )
    return {name: choice.choice(LABELS) for name in labels} | {
        "attempt": choice.choice((1, 1, 2, 3)),
        "request_type": choice.choice(("chat", "image")),
        "key_prefix": choice.choice(("", "sk-")),
        "key_fingerprint": choice.choice((None, "", *map(hex_id, range(5)))),
        "stream": choice.choice(FLAGS),
        "tags": choice.choice(((), (), ("a",), ("模型", 'q"'))),
    }


def _outcome(choice: random.Random) -> dict[str, Any]:
    return {
        "outcome": choice.choice((*[Outcome.OK] * 5, *Outcome)),
        "origin": choice.choice(list(Origin)),
        "status_code": choice.choice((None, 200, 401, 404, 429, 500)),
        "error_code": choice.choice((None, None, "insufficient_quota", "rate_limit")),
        "error_message": choice.choice(ERRORS),
        "stream_end": choice.choice((None, "done", "client")),
        "retries": choice.choice((*[None] * 5, 0, 1, 3, MOST)),
        "fallback_from": choice.choice((*[None] * 5, "", "gpt-4o")),
        "fallback_reason": choice.choice(ERRORS),
        "task_id": choice.choice((None, None, "task-1", "task-2")),
    }


def _cost(choice: random.Random) -> dict[str, Any]:
    numbers: Sequence[str] = ("latency_ms", "ttft_ms", "prompt_tokens", "completion_tokens")
    amounts = ("cost_micros", "quota_micros", "balance_micros")
    return (
        {name: choice.choice(NUMBERS) for name in numbers}
        | {name: choice.choice(AMOUNTS) for name in amounts}
        | {"charged": choice.choice(FLAGS)}
    )
