"""The log store: one protocol over several engines. GATEDESK_LOGS_URL selects the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, Neighbours
from app.core.log_filter import Cursor, LogFilter, LogPage
from app.core.matching import NO_HINTS, SearchHints
from app.core.record import BatchOutcome, RedactedRecord, Reject


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
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Candidates:
    """Records a ticket may be about, and whether a probe hit its bound (then more exist)."""

    records: tuple[RedactedRecord, ...]
    capped: bool
    log_has_records: bool  # the log holds anything at all near the ticket's time


class LogStore(Protocol):
    """What every log engine offers. Text goes in as RedactedRecord only."""

    def prepare(self) -> None:
        """Create or migrate the store's own schema; safe to call at every start."""
        ...

    def append(self, source: str, records: Sequence[RedactedRecord], rejects: Sequence[Reject], received_at: datetime) -> BatchOutcome:
        """Store a batch durably and idempotently (by record_id) together with its batch row, in one transaction."""
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

    def empty_journal(self) -> None:
        """After corrections: leave no record as it was in the engine's own journal, where that can be done."""
        ...

    def count(self) -> int:
        """How many records are stored."""
        ...
