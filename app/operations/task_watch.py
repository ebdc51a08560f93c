"""Look for queues that stand still: more tasks than usual that were submitted and do not end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from app.core.incident import TASKS_WAIT, Place, Sighting
from app.core.log_filter import Cursor, LogFilter, Shown
from app.core.record import RedactedRecord
from app.core.rollups import HOUR_MS, Dimension
from app.core.spike_lines import Lines, sight
from app.core.spikes import DAY, Spike, began, find_slow_rise, find_spike
from app.core.tasks import MOST_PATIENCE, Task, patience, read_tasks, waited_too_long
from app.store import keys
from app.store.logs import LogStore

ASYNCHRONOUS = ("video", "image", "audio", "batch")  # kinds of requests that may be tasks
BACK = timedelta(days=7)
PAGE, MOST_PAGES = 1000, 20
HOURS_JUDGED = 3  # so that a run that was missed hides nothing


def task_sightings(log_store: LogStore, until: datetime) -> Iterator[Sighting]:
    """Models whose tasks wait too long: judged at the last whole hours for which patience was over at `until`."""
    tasks = read_tasks(_records(log_store, until))
    wait = patience(tasks)
    if wait is None:
        return
    last, first = (int(until.timestamp() * 1000) - wait) // HOUR_MS - 1, tasks[0].submitted_at // HOUR_MS
    by_model: dict[str, list[Task]] = {}
    for task in tasks:
        if waited_too_long(task, wait):
            by_model.setdefault(task.model, []).append(task)
    for model, late in by_model.items():
        for hour in range(last - HOURS_JUDGED + 1, last + 1):
            yield from _judged(model, late, hour, first, len(by_model))


def _judged(model: str, late: list[Task], hour: int, first: int, watched: int) -> Iterator[Sighting]:
    """One model: by the hour, and by the day where few tasks are submitted."""
    counts = Counter(task.submitted_at // HOUR_MS for task in late)
    spike = find_spike(counts, hour, first, watched) or _by_day(counts, hour, first, watched)
    if spike is None or not model or not counts.get(hour):
        return
    chosen = [task.record for task in late if hour - spike.hours < task.submitted_at // HOUR_MS <= hour]
    unknown = {record.key_fingerprint for record in chosen if record.key_fingerprint and not record.group}
    place = Place(TASKS_WAIT, Dimension.MODEL, model)
    yield sight(place, spike, Lines(chosen[::-1], keys.groups_of(sorted(unknown))))


def _by_day(counts: Mapping[int, int], hour: int, first: int, watched: int) -> Spike | None:
    """The last 24 hours against the days before."""
    ends = range(hour - (hour - first + 1) // DAY * DAY + DAY, hour + 1, DAY)
    days = [sum(counts.get(each, 0) for each in range(end - DAY + 1, end + 1)) for end in ends]
    spike = find_slow_rise(days or [0], hour, watched)
    return replace(spike, since=began(counts, hour, DAY)) if spike else None


def _kinds_of(log_store: LogStore, until: datetime) -> list[str]:
    """Kinds of requests that may be tasks and were asked for lately; at most times there are none."""
    lately = timedelta(milliseconds=MOST_PATIENCE) + timedelta(hours=HOURS_JUDGED + 1)
    return [total.value for total in log_store.totals(Dimension.REQUEST_TYPE, until - lately, until) if total.value in ASYNCHRONOUS]


def _records(log_store: LogStore, until: datetime) -> Iterator[RedactedRecord]:
    """Steps of tasks of the last days, of every kind of request that may be one: a bounded search, the newest first."""
    since, end = (int(moment.timestamp() * 1000) for moment in (until - BACK, until))
    for kind in _kinds_of(log_store, until):
        chosen = LogFilter(shown=Shown.ALL, since=since, until=end, request_type=kind)
        cursor: Cursor | None = None
        for _page in range(MOST_PAGES):
            page = log_store.find(chosen, PAGE, cursor)
            yield from (record for record in page.records if record.task_id is not None)
            cursor = page.older
            if cursor is None:
                break
