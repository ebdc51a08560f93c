"""The demonstration: a generated week of gateway traffic and the tickets people filed about it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.operations.demo.calls import plan
from app.operations.demo.records import records_of
from app.operations.demo.tickets import DemoTicket, DemoWord, demo_tickets

__all__ = ["DemoTicket", "DemoWord", "demo_tickets", "demo_traffic"]


def demo_traffic(seed: int, end: datetime, days: int = 7, requests: int = 12000) -> Iterator[dict[str, Any]]:
    """LiteLLM `generic_api` payloads of the `days` before `end`, nearly in order of time; the same for the same arguments."""
    rng = random.Random(f"records {seed}")  # noqa: S311 - repeatable, not secret
    latest = end.timestamp()
    for call in plan(seed, end, days, requests):
        yield from (record for record in records_of(call, rng) if record["endTime"] <= latest)
