"""Which of the desk's classes a failed request belongs to. The status is not the cause: code and message speak first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

from app.core.record import Outcome, RedactedRecord
from app.core.record_columns import Columns


class FailureClass(StrEnum):
    """The six classes people ask for, and the rest."""

    AUTH = "auth"  # 401: the key is missing, wrong, expired or switched off
    BALANCE = "balance"  # 402: the account, team or key has no money or allowance left
    RATE_LIMIT = "rate_limit"  # 429
    MODEL_NOT_FOUND = "model_not_found"  # no such model, or none that serves it
    TIMEOUT = "timeout"
    TASK_FAILED = "task_failed"  # an asynchronous job that was accepted and failed
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ClassWords:
    """What an error says that is of this class."""

    failure: FailureClass
    words: tuple[str, ...]
    together: tuple[tuple[str, ...], ...]  # all of one of these

    def says(self, text: str) -> bool:
        """Whether a text of lower case has one of the words."""
        return any(word in text for word in self.words)

    def says_together(self, text: str) -> bool:
        """Whether a text of lower case has all words of one set."""
        return any(all(word in text for word in words) for words in self.together)


class FailureWords:
    """Words and statuses of every class, in the order in which they speak; built from app/rules/failures.toml."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.rows: Sequence[Mapping[str, Any]] = data["class"]
        self.classes = tuple(_words(row) for row in self.rows)
        self.statuses = {status: FailureClass(row["id"]) for row in self.rows for status in row["statuses"]}

    def of_error(self, text: str, status: int | None) -> FailureClass | None:
        """The class an error speaks of: single words first, then words together, then the status; None when nothing speaks."""
        said = next((each.failure for each in self.classes if each.says(text)), None)
        said = said or next((each.failure for each in self.classes if each.says_together(text)), None)
        return said or self.statuses.get(status or 0)


_in_force: list[FailureWords] = []


def use(words: FailureWords) -> None:
    """Put words in force; whoever reads the rule files does so once, before any record is looked at."""
    _in_force[:] = [words]
    _of_error.cache_clear()


def failure_class(record: RedactedRecord) -> FailureClass | None:
    """The class of a failed or broken request; None for a success."""
    return failure_of(record.outcome, record.error_code, record.error_message, record.status_code, record.task_id)


_OK, _CANCELLED, _OTHER = Outcome.OK, Outcome.CANCELLED, FailureClass.OTHER  # an enum gives its members slowly
OF_FAILURE = ("outcome", "error_code", "error_message", "status_code", "task_id")  # the fields of a record that failure_of takes


def failure_of(outcome: Outcome, code: str | None, message: str | None, status: int | None, task_id: str | None) -> FailureClass | None:
    """The same, of a record's facts. A client that went away is OTHER."""
    if outcome is _OK:
        return None
    if outcome is _CANCELLED:
        return _OTHER
    return _of_error(code or "", message or "", status, task_id is not None)


def problems_of(columns: Columns) -> dict[int, FailureClass]:
    """The class of each failed or broken request, by its place; they are few."""
    facts = [columns[name] for name in OF_FAILURE]
    failed = [place for place, outcome in enumerate(columns["outcome"]) if outcome is not _OK]
    classes = [failure_of(*(fact[place] for fact in facts)) for place in failed]
    return {place: problem for place, problem in zip(failed, classes, strict=True) if problem is not None}


def check_failures(words: FailureWords) -> list[str]:
    """List classes without examples, and examples that are told as another class."""
    faults = [f"{row['id']}: needs hits and misses" for row in words.rows if not row.get("hit") or not row.get("miss")]
    for row in words.rows:
        for kind, wanted in (("hit", True), ("miss", False)):
            for example in row.get(kind, ()):
                told = words.of_error(example["message"].lower(), example["status"])
                if (told == row["id"]) is not wanted:
                    faults.append(f"{row['id']}: the {kind} {example['message'][:40]!r} is told as {told}")
    return faults


def _words(row: Mapping[str, Any]) -> ClassWords:
    return ClassWords(FailureClass(row["id"]), tuple(row["words"]), tuple(map(tuple, row.get("together", ()))))


@lru_cache(maxsize=4096)
def _of_error(code: str, message: str, status: int | None, has_task: bool) -> FailureClass:
    """What the words in force say, then what remains: an accepted task that failed for no stated reason."""
    [words] = _in_force
    said = words.of_error(f"{code}\n{message}".lower(), status)
    return said or (FailureClass.TASK_FAILED if has_task else FailureClass.OTHER)
