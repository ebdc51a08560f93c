"""A finished task (video, music) or Midjourney drawing of New API made into a record.

What it cost is not told here: the usage log has a row for the charge, and another one when the money went back.
"""

from __future__ import annotations

from typing import Any

from app.core.adapters.new_api.payload import PROPERTIES, Row
from app.core.fields import BadLine, FieldCleaner, micros_of_units, moment_from_seconds, whole
from app.core.record import Origin, Outcome, RedactedRecord, record_identity

SOURCE = "new_api"
SUCCEEDED, FAILED = "SUCCESS", "FAILURE"
MUSIC_PLATFORMS = frozenset({"suno", "36"})
DRAWING_UNIT = 1_000  # drawings are timed in milliseconds, tasks in seconds


def read_task(row: Row, clean: FieldCleaner, quota_unit: int) -> RedactedRecord:
    """Make a record of a task that has ended."""
    model = PROPERTIES.decode(row.properties).origin_model_name
    kind = "audio" if _word(row.platform).lower() in MUSIC_PLATFORMS else "video"
    return _record(row, row.task_id, clean.label(model), kind, 1, clean, quota_unit)


def read_drawing(row: Row, clean: FieldCleaner, quota_unit: int) -> RedactedRecord:
    """Make a record of a drawing that has ended."""
    model = f"mj_{_word(row.action).lower()}" if _word(row.action) else "midjourney"
    return _record(row, row.mj_id, clean.label(model), "image", DRAWING_UNIT, clean, quota_unit)


def _record(row: Row, number: object, model: str | None, kind: str, unit: int, clean: FieldCleaner, quota_unit: int) -> RedactedRecord:
    task_id = clean.identifier(number)
    if task_id is None:
        raise BadLine("the task's id is missing")
    failed = _ended(row) == FAILED
    cost = micros_of_units(row.quota, quota_unit)
    return RedactedRecord(
        record_id=record_identity(SOURCE, kind, task_id, failed),
        request_id=task_id,
        action_id=task_id,
        task_id=task_id,
        source=SOURCE,
        **_times(row, unit),
        request_type=kind,
        model_requested=model,
        model_served=None if failed else model,
        status_code=None if failed else 200,
        outcome=Outcome.ERROR if failed else Outcome.OK,
        origin=Origin.PROVIDER if failed else Origin.UNKNOWN,
        error_code=FAILED if failed else None,
        error_message=clean.message(row.fail_reason) if failed else None,  # of old successes it holds the result's link
        owner=clean.person(row.username) or clean.label(row.user_id),
        group=clean.label(row.group),
        charged=None if failed or cost is None else cost > 0,
        stream=False,
    )


def _ended(row: Row) -> str:
    """Say how the task ended. A running one is not taken: it would stand in the way of its own end."""
    status = _word(row.status)
    if status not in {SUCCEEDED, FAILED}:
        raise BadLine("the task has not ended; it is taken when it has" if status else "status is missing")
    return status


def _times(row: Row, unit: int) -> dict[str, Any]:
    submitted, finished = _moment(row.submit_time, unit), _moment(row.finish_time, unit)
    if submitted is None:
        raise BadLine("submit_time is not a time of this century")
    return {"started_at": submitted, "latency_ms": whole(finished - submitted) if finished is not None else None}


def _moment(value: object, unit: int) -> int | None:
    number = whole(value, 1, 2**53)
    return moment_from_seconds(number / unit) if number is not None else None


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
