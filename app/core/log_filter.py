"""Which log records a reader wants to see: a few facts, each of which a record has or has not."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from app.core.record import Outcome, RedactedRecord

MOST_WORDS = 8
LONGEST_WORD = 160  # of a filter's value: as long as the log keeps such facts


class Shown(StrEnum):
    """Which outcomes."""

    PROBLEMS = "problems"
    ALL = "all"
    OK = "ok"
    ERROR = "error"
    PARTIAL = "partial"
    CANCELLED = "cancelled"


OUTCOMES: dict[Shown, frozenset[Outcome]] = {
    Shown.PROBLEMS: frozenset(Outcome) - {Outcome.OK},
    Shown.ALL: frozenset(Outcome),
    Shown.OK: frozenset({Outcome.OK}),
    Shown.ERROR: frozenset({Outcome.ERROR}),
    Shown.PARTIAL: frozenset({Outcome.PARTIAL}),
    Shown.CANCELLED: frozenset({Outcome.CANCELLED}),
}
# a filter's word → the record's fields, any of which may be it
FIELDS_OF: dict[str, tuple[str, ...]] = {
    "model": ("model_requested", "model_served"),
    "provider": ("provider",),
    "client": ("client",),
    "key": ("key_alias", "key_last4"),
    "group": ("group",),
    "owner": ("owner",),
    "environment": ("environment",),
    "request_type": ("request_type",),
    "error_code": ("error_code",),
    "source": ("source",),
}
IN_ERROR = ("error_message", "error_code")  # where the words of an error are looked for
BY_BEGINNING = frozenset({"client"})  # in either case: `cursor` is meant to find Cursor/1.7.39


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Records wanted. Words compare exactly, but for those of BY_BEGINNING; times are UTC epoch milliseconds, `until` excluded."""

    shown: Shown = Shown.PROBLEMS
    status_code: int | None = None
    since: int | None = None
    until: int | None = None
    model: str | None = None
    provider: str | None = None
    client: str | None = None
    key: str | None = None
    group: str | None = None
    owner: str | None = None
    environment: str | None = None
    request_type: str | None = None
    error_code: str | None = None
    source: str | None = None
    text: str | None = None  # words, in either case, each somewhere in the error

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """The outcomes wanted."""
        return OUTCOMES[self.shown]

    @property
    def words(self) -> dict[str, str]:
        """The words that are set, by their names in FIELDS_OF."""
        return {name: word for name in FIELDS_OF if (word := getattr(self, name))}

    @property
    def error_words(self) -> tuple[str, ...]:
        """The words of `text`."""
        return tuple(dict.fromkeys((self.text or "").lower().split()))[:MOST_WORDS]

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the kind of outcome was chosen."""
        return self == LogFilter(shown=self.shown)

    def wants(self, record: RedactedRecord) -> bool:
        """Whether the record is one of those wanted: what every log engine must agree with."""
        return (
            record.outcome in self.outcomes
            and self.status_code in {None, record.status_code}
            and (self.since is None or record.started_at >= self.since)
            and (self.until is None or record.started_at < self.until)
            and all(_has(record, name, word) for name, word in self.words.items())
            and all(_mentions(record, word) for word in self.error_words)
        )


WORDS = tuple(field.name for field in fields(LogFilter) if field.name in FIELDS_OF)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Records found, newest first, and where to go on (None: at the log's end).

    `older` may be set though little was found: a search looks through a bounded number of records and says how far it came.
    """

    records: tuple[RedactedRecord, ...]
    older: Cursor | None


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the log: newest first, records older than this come next."""

    started_at: int
    record_id: str = ""

    def __str__(self) -> str:
        return f"{self.started_at}-{self.record_id}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor in an address; None for nonsense."""
        moment, _dash, record_id = text.partition("-")
        if not (moment.isascii() and moment.isdecimal() and len(moment) <= 14):
            return None
        is_id = len(record_id) == 32 and all(digit in "0123456789abcdef" for digit in record_id)
        return cls(int(moment), record_id if is_id else "")


def _has(record: RedactedRecord, name: str, word: str) -> bool:
    values = [value for field in FIELDS_OF[name] if (value := getattr(record, field)) is not None]
    return any(value.lower().startswith(word.lower()) if name in BY_BEGINNING else value == word for value in values)


def _mentions(record: RedactedRecord, word: str) -> bool:
    return any(word in (getattr(record, field) or "").lower() for field in IN_ERROR)
