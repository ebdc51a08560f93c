"""What goes along when a ticket changes hands: a queue's checklist, its own fields, and the outside trackers that may be linked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.causes import Texts

LANGUAGES = ("en", "zh")
LONGEST_ADDRESS = 500


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a checklist. fact: the field that answers it by itself."""

    id: str
    queues: frozenset[str]
    text: Texts
    fact: str | None


@dataclass(frozen=True, slots=True)
class QueueField:
    """A queue's own field: a choice (id → words) or a moment."""

    id: str
    queue: str
    kind: str
    title: Texts
    choices: Mapping[str, Texts]

    def read(self, typed: str) -> str | None:
        """What a form sends as it is kept: a choice's id, or a moment to the minute in UTC; empty: nothing. None for nonsense."""
        if not typed or self.kind == "choice":
            return typed if not typed or typed in self.choices else None
        try:
            moment = datetime.fromisoformat(typed)
        except ValueError:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") if aware.year >= 2000 else None

    def words(self, value: str, language: str) -> str:
        """A kept value as a person reads it."""
        known = self.choices.get(value)
        return known[language] if known else value.replace("T", " ")


@dataclass(frozen=True, slots=True)
class Tracked:
    """An entry of an outside tracker: which tracker, what stands for it, its address without query."""

    tracker: str
    shown: str
    address: str


class HandOffBook:
    """Checklists, fields and trackers; built from the parsed rule file."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.items = tuple(Item(each["id"], frozenset(each["queues"]), each["text"], each.get("fact")) for each in data.get("item", ()))
        self.fields: Mapping[str, QueueField] = {each["id"]: _field(each) for each in data.get("field", ())}
        self._trackers = [(each["id"], re.compile(each["pattern"]), each["shown"]) for each in data.get("tracker", ())]
        self.tracker_titles: Mapping[str, str] = {each["id"]: each["title"] for each in data.get("tracker", ())}

    def items_of(self, queue: str) -> tuple[Item, ...]:
        """A queue's checklist as it is shipped."""
        return tuple(item for item in self.items if queue in item.queues)

    def fields_of(self, queue: str) -> tuple[QueueField, ...]:
        """A queue's own fields."""
        return tuple(each for each in self.fields.values() if each.queue == queue)

    def tracked(self, address: str) -> Tracked | None:
        """What an address names in a tracker that is allowed; None for any other. Query and fragment are dropped."""
        bare = re.split(r"[?#]", address.strip()[:LONGEST_ADDRESS], maxsplit=1)[0].rstrip("/")
        for tracker, pattern, shown in self._trackers:
            if found := pattern.fullmatch(bare):
                return Tracked(tracker, shown.format(**found.groupdict()), bare)
        return None


def check_hand_off(book: HandOffBook, queues: Iterable[str], facts: Iterable[str]) -> list[str]:
    """Problems of the rule file: unknown queues and facts, texts that are missing, examples that do not hold."""
    known, answered = set(queues), {*facts, *book.fields}
    faults = [f"{item.id}: unknown queue {queue}" for item in book.items for queue in sorted(item.queues - known)]
    faults += [f"{item.id}: unknown fact {item.fact}" for item in book.items if item.fact and item.fact not in answered]
    faults += [f"{each.id}: unknown queue {each.queue}" for each in book.fields.values() if each.queue not in known]
    faults += [f"{each.id}: a {each.kind} with {len(each.choices)} choices" for each in book.fields.values() if not _whole(each)]
    texts = [(item.id, item.text) for item in book.items] + [(each.id, each.title) for each in book.fields.values()]
    texts += [(f"{each.id}: {name}", text) for each in book.fields.values() for name, text in each.choices.items()]
    faults += [f"{name}: no words in {language}" for name, text in texts for language in LANGUAGES if not text.get(language)]
    return faults + [fault for item in book.data.get("tracker", ()) for fault in _tracker_faults(book, item)]


def _field(item: Mapping[str, Any]) -> QueueField:
    choices = {each["id"]: {language: each[language] for language in LANGUAGES} for each in item.get("choices", ())}
    return QueueField(item["id"], item["queue"], item["kind"], item["title"], choices)


def _whole(each: QueueField) -> bool:
    return (each.kind == "choice" and bool(each.choices)) or (each.kind == "moment" and not each.choices)


def _tracker_faults(book: HandOffBook, item: Mapping[str, Any]) -> Iterator[str]:
    if not item.get("hit") or not item.get("miss"):
        yield f"{item['id']}: needs hits and misses"
    for example in item.get("hit", ()):
        found = book.tracked(example["address"])
        if found is None or (found.tracker, found.shown) != (item["id"], example["shown"]):
            yield f"{item['id']}: {example['address']} is read as {found}"
    for example in item.get("miss", ()):
        if found := book.tracked(example["address"]):
            yield f"{item['id']}: {example['address']} is read as {found}"
