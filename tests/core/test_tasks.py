"""Tasks are read from the log's steps; a queue that stands still is tasks that do not end in their time."""

from __future__ import annotations

from app.core.record import Outcome, RedactedRecord
from app.core.rollups import HOUR_MS
from app.core.tasks import LEAST_PATIENCE, MOST_PATIENCE, patience, read_tasks, waited_too_long
from tests.log_records import START, a_record

MINUTE = 60_000


def submitted(task: str, at: int = START, **changes: object) -> RedactedRecord:
    return a_record(
        f"submit {task}", task_id=task, started_at=at, request_type="video", endpoint="/v1/videos", model_requested="kling-v2", **changes
    )


def asked(task: str, at: int, endpoint: str = "/v1/videos/{id}", **changes: object) -> RedactedRecord:
    return a_record(f"ask {task} {at}", task_id=task, started_at=at, request_type="video", endpoint=endpoint, latency_ms=0, **changes)


def done(task: str, minutes: int) -> list[RedactedRecord]:
    return [submitted(task), asked(task, START + MINUTE), asked(task, START + minutes * MINUTE, "/v1/videos/{id}/content")]


def test_a_task_ends_when_its_result_is_fetched_when_it_fails_and_when_it_is_paid_back() -> None:
    steps = [
        *done("a", 4),
        submitted("b"), asked("b", START + 5 * MINUTE, outcome=Outcome.ERROR),
        submitted("c"), a_record("refund", task_id="c", started_at=START + 6 * MINUTE, cost_micros=-500),
        submitted("d"), asked("d", START + 7 * MINUTE),
    ]  # fmt: skip
    ended = {task.task_id: task.ended_at and (task.ended_at - START) // MINUTE for task in read_tasks(steps)}
    assert ended == {"a": 4, "b": 5, "c": 6, "d": None}


def test_a_gateways_own_list_of_ended_tasks_says_when_they_ended() -> None:
    row = a_record("t-1", task_id="t-1", started_at=START, latency_ms=3 * MINUTE, request_type="video", model_requested="kling-v2")
    [task] = read_tasks([row])
    assert task.ended_at == START + 3 * MINUTE


def test_a_task_submitted_before_the_records_begin_is_left_out() -> None:
    assert read_tasks([asked("old", START), a_record("refund", task_id="older", cost_micros=-1), a_record("no task")]) == []


def test_patience_is_three_times_what_nearly_all_tasks_take_within_bounds() -> None:
    quick = [step for n in range(20) for step in done(f"q{n}", 2)]
    slow = [step for n in range(20) for step in done(f"s{n}", 60)]
    endless = [step for n in range(20) for step in done(f"e{n}", 600)]
    assert patience(read_tasks(quick)) == LEAST_PATIENCE
    assert patience(read_tasks(slow)) == 3 * HOUR_MS
    assert patience(read_tasks(endless)) == MOST_PATIENCE
    assert patience(read_tasks(quick[:6])) is None


def test_a_task_that_ended_late_waited_too_long_as_one_that_never_did() -> None:
    tasks = {task.task_id: task for task in read_tasks([*done("in time", 20), *done("late", 50), submitted("never")])}
    assert {name: waited_too_long(task, LEAST_PATIENCE) for name, task in tasks.items()} == {"in time": False, "late": True, "never": True}
