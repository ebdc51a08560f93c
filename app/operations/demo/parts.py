"""What becomes of a call of the demonstration: its attempts, and the steps of its task."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.operations.demo.calls import Call
from app.operations.demo.failures import CLIENT_LEFT, FAILURE, TASK_FAILED, TASK_STUCK, Failure
from app.operations.demo.world import MODEL, ROUTES, DemoModel

TYPES = {
    "chat": ("acompletion", "/v1/chat/completions"),
    "embedding": ("aembedding", "/v1/embeddings"),
    "image": ("aimage_generation", "/v1/images/generations"),
    "video": ("avideo_generation", "/v1/videos"),
}
POLL_SECONDS = 45.0


@dataclass(frozen=True, slots=True)
class Part:
    """One record of a call: what is particular to it."""

    call: Call
    model: DemoModel
    start: float
    end: float
    first: float
    tokens: tuple[int, int]
    cost: float
    failure: Failure | None = None
    left: bool = False
    retries: int = 0
    fallbacks: int = 0
    call_type: str = "acompletion"
    route: str = "/v1/chat/completions"
    task: str | None = None
    task_state: str | None = None


def parts_of(call: Call, rng: random.Random) -> Iterator[Part]:
    """Every request of a call: one, two when it was retried or fell back, several for a video task."""
    yield from _video_parts(call, rng) if is_task(call) else _parts(call, rng)


def is_task(call: Call) -> bool:
    """Whether the request became a task."""
    return call.model.kind == "video" and call.failure in {None, TASK_FAILED, TASK_STUCK}


def _parts(call: Call, rng: random.Random) -> Iterator[Part]:
    way = ROUTES.get(call.key.agent, TYPES["chat"]) if call.model.kind == "chat" else TYPES[call.model.kind]
    if call.failure is None or call.failure == CLIENT_LEFT:
        yield _success(call, call.model, call.at, rng, way)
        return
    failed = _failure(call, FAILURE[call.failure], rng, way)
    yield failed
    if call.ends_well == "retry":
        yield replace(_success(call, call.model, failed.end + rng.uniform(0.4, 1.5), rng, way), retries=1)
    elif call.ends_well:
        yield replace(_success(call, MODEL[call.ends_well], failed.end + rng.uniform(0.6, 2.0), rng, way), fallbacks=1)


def _success(call: Call, model: DemoModel, start: float, rng: random.Random, way: tuple[str, str]) -> Part:
    seconds = model.seconds * rng.lognormvariate(0, 0.5) * min(call.heavy, 4)
    first = min(seconds, rng.lognormvariate(-0.6, 0.5)) if call.stream else seconds
    prompt = int(rng.lognormvariate(6.6, 1.1) * call.heavy) + 8
    answer = 0 if model.kind != "chat" else int(rng.lognormvariate(5.5, 0.9)) + 1
    left = call.failure == CLIENT_LEFT
    if left:
        seconds, answer = first + (seconds - first) * 0.4, answer // 3 + 1
    tokens = (prompt, answer) if model.kind in {"chat", "embedding"} else (0, 0)
    return Part(call, model, start, start + seconds, start + first, tokens, _cost(model, tokens), left=left, call_type=way[0], route=way[1])


def _failure(call: Call, failure: Failure, rng: random.Random, way: tuple[str, str]) -> Part:
    seconds = failure.seconds * (1 if failure.error_class == "Timeout" else rng.lognormvariate(0, 0.4))
    end = call.at + seconds
    if failure.reach != "stream":
        return Part(call, call.model, call.at, end, end, (0, 0), 0.0, failure, call_type=way[0], route=way[1])
    tokens = (int(rng.lognormvariate(6.4, 1)) + 8, int(rng.lognormvariate(4.5, 0.8)) + 2)
    first = call.at + min(seconds * 0.3, rng.lognormvariate(-0.5, 0.4))
    return Part(call, call.model, call.at, end, first, tokens, _cost(call.model, tokens), failure, call_type=way[0], route=way[1])


def _video_parts(call: Call, rng: random.Random) -> Iterator[Part]:
    """Follow a task: submitted, asked after a few times, done and fetched, failed, or still in the queue when nobody asks any more."""
    task = f"video_{rng.getrandbits(128):032x}"
    made = replace(_success(call, call.model, call.at, rng, TYPES["video"]), task=task, task_state="queued")
    yield made
    slow = call.failure in {TASK_FAILED, TASK_STUCK}
    last = {TASK_FAILED: "failed", TASK_STUCK: "queued"}.get(call.failure or "", "completed")
    polls = rng.randint(3, 6) if slow else rng.randint(2, 4)
    at = made.end
    for step in range(polls):
        at += POLL_SECONDS * rng.uniform(0.8, 1.4) * (4 if slow else 1)
        state = last if step == polls - 1 else "queued" if slow else "in_progress"
        yield _asked(made, at, "avideo_status", f"/v1/videos/{task}", state)
    route = f"/v1/videos/{task}/content"
    if last == "failed":
        yield replace(_failure(replace(call, at=at + 2), FAILURE[TASK_FAILED], rng, ("avideo_content", route)), task=task)
    elif last == "completed":
        yield _asked(made, at + 2, "avideo_content", route, "completed")


def _asked(made: Part, at: float, call_type: str, route: str, state: str) -> Part:
    """One request about a task that was submitted before; it costs nothing."""
    return replace(made, start=at, end=at + 0.2, first=at + 0.2, cost=0.0, call_type=call_type, route=route, task_state=state)


def _cost(model: DemoModel, tokens: tuple[int, int]) -> float:
    if model.kind in {"image", "video"}:
        return model.price_out
    return round((tokens[0] * model.price_in + tokens[1] * model.price_out) / 1_000_000, 8)
