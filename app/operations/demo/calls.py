"""The plan of the demonstration's traffic: when who calls what, and what becomes of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from app.operations.demo.failures import CLIENT_LEFT, FAILURES, TASK_FAILED, Failure
from app.operations.demo.storms import Storm, storms
from app.operations.demo.world import MODEL, ROUTES, DemoKey, DemoModel, demo_keys

OWN_FAILURES = 0.034  # share of requests that fail with no storm about
CLIENT_LEAVES = 0.008
TASK_FAILS = 0.09  # of video tasks
FALLS_BACK, RETRIES_WELL = 0.3, 0.25
RHYTHM = (5, 3, 2, 2, 2, 3, 6, 15, 45, 95, 100, 95, 55, 80, 100, 98, 92, 80, 55, 40, 32, 26, 18, 10)  # by local hour
WEEKEND = 0.22
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Call:
    """One request a client makes. asked: the model name when the gateway does not know it."""

    at: float
    key: DemoKey
    model: DemoModel
    stream: bool
    failure: str | None = None
    ends_well: str | None = None  # after a failure: "retry" or the group that answered instead
    asked: str | None = None
    heavy: float = 1.0  # how many times the usual size


def plan(seed: int, end: datetime, days: int, requests: int) -> list[Call]:
    """All calls in order of time."""
    rng = random.Random(f"traffic {seed}")  # noqa: S311 - repeatable, not secret
    keys = demo_keys(seed)
    weather = storms(end, days, requests)
    extra = [call for storm in weather for call in _storm_calls(storm, keys, rng)]
    open_air = [storm for storm in weather if not storm.alone]
    usual = (_usual_call(at, keys, open_air, rng) for at in _times(end, days, max(requests - len(extra), 0), rng))
    return sorted((*usual, *extra), key=lambda call: call.at)


def _times(end: datetime, days: int, count: int, rng: random.Random) -> Iterator[float]:
    """Draw moments that follow the office hours of the two places people work in."""
    first, span = (end - timedelta(days=days)).timestamp(), days * 86400.0
    while count:
        at = first + rng.random() * span
        if rng.random() * 100 < _rhythm(at, 8 if rng.random() < 0.65 else 1):
            count -= 1
            yield at


def _rhythm(at: float, zone: int) -> float:
    local = datetime.fromtimestamp(at + zone * 3600, UTC)
    return RHYTHM[local.hour] * (WEEKEND if local.weekday() >= SATURDAY else 1.0)


def _usual_call(at: float, keys: tuple[DemoKey, ...], weather: list[Storm], rng: random.Random) -> Call:
    hour = int(at // 3600)
    key = rng.choices(keys, [key.weight * (2.5 if key.team.name == "data-batch" and hour % 24 > 14 else 1) for key in keys])[0]
    if key.agents:
        key = replace(key, agent=rng.choice(key.agents))
    models = [MODEL[name] for name in key.models]
    model = rng.choices(models, [model.weight for model in models])[0]
    return _with_fate(Call(at, key, model, _streams(key, model, rng)), weather, rng)


def _storm_calls(storm: Storm, keys: tuple[DemoKey, ...], rng: random.Random) -> Iterator[Call]:
    """Make the calls a storm brings with it: people and programs trying again, or a program gone wild."""
    suitable = [key for key in keys if storm.touches(key) and (storm.model is None or storm.model in key.models)]
    for _ in range(storm.extra):
        key = rng.choices(suitable, [key.weight for key in suitable])[0]
        model = MODEL[storm.model or rng.choice(key.models)]
        at = storm.start + (storm.end - storm.start) * rng.random() ** storm.skew
        call = Call(at, key, model, _streams(key, model, rng), heavy=storm.heavy, asked=rng.choice(storm.asked) if storm.asked else None)
        yield _with_fate(call, [storm], rng)


def _with_fate(call: Call, weather: list[Storm], rng: random.Random) -> Call:
    """Decide what becomes of a call: what the storm over it does, else its own luck."""
    storm = next((storm for storm in weather if storm.covers(call.at, call.key, call.model.group)), None)
    if storm and storm.failure and rng.random() < storm.chance:
        return _failed(call, storm.failure, rng)
    if call.model.kind == "video" and rng.random() < TASK_FAILS:
        return _failed(call, TASK_FAILED, rng)
    if rng.random() < OWN_FAILURES:
        return _failed(call, _own_failure(call, rng).id, rng)
    if call.stream and rng.random() < CLIENT_LEAVES:
        return _failed(call, CLIENT_LEFT, rng)
    return call


def _failed(call: Call, failure: str, rng: random.Random) -> Call:
    asked = call.asked or (rng.choice(("gpt4o", "gpt-4-32k", "claude-sonnet-4.5", "deepseek-v3")) if failure == "unknown_model" else None)
    ends_well = None
    if failure.startswith("provider_") and call.key.environment == "production":
        luck = rng.random()
        ends_well = call.model.fallback if luck < FALLS_BACK else "retry" if luck < FALLS_BACK + RETRIES_WELL else None
    return Call(call.at, call.key, call.model, call.stream, failure, ends_well, asked, call.heavy)


def _own_failure(call: Call, rng: random.Random) -> Failure:
    """Pick a failure that can befall such a call."""
    possible = [failure for failure in FAILURES if failure.weight and _can_befall(failure, call)]
    return rng.choices(possible, [failure.weight for failure in possible])[0]


def _can_befall(failure: Failure, call: Call) -> bool:
    if failure.reach == "stream":
        return call.stream
    if failure.id == "model_denied":
        return call.model.group not in failure.message
    if failure.id == "missing_messages":
        return call.key.agent not in ROUTES and call.model.kind == "chat"
    return call.model.kind == "chat" or failure.id not in {"context_window", "provider_tpm"}


def _streams(key: DemoKey, model: DemoModel, rng: random.Random) -> bool:
    if model.kind != "chat":
        return False
    return key.agent in ROUTES or rng.random() < 0.55
