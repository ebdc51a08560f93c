"""Asynchronous tasks as the log shows them: submitted, asked after, ended. A queue that stands still fails nothing, and ends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.record import Outcome, RedactedRecord
from app.core.rollups import HOUR_MS

TIMES_USUAL = 3.0  # a task that takes three times as long as nearly all others waits too long
NEARLY_ALL = 0.95
LEAST_PATIENCE, MOST_PATIENCE = HOUR_MS // 2, 6 * HOUR_MS
FEWEST_ENDED = 10  # fewer say nothing about how long a task usually takes
FETCHED = "/content"  # how the address of a task's result ends
NAMES_ONE = "{id}"  # what the log keeps of an address that names a task


@dataclass(frozen=True, slots=True)
class Task:
    """One task. ended_at: when it failed, was paid back or its result was fetched; None: nothing of that was seen."""

    task_id: str
    model: str
    submitted_at: int
    ended_at: int | None
    record: RedactedRecord  # of the submission


def read_tasks(records: Iterable[RedactedRecord]) -> list[Task]:
    """The tasks whose submission is among the records, oldest first."""
    by_task: dict[str, list[RedactedRecord]] = {}
    for record in records:
        if record.task_id is not None:
            by_task.setdefault(record.task_id, []).append(record)
    tasks = (_task(sorted(steps, key=lambda step: step.started_at)) for steps in by_task.values())
    return sorted((task for task in tasks if task is not None), key=lambda task: task.submitted_at)


def patience(tasks: Sequence[Task]) -> int | None:
    """How long to wait for a task before it waits too long, in ms; None while too few have ended to tell."""
    spans = sorted(task.ended_at - task.submitted_at for task in tasks if task.ended_at is not None)
    if len(spans) < FEWEST_ENDED:
        return None
    usual = spans[min(int(NEARLY_ALL * len(spans)), len(spans) - 1)]
    return int(min(max(TIMES_USUAL * usual, LEAST_PATIENCE), MOST_PATIENCE))


def waited_too_long(task: Task, wait: int) -> bool:
    """Whether the task had not ended when patience was over."""
    return task.ended_at is None or task.ended_at - task.submitted_at > wait


def _task(steps: Sequence[RedactedRecord]) -> Task | None:
    """A task of its steps in order; None when it was submitted before the records begin."""
    first = steps[0]
    if _is_later_step(first):
        return None
    ends = [step.started_at + (step.latency_ms or 0) for step in steps if _ends(step)]
    model = first.model_requested or first.model_served or ""
    return Task(str(first.task_id), model, first.started_at, min(ends, default=None), first)


def _ends(step: RedactedRecord) -> bool:
    """Whether the task is over with this step: it failed, it was paid back, its result was fetched, or the gateway lists it as done."""
    is_listed = step.request_id == step.task_id
    return step.outcome is Outcome.ERROR or (step.cost_micros or 0) < 0 or (step.endpoint or "").endswith(FETCHED) or is_listed


def _is_later_step(step: RedactedRecord) -> bool:
    """Whether something asks after a task that was submitted before, or pays it back."""
    return NAMES_ONE in (step.endpoint or "") or (step.cost_micros or 0) < 0
