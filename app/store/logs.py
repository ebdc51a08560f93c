"""The log store: one protocol over several engines. GATEDESK_LOGS_URL selects the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Protocol

from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, Neighbours
from app.core.log_filter import Cursor, LogFilter, LogPage
from app.core.matching import NO_BACKGROUND, NO_HINTS, Background, SearchHints
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.record_columns import Columns
from app.core.rollups import Cell, Dimension, Figures


class LogStoreBusy(Exception):
    """The log cannot be written now: another writer is at work, or the disk or server is gone. Try again."""


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """One received batch: where from, when, what became of it."""

    id: int
    source: str
    received_at: datetime
    accepted: int
    duplicate: int
    rejected: int
    duration_ms: int  # from the first row to the last; 0 while it is being stored
    instance: str = ""  # which of several gateways of one format: the label of the token it sent with
    rolled_back: int | None = None  # how many records a rollback took out again; None: it stands


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records a ticket may be about, and whether a probe hit its bound (then more exist)."""

    records: tuple[RedactedRecord, ...]
    capped: bool
    log_has_records: bool  # the log holds anything at all near the ticket's time
    background: Background = NO_BACKGROUND  # what the probe by time left out


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a series: what was counted from `start` on for a step's length, under one value of the dimension."""

    start: datetime
    value: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Total:
    """What was counted in a whole span under one value of the dimension."""

    value: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class RollupError:
    """A cell that does not say what its records say. Kept figures of purged records are not compared: they have no records."""

    cell: Cell
    stored: Figures
    counted: Figures


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source (format and instance) is doing. Times are those of receipt unless another is named."""

    source: str
    instance: str
    first_seen: datetime
    last_seen: datetime
    newest_record: datetime | None  # when its latest request began
    per_hour: tuple[int, ...]  # records accepted in each of the last 24 hours, oldest first
    accepted: int  # in the last 24 hours, as the next four
    duplicate: int
    rejected: int
    lag_ms: int | None  # mean of (received - started) over accepted records
    worst_lag_ms: int | None
    reasons: tuple[tuple[str, int], ...]  # of its latest rejects, the most frequent first
    never_filled: tuple[str, ...]  # fields of RedactedRecord (WATCHED_FIELDS) that no record of this source ever had


@dataclass(frozen=True, slots=True)
class Ready:
    """Records as one engine takes them: made by `ready`, for `append_ready` of the same kind of store. Other processes may make them."""

    records: int
    encoded: Sequence[Any]  # the engine's own
    wanted: int = 0  # records that the engine likes to store at once: until it is so many, several are better joined


def joined(parts: Sequence[Ready]) -> Ready:
    """Several, to be stored at once in their order."""
    return Ready(sum(part.records for part in parts), tuple(chain.from_iterable(part.encoded for part in parts)), parts[0].wanted)


# fields whose absence is worth telling: those that have a gateway's setting or a missing export column behind them
WATCHED_FIELDS = (
    *("latency_ms", "ttft_ms", "client", "model_requested", "model_served", "provider", "status_code", "error_code", "error_message"),
    *("key_last4", "key_fingerprint", "key_alias", "owner", "group", "environment", "prompt_tokens", "completion_tokens", "cost_micros"),
    *("charged", "quota_micros", "balance_micros", "stream", "retries", "fallback_from", "task_id", "endpoint"),
)


class LogStore(Protocol):
    """What every log engine offers. Text goes in as RedactedRecord only."""

    def prepare(self) -> None:
        """Create or migrate the store's own schema; safe to call at every start."""
        ...

    def close(self) -> None:
        """Close every connection; the next use opens them again."""
        ...

    def append(
        self,
        source: str,
        records: Sequence[RedactedRecord],
        rejects: Sequence[Reject],
        received_at: datetime,
        *,
        instance: str = "",
        patience: float | None = None,
    ) -> BatchOutcome:
        """Store a batch durably and idempotently (by record_id) together with its batch row and its roll-ups.

        Rows and roll-ups cannot part: what is counted is what was really inserted. `patience` is how many seconds to wait
        for another writer (None: the engine's own bound). Raises LogStoreBusy; sending again is then always right.
        """
        ...

    def ready(self, columns: Columns) -> Ready:
        """Do all of `append` that needs no connection, for records given as columns."""
        ...

    def append_ready(
        self,
        source: str,
        ready: Ready,
        rejects: Sequence[Reject],
        received_at: datetime,
        *,
        instance: str = "",
        patience: float | None = None,
    ) -> BatchOutcome:
        """Do the rest of `append`."""
        ...

    def candidates(self, evidence: Evidence, widen: int = 1, hints: SearchHints = NO_HINTS) -> Candidates:
        """Bounded, indexed probes near the evidence's time; `widen` multiplies the window, `hints` help to choose."""
        ...

    def request(self, request_id: str) -> tuple[RedactedRecord, ...]:
        """Every attempt of the action this request id belongs to, oldest first; empty when unknown."""
        ...

    def records(self, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
        """Records by identity, in the order asked; unknown ones left out."""
        ...

    def key_activity(self, fingerprint: str, around: datetime, limit: int = 20) -> KeyActivity | None:
        """The key's requests within a day before and an hour after `around`; None when it was never seen then."""
        ...

    def neighbours(self, status_code: int | None, model: str | None, around: datetime, window_minutes: int = 60) -> Neighbours:
        """Failures alike around a time, over all keys."""
        ...

    def recent(self, limit: int = 50, before: int | None = None, problems_only: bool = True) -> tuple[RedactedRecord, ...]:
        """Newest records, keyset-paged by started_at (epoch ms)."""
        ...

    def find(self, chosen: LogFilter, limit: int = 50, cursor: Cursor | None = None) -> LogPage:
        """Records the filter wants after the cursor, newest first; looks through a bounded number of records and says how far it came."""
        ...

    def batches(self, limit: int = 50) -> tuple[BatchInfo, ...]:
        """Newest batches first."""
        ...

    def rejects(self, batch_id: int, limit: int = 200) -> tuple[Reject, ...]:
        """The batch's rejected lines."""
        ...

    def walk(self, size: int = 1000) -> Iterator[tuple[RedactedRecord, ...]]:
        """Every record, in bounded pages: to be read again with today's rules."""
        ...

    def replace(self, record: RedactedRecord) -> None:
        """Write a corrected record over the stored one of the same identity. Raises LogStoreBusy."""
        ...

    def kept_labels(self) -> Sequence[tuple[Dimension, str]]:
        """The labels that the roll-ups of purged records are counted under, each once; the empty one left out."""
        ...

    def rename_kept(self, dimension: Dimension, label: str, clean: str) -> None:
        """Count what purged records were counted under `label` under `clean` instead. Raises LogStoreBusy."""
        ...

    def empty_journal(self) -> None:
        """After corrections: leave no record as it was in the engine's own journal, where that can be done."""
        ...

    def count(self) -> int:
        """How many records are stored."""
        ...

    def series(
        self, dimension: Dimension, values: Sequence[str] | None, start: datetime, end: datetime, step: timedelta
    ) -> tuple[Point, ...]:
        """Roll-ups from `start` to before `end`, added up to steps counted from `start`; by time, then by value.

        `start`, `end` and `step` are whole hours. `values` limits to some of the dimension's values (None: all). Steps
        and values without a record are left out. Purged records still count.
        """
        ...

    def totals(self, dimension: Dimension, start: datetime, end: datetime, limit: int = 50) -> tuple[Total, ...]:
        """Roll-ups of a whole span by value, the most requests first, at most `limit` values."""
        ...

    def rebuild_rollups(self) -> int:
        """Count every stored record anew and write that over the roll-ups; kept figures of purged records stay.

        Returns the number of cells. Writers wait meanwhile, a period at a time.
        """
        ...

    def add_up_rollups(self, before: datetime) -> int:
        """Add up roll-ups of several hours that are over at that moment, so that long spans are read sooner. Returns how many.

        What anybody changes later counts at once: a sum of changed hours is not used until it is made again.
        """
        ...

    def check_rollups(self) -> tuple[RollupError, ...]:
        """Compare the roll-ups with a plain recount of the records; empty when they say the same."""
        ...

    def rollback(self, batch_id: int) -> int:
        """Take out again what this batch brought (not what it only repeated), roll-ups included. Returns how many records.

        Zero for an unknown batch, or one that was rolled back before. Raises LogStoreBusy.
        """
        ...

    def purge(self, ok_before: datetime | None, problem_before: datetime | None) -> int:
        """Forget successes and problems that began before those times (None: keep); roll-ups are kept.

        Whole periods are dropped, the rest goes in blocks so small that no writer waits long; the space is given back.
        Returns how many records went. Raises LogStoreBusy; what went until then is gone.
        """
        ...

    def end_unfinished(self, now: datetime) -> int:
        """Count what batches brought whose writer ended before it could say so. Returns how many there were. Raises LogStoreBusy."""
        ...

    def sources(self, now: datetime) -> tuple[SourceHealth, ...]:
        """How each source is doing, the latest seen first."""
        ...
