"""Queues with their hours and targets, read from rules/service.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.business_calendar import Calendar, read_calendar
from app.core.causes import Texts
from app.core.clocks import Targets

DEFAULT_QUEUE = "support"


@dataclass(frozen=True, slots=True)
class ServiceQueue:
    """A queue: its title, its targets, when the assignee is warned and when the backup owner is told.

    mail: `content` when e-mail about its tickets may carry public words, `link` when it says only where to read them.
    """

    id: str
    title: Texts
    targets: Targets
    warn: timedelta
    backup: timedelta
    mail: str = "content"


class ServiceBook:
    """Every queue; built from the parsed rule file."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.calendars: Mapping[str, Calendar] = {item["id"]: read_calendar(item) for item in data.get("calendar", ())}
        self.queues: Mapping[str, ServiceQueue] = {item["id"]: self._queue(item) for item in data.get("queue", ())}

    def __iter__(self) -> Iterator[ServiceQueue]:
        """Go through the queues, in file order."""
        return iter(self.queues.values())

    def of(self, queue: str) -> ServiceQueue:
        """A queue; the first one for a name that the rules no longer know."""
        return self.queues.get(queue) or next(iter(self.queues.values()))

    def _queue(self, item: Mapping[str, Any]) -> ServiceQueue:
        minutes = {name: timedelta(minutes=item[name]) for name in ("first", "next", "solve", "warn", "backup")}
        targets = Targets(minutes["first"], minutes["next"], minutes["solve"], self.calendars[item["calendar"]])
        return ServiceQueue(item["id"], item["title"], targets, minutes["warn"], minutes["backup"], item.get("mail", "content"))


def check_service(book: ServiceBook) -> list[str]:
    """Problems of the rule file: examples that do not hold, titles or calendars that are missing."""
    faults = [fault for item in book.data.get("calendar", ()) for fault in _calendar_faults(book.calendars[item["id"]], item)]
    for queue in book:
        faults += [f"{queue.id}: no title in {language}" for language in ("en", "zh") if not queue.title.get(language)]
        if not queue.targets.first or not queue.targets.next or not queue.targets.solve:
            faults.append(f"{queue.id}: a target is nothing")
        if queue.mail not in {"content", "link"}:
            faults.append(f"{queue.id}: mail is content or link")
    if DEFAULT_QUEUE not in book.queues:
        faults.append(f"the queue {DEFAULT_QUEUE} is missing: new tickets go there")
    return faults


def _calendar_faults(calendar: Calendar, item: Mapping[str, Any]) -> Iterator[str]:
    if not item.get("example"):
        yield f"{calendar.id}: needs examples"
    for example in item.get("example", ()):
        due = calendar.after(datetime.fromisoformat(example["from"]), timedelta(minutes=example["minutes"]))
        if due != datetime.fromisoformat(example["due"]):
            yield f"{calendar.id}: {example['minutes']} minutes from {example['from']} end {due.isoformat()}"
