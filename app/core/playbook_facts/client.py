"""Facts of the program and of the address set in it."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.playbook_facts.sight import Answer, Sight, Value

FULL_ENDPOINTS = ("/chat/completions", "/responses", "/messages", "/embeddings", "/images/generations")


def address(sight: Sight) -> Answer | None:
    """What is wrong with the base URL as the user gave it."""
    address = (sight.evidence.base_url or "").lower().rstrip("/")
    if not address:
        return None
    values: dict[str, Value] = {"address": address}
    if "/v1/v1" in address or address.endswith(FULL_ENDPOINTS):
        return Answer("too_long", values)
    without = sight.client is not None and "without_v1" in sight.client.facts
    needs = sight.client is not None and "needs_v1" in sight.client.facts
    if needs and not address.endswith("/v1"):
        return Answer("v1_missing", values)
    return Answer("v1_unwanted" if without and address.endswith("/v1") else "fits", values)


def api(sight: Sight) -> Answer | None:
    """Which API the client speaks, where it speaks only one."""
    return _trait(sight, {"responses_only": "responses", "messages_only": "messages"}, "any")


def calls(sight: Sight) -> Answer | None:
    """Where the client calls from."""
    return _trait(sight, {"cloud_side": "cloud", "server_side": "server", "browser_side": "browser"}, "own")


def retries(sight: Sight) -> Answer | None:
    """How often the client repeats a failed request by itself."""
    return _trait(sight, {"retries_twice": "twice", "retries_five": "five"}, "unsaid")


def _trait(sight: Sight, answers: Mapping[str, str], other: str) -> Answer | None:
    if sight.client is None:
        return None
    found = next((word for trait, word in answers.items() if trait in sight.client.facts), other)
    return Answer(found, {"client": sight.client.name})
