"""Facts of the matched log line and of its attempts."""

from __future__ import annotations

from datetime import timedelta

from app.core.diagnosis.report_facts import FIXED_TIMES
from app.core.error_shape import parse_error
from app.core.playbook_facts.sight import Answer, Sight, moment
from app.core.record import Origin, Outcome

SHORT_WAIT, LONG_WAIT = 120, 3000


def match(sight: Sight) -> Answer | None:
    """Whether a log line is likely the one."""
    if sight.record:
        return Answer("yes", {"time": moment(sight.record.started_at)})
    return Answer("no") if sight.searched else None


def origin(sight: Sight) -> Answer | None:
    """Whose side the log puts the failure on."""
    record = sight.record
    return Answer(record.origin.value) if record and record.origin is not Origin.UNKNOWN else None


def status(sight: Sight) -> Answer | None:
    """Whether log and report name the same status."""
    record, told = sight.record, sight.evidence.status_code
    if record is None or record.status_code is None:
        return None
    if told is None:
        return Answer("logged", {"logged": record.status_code})
    return Answer("same" if told == record.status_code else "other", {"logged": record.status_code, "told": told})


def outcome(sight: Sight) -> Answer | None:
    """How the request ended."""
    return Answer(sight.record.outcome.value) if sight.record else None


def error_code(sight: Sight) -> Answer | None:
    """Which error code was logged."""
    code = sight.record.error_code if sight.record else None
    return Answer("named", {"code": code}) if code else None


def retry_after(sight: Sight) -> Answer | None:
    """How long to wait, by the message; that a 429 names no wait is telling too."""
    texts = (sight.record.error_message if sight.record else None, sight.evidence.error_text)
    waits = [parse_error(text).retry_after_seconds for text in texts if text]
    stated = next((wait for wait in (sight.evidence.retry_after_seconds, *waits) if wait is not None), None)
    if stated is None:
        return Answer("none") if waits else None
    size = "short" if stated <= SHORT_WAIT else "long" if stated >= LONG_WAIT else "middle"
    return Answer(size, {"wait": timedelta(seconds=round(stated))})


def model(sight: Sight) -> Answer | None:
    """Whether the log shows the model that the user named."""
    asked, told = sight.record.model_requested if sight.record else None, sight.evidence.model
    if not asked:
        return None
    if not told:
        return Answer("logged", {"asked": asked})
    return Answer("same" if _bare(asked) == _bare(told) else "other", {"asked": asked, "told": told})


def duration(sight: Sight) -> Answer | None:
    """How long it took, and whether that is a limit that servers on the way are usually set to."""
    record = sight.record
    seconds = record.latency_ms / 1000 if record and record.latency_ms is not None else sight.evidence.elapsed_seconds
    if seconds is None:
        return None
    fixed = any(low <= seconds <= high for low, high in FIXED_TIMES)
    return Answer("limit" if fixed else "free", {"took": timedelta(seconds=round(seconds))})


def stream_end(sight: Sight) -> Answer | None:
    """Who ended the stream."""
    end = sight.record.stream_end if sight.record else None
    return Answer(end) if end in {"done", "client", "upstream"} else None


def output(sight: Sight) -> Answer | None:
    """Whether any token was produced."""
    tokens = sight.record.completion_tokens if sight.record else None
    return None if tokens is None else Answer("some" if tokens else "none", {"tokens": tokens})


def task(sight: Sight) -> Answer | None:
    """Which job it is."""
    task_id = sight.evidence.task_id or (sight.record.task_id if sight.record else None)
    return Answer("known", {"task": task_id}) if task_id else None


def charged(sight: Sight) -> Answer | None:
    """Whether any attempt was charged."""
    marks = [record.charged for record in (sight.attempts or ((sight.record,) if sight.record else ())) if record.charged is not None]
    return Answer("yes" if any(marks) else "no") if marks else None


def balance(sight: Sight) -> Answer | None:
    """Whether the account had a balance then: a level, never an amount."""
    left = sight.record.balance_micros if sight.record else None
    return None if left is None else Answer("left" if left > 0 else "spent")


def allowance(sight: Sight) -> Answer | None:
    """Whether the key had an allowance left then: a level, never an amount."""
    left = sight.record.quota_micros if sight.record else None
    return None if left is None else Answer("left" if left > 0 else "spent")


def attempts(sight: Sight) -> Answer | None:
    """How often the gateway tried."""
    number = len(sight.attempts)
    return Answer("several" if number > 1 else "one", {"number": number}) if number else None


def fallback(sight: Sight) -> Answer | None:
    """Which models were tried one after another."""
    if not sight.attempts:
        return None
    models = list(dict.fromkeys(record.model_served or record.model_requested or "–" for record in sight.attempts))
    return Answer("yes" if len(models) > 1 else "no", {"models": " → ".join(models)})


def final_outcome(sight: Sight) -> Answer | None:
    """Whether repeated attempts came to an answer."""
    if len(sight.attempts) < 2:
        return None
    return Answer("answered" if sight.attempts[-1].outcome is Outcome.OK else "failed", {"number": len(sight.attempts)})


def _bare(model: str) -> str:
    return model.lower().rsplit("/", 1)[-1]
