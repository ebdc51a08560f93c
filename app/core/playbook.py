"""Playbooks: what staff check for each family of causes, with facts filled in, what to do next, and what to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from app.core.causes import Cause, CauseBook, Texts
from app.core.playbook_facts import TOLD, Answer, Sight, Value, answer

NO_TEXT: Texts = {"en": "", "zh": ""}
VARIABLE = re.compile(r"\{\{([a-z_]{1,40})\}\}")
EMPTY_LINES = re.compile(r"\n{3,}")


class StepState(StrEnum):
    """What the facts say about a step."""

    DONE = "done"  # answered by the report or the log
    UNKNOWN = "unknown"  # nothing tells: a person checks
    CONTRADICTS = "contradicts"  # the answer speaks against the playbook's causes


@dataclass(frozen=True, slots=True)
class Step:
    """One check. fact: what answers it, if anything can; against: answers that contradict; otherwise: what to think then."""

    id: str
    text: Texts
    fact: str | None
    against: frozenset[str]
    otherwise: Texts
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """The next action, for every cause of the playbook or for some."""

    text: Texts
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReadyReply:
    """A public answer with {{variables}}. safety: what the sender makes sure of before sending."""

    id: str
    title: Texts
    text: Texts
    safety: Texts
    only: frozenset[str]


@dataclass(frozen=True, slots=True)
class Handover:
    """What to give to whom (engineering, billing, key_owner), privately. facts: names of facts that go along."""

    to: str
    text: Texts
    facts: tuple[str, ...]
    only: frozenset[str]


Part = TypeVar("Part", Step, Action, ReadyReply, Handover)


@dataclass(frozen=True, slots=True)
class Playbook:
    """The playbook of a family; `causes` and `families` say whose it is."""

    id: str
    title: Texts
    families: frozenset[str]
    causes: frozenset[str]
    steps: tuple[Step, ...]
    actions: tuple[Action, ...]
    replies: tuple[ReadyReply, ...]
    handovers: tuple[Handover, ...]


@dataclass(frozen=True, slots=True)
class FilledStep:
    """A step as staff read it. said: the fact in words; otherwise: what to think when it contradicts."""

    id: str
    text: str
    state: StepState
    said: str
    otherwise: str
    by_hand: bool


class PlaybookBook:
    """Every playbook, and the sentences of facts; built from app/rules/playbooks/*.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.playbooks: Mapping[str, Playbook] = {item["id"]: _read_playbook(item) for item in data.get("playbook", ())}
        self.facts: Mapping[str, Mapping[str, Texts]] = data.get("fact", {})
        self.words: Mapping[str, Texts] = data.get("word", {})
        self.spans: Mapping[str, Texts] = data.get("span", {})
        self.missing: Mapping[str, Texts] = data.get("missing", {})
        self.private_words: tuple[str, ...] = tuple(data.get("never_public", ()))

    def __iter__(self) -> Iterator[Playbook]:
        """Go through the playbooks, in file order."""
        return iter(self.playbooks.values())

    def of(self, cause: Cause) -> Playbook | None:
        """Choose the playbook of a cause: the one that names it, else its family's."""
        named = (playbook for playbook in self if cause.id in playbook.causes)
        familiar = (playbook for playbook in self if cause.family in playbook.families)
        return next(named, None) or next(familiar, None)

    def steps(self, playbook: Playbook, cause: Cause, sight: Sight, language: str) -> tuple[FilledStep, ...]:
        """Fill the steps that matter for this cause."""
        return tuple(self._fill(step, sight, language) for step in for_cause(playbook.steps, cause))

    def say(self, name: str, sight: Sight, language: str) -> str:
        """Put a fact into words; empty when nothing tells."""
        found = answer(name, sight)
        return self._sentence(name, found, language) if found else ""

    def reply_text(self, reply: ReadyReply, language: str, values: Mapping[str, str]) -> str:
        """Fill a ready reply in. A variable without a value reads as `missing` says; lines that need one which has no such words go."""
        lines = (self._line(line, language, values) for line in reply.text[language].strip().split("\n"))
        return EMPTY_LINES.sub("\n\n", "\n".join(line for line in lines if line is not None)).strip()

    def _fill(self, step: Step, sight: Sight, language: str) -> FilledStep:
        """Answer one step by its fact."""
        found = answer(step.fact, sight) if step.fact else None
        against = found is not None and found.answer in step.against
        return FilledStep(
            id=step.id,
            text=step.text[language],
            state=StepState.CONTRADICTS if against else StepState.DONE if found else StepState.UNKNOWN,
            said=self._sentence(step.fact, found, language) if step.fact and found else "",
            otherwise=step.otherwise[language] if against else "",
            by_hand=step.fact is None,
        )

    def _sentence(self, name: str, found: Answer, language: str) -> str:
        """Say what a fact answered."""
        frames = self.facts["told" if name.startswith(TOLD) else name]
        return frames[found.answer][language].format(**{key: self._word(value, language) for key, value in found.values.items()})

    def _word(self, value: Value, language: str) -> str:
        """Write a value for people: times in UTC, spans in the largest fitting unit."""
        if isinstance(value, bool):
            return self.words["yes" if value else "no"][language]
        if isinstance(value, datetime):
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        if not isinstance(value, timedelta):
            return str(value)
        seconds = int(value.total_seconds())
        unit, size = ("hours", 3600) if seconds >= 7200 else ("minutes", 60) if seconds >= 180 else ("seconds", 1)
        return self.spans[unit][language].format(number=round(seconds / size))

    def _line(self, line: str, language: str, values: Mapping[str, str]) -> str | None:
        """Fill one line; None when it needs a value that is neither known nor has words for its absence."""
        wanted = VARIABLE.findall(line)
        if any(not values.get(name) and name not in self.missing for name in wanted):
            return None
        return VARIABLE.sub(lambda found: values.get(found[1]) or self.missing[found[1]][language], line)


def for_cause(parts: Sequence[Part], cause: Cause) -> tuple[Part, ...]:
    """Keep the parts that are for every cause or for this one."""
    return tuple(part for part in parts if not part.only or cause.id in part.only)


def variables_of(text: str) -> frozenset[str]:
    """Name the variables of a ready reply."""
    return frozenset(VARIABLE.findall(text))


def reply_values(cause: Cause, language: str, **known: str | None) -> dict[str, str]:
    """Give the values of a ready reply: those known, the cause's name and its advice for users."""
    return {name: value for name, value in known.items() if value} | {"cause": cause.title[language], "advice": cause.user_advice[language]}


def coverage(book: PlaybookBook, causes: CauseBook) -> tuple[str, ...]:
    """List the causes that no playbook is for."""
    return tuple(cause.id for cause in causes if book.of(cause) is None)


def _read_playbook(item: Mapping[str, Any]) -> Playbook:
    """Read a playbook of a rule file. Raises KeyError when something it needs is missing."""
    return Playbook(
        id=item["id"],
        title=item["title"],
        families=frozenset(item.get("families", ())),
        causes=frozenset(item.get("causes", ())),
        steps=tuple(_read_step(step) for step in item.get("step", ())),
        actions=tuple(Action(action["text"], _only(action)) for action in item.get("action", ())),
        replies=tuple(
            ReadyReply(reply["id"], reply["title"], reply["text"], reply["safety"], _only(reply)) for reply in item.get("reply", ())
        ),
        handovers=tuple(
            Handover(handover["to"], handover["text"], tuple(handover.get("facts", ())), _only(handover))
            for handover in item.get("handover", ())
        ),
    )


def _read_step(item: Mapping[str, Any]) -> Step:
    """Read one step."""
    return Step(
        id=item["id"],
        text=item["text"],
        fact=item.get("fact"),
        against=frozenset(item.get("against", ())),
        otherwise=item.get("otherwise", NO_TEXT),
        only=_only(item),
    )


def _only(item: Mapping[str, Any]) -> frozenset[str]:
    """Name the causes a part is for; empty for all of the playbook's."""
    return frozenset(item.get("only", ()))
