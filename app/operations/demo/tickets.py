"""The demonstration's tickets: real lines of its traffic, told as users tell them; pure data."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec

from app.core.clients import version_in_agent
from app.core.ticket import State
from app.operations.demo.failures import FAILURE, kind_of
from app.operations.demo.wording import shown
from app.operations.demo.world import CLIENT_OF_AGENT, demo_keys
from app.store.rulebook import read_rules

REQUESTER = "requester"
GATEWAY = "https://gateway.example.com/v1"
ZONES = {"zh": timezone(timedelta(hours=8)), "en": timezone(timedelta(hours=1))}
REQUEST_TYPES = {
    "aembedding": "embedding",
    "aimage_generation": "image",
    "avideo_generation": "video",
    "avideo_status": "video",
    "avideo_content": "video",
}


@dataclass(frozen=True, slots=True)
class DemoWord:
    """A reply or a note. by: `requester` or the name of an account."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class DemoTicket:
    """A ticket as it was filed, and its life since. call_ids: the lines it is about (empty: none exists).

    requester: name of an account, None for a guest. key_hash is a SHA-256, key_mask a mask; there is no key.
    """

    language: str
    requester: str | None
    requester_name: str
    description: str
    filed_at: datetime
    error_text: str | None
    client: str | None
    client_version: str | None
    model: str | None
    status_code: int | None
    key_hash: str | None
    key_mask: str | None
    request_id: str | None
    task_id: str | None
    request_time: datetime | None
    tolerance_minutes: int
    stream: bool | None
    request_type: str | None
    base_url: str | None
    state: State
    assignee: str | None
    cause: str | None
    cause_confirmed: bool
    replies: tuple[DemoWord, ...]
    notes: tuple[DemoWord, ...]
    call_ids: tuple[str, ...]
    label: str | None = None

    @property
    def age_minutes(self) -> int:
        """Minutes from filing to the last thing that happened on the ticket."""
        last = max((word.at for word in (*self.replies, *self.notes)), default=self.filed_at)
        return int((last - self.filed_at).total_seconds() // 60)


class _Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of tickets.toml; see there."""

    about: str
    which: float
    language: str
    when: str
    says: str
    state: State
    after: int
    label: str | None = None
    requester: str | None = None
    name: str | None = None
    client: str | None = None
    model: str | None = None
    group: str | None = None
    wrap: str | None = None
    pasted: str | None = None
    base_url: str | None = None
    status: int | None = None
    gives: tuple[str, ...] = ()
    assignee: str | None = None
    cause: str | None = None
    confirmed: bool = False
    replies: tuple[tuple[str, int, str], ...] = ()
    notes: tuple[tuple[str, int, str], ...] = ()


STORIES = msgspec.convert(read_rules(Path(__file__).parent, "tickets")["ticket"], tuple[_Story, ...])


def demo_tickets(seed: int, records: Sequence[dict[str, Any]]) -> list[DemoTicket]:
    """Tickets about lines of `records` (of `demo_traffic` with the same seed), oldest first; a story without its line is left out."""
    rng = random.Random(f"tickets {seed}")  # noqa: S311 - repeatable, not secret
    tails = {key.hash: key.last4 for key in demo_keys(seed)}
    by_kind = _noticed(records)
    latest = max((record["endTime"] for record in records), default=0.0)
    told = (_tell(story, _line(story, by_kind), tails, latest, rng) for story in STORIES if by_kind.get(_kind(story)))
    return sorted(told, key=lambda ticket: ticket.filed_at)


def _noticed(records: Sequence[dict[str, Any]]) -> dict[str | None, list[dict[str, Any]]]:
    """Sort records by kind of failure, without failures that a retry or a fallback made good: nobody saw those."""
    went_well = {record["litellm_call_id"] for record in records if record["status"] == "success"}
    by_kind: dict[str | None, list[dict[str, Any]]] = {}
    for record in records:
        if record["status"] == "success" or record["litellm_call_id"] not in went_well:
            by_kind.setdefault(kind_of(record), []).append(record)
    return by_kind


def _kind(story: _Story) -> str | None:
    return None if story.about == "nothing" else story.about


def _line(story: _Story, by_kind: dict[str | None, list[dict[str, Any]]]) -> dict[str, Any]:
    """Choose the line a story is about: of its kind, of its model and client where there is one, as old as it says."""
    lines = [line for line in by_kind[_kind(story)] if line["status"] == "failure" or story.about in {"nothing", "client_left"}]
    lines = lines or by_kind[_kind(story)]
    of_model = [line for line in lines if line["model_group"] == story.group] or lines
    of_client = [line for line in of_model if CLIENT_OF_AGENT.get(line["user_agent"]) == story.client] or of_model
    return of_client[min(int(story.which * len(of_client)), len(of_client) - 1)]


def _tell(story: _Story, line: dict[str, Any], tails: dict[str, str], latest: float, rng: random.Random) -> DemoTicket:
    reached = story.about != "nothing"
    failed_at = datetime.fromtimestamp(line["endTime"], UTC)
    filed_at = min(failed_at + timedelta(minutes=story.after), datetime.fromtimestamp(latest, UTC))
    request_time, tolerance = _remembered(story.when, datetime.fromtimestamp(line["startTime"], UTC), rng)
    model = story.model or _model_of(line)
    words = {"time": _clock(request_time or failed_at, story.language), "model": model}
    failure = FAILURE.get(story.about)
    replies, notes = (_words(told, filed_at, latest, words) for told in (story.replies, story.notes))
    told_out = (len(replies), len(notes)) == (len(story.replies), len(story.notes))
    return DemoTicket(
        language=story.language,
        requester=story.requester,
        requester_name=story.name or story.requester or "",
        description=_fill(story.says, words),
        filed_at=filed_at,
        error_text=story.pasted or (shown(story.wrap, failure, line["error_str"], _model_of(line)) if story.wrap and failure else None),
        client=story.client,
        model=model,
        status_code=story.status or (failure.seen if failure and "status" in story.gives else None),
        request_time=request_time,
        tolerance_minutes=tolerance,
        base_url=story.base_url or (GATEWAY if "base_url" in story.gives else None),
        state=story.state if told_out else State.OPEN if replies or notes else State.NEW,
        assignee=story.assignee if told_out or replies or notes else None,
        cause=story.cause,
        cause_confirmed=story.confirmed and told_out,
        replies=replies,
        notes=notes,
        call_ids=(line["litellm_call_id"],) if reached else (),
        label=story.label,
        **_given(story, line, tails),
    )


def _given(story: _Story, line: dict[str, Any], tails: dict[str, str]) -> dict[str, Any]:
    """Facts of the line the user also knows; nothing of it when the request never arrived."""
    digest = line["metadata"]["user_api_key_hash"]
    reached = story.about != "nothing"
    agent_fits = CLIENT_OF_AGENT.get(line["user_agent"]) == story.client

    def known(name: str) -> bool:
        return reached and name in story.gives

    return {
        "client_version": version_in_agent(line["user_agent"]) if known("version") and agent_fits else None,
        "key_hash": digest if known("hash") else None,
        "key_mask": f"sk-…{tails[digest]}" if known("mask") and digest in tails else None,
        "request_id": line["litellm_call_id"] if known("request_id") else None,
        "task_id": _task_of(line) if known("task_id") else None,
        "stream": line["model_parameters"].get("stream") if known("stream") else None,
        "request_type": REQUEST_TYPES.get(line["call_type"], "chat") if reached else None,
    }


def _model_of(line: dict[str, Any]) -> str:
    return line["model_group"] or str(line["model"])


def _task_of(line: dict[str, Any]) -> str | None:
    """Find a task's id: of the answer, or of the route its result was asked for at."""
    route = str(line["metadata"]["user_api_key_request_route"]).split("/")
    return next((part for part in (str(line["id"]), *route) if part.startswith("video_")), None)


def _remembered(when: str, at: datetime, rng: random.Random) -> tuple[datetime | None, int]:
    """Blur the time as the user remembers it, and how far off it may be."""
    minute = at.replace(second=0, microsecond=0)
    return {
        "exact": (at.replace(microsecond=0), 5),
        "minute": (minute + timedelta(minutes=rng.choice((-1, 0, 0, 1))), 10),
        "ten": (minute.replace(minute=minute.minute // 10 * 10), 20),
        "hour": (minute.replace(minute=30), 60),
        "vague": (minute + timedelta(minutes=rng.randint(-70, 70)), 120),
        "none": (None, 15),
    }[when]


def _clock(at: datetime, language: str) -> str:
    return at.astimezone(ZONES[language]).strftime("%H:%M")


def _words(told: tuple[tuple[str, int, str], ...], filed_at: datetime, latest: float, words: dict[str, str]) -> tuple[DemoWord, ...]:
    """Date replies or notes; those that would lie ahead have not been written yet."""
    dated = (DemoWord(by, filed_at + timedelta(minutes=after), _fill(text, words)) for by, after, text in told)
    return tuple(word for word in dated if word.at.timestamp() <= latest)


def _fill(text: str, words: dict[str, str]) -> str:
    """Put the time and the model in; other braces are text."""
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text
