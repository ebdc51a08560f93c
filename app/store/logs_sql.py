"""The log store over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from sqlalchemy import Engine, func, select

from app.core.attempts import join_attempts
from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, Neighbours
from app.core.log_filter import Cursor, LogFilter, LogPage
from app.core.matching import NO_HINTS, SearchHints
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.rollups import Dimension
from app.store import logs_append, logs_candidates, logs_context, logs_engine, logs_find, logs_rescan
from app.store.journal import empty_journal
from app.store.logs import BatchInfo, Candidates, Point, RollupError, SourceHealth, Total
from app.store.logs_rows import row_to_record
from app.store.logs_schema import NOT_OK, batch, log_record, reject

MOST_ATTEMPTS = 200
IDS_PER_QUERY = 500
HEX_LENGTH = 32


class SqlLogStore:
    """A LogStore in one SQL database. Opens it, and creates its tables, when it is first used."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def engine(self) -> Engine:
        """The engine, with the tables in place."""
        engine = logs_engine.open_engine(self._url)
        logs_engine.prepare(engine)
        return engine

    def prepare(self) -> None:
        """Create the store's own tables unless they are there; safe at every start and from several processes."""
        logs_engine.prepare(self.engine)

    def close(self) -> None:
        """Close every connection; the next use opens them again."""
        self.engine.dispose()

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
        """Store a batch durably and idempotently. Raises LogStoreBusy."""
        return logs_append.append(self.engine, source, records, rejects, received_at)

    def candidates(self, evidence: Evidence, widen: int = 1, hints: SearchHints = NO_HINTS) -> Candidates:
        """Find the records a ticket may be about."""
        return logs_candidates.candidates(self.engine, evidence, widen, hints)

    def request(self, request_id: str) -> tuple[RedactedRecord, ...]:
        """Every attempt of the action this id belongs to, joined, oldest first. The action's own id will do."""
        columns = log_record.c
        actions = select(columns.action_id).where(columns.request_id == request_id)
        query = select(log_record).where(
            columns.action_id.in_(actions.union(select(columns.action_id).where(columns.action_id == request_id)))
        )
        with self.engine.connect() as connection:
            rows = connection.execute(query.order_by(columns.started_at, columns.id).limit(MOST_ATTEMPTS)).all()
        return join_attempts(map(row_to_record, rows))

    def records(self, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
        """Give records by identity, in the order asked; unknown ones left out."""
        known: dict[str, RedactedRecord] = {}
        wanted = [bytes.fromhex(record_id) for record_id in record_ids if _is_identity(record_id)]
        with self.engine.connect() as connection:
            for start in range(0, len(wanted), IDS_PER_QUERY):
                query = select(log_record).where(log_record.c.record_id.in_(wanted[start : start + IDS_PER_QUERY]))
                known.update((record.record_id, record) for record in map(row_to_record, connection.execute(query)))
        return tuple(known[record_id] for record_id in record_ids if record_id in known)

    def key_activity(self, fingerprint: str, around: datetime, limit: int = 20) -> KeyActivity | None:
        """Sum up the key's requests around a time."""
        return logs_context.key_activity(self.engine, fingerprint, around, limit)

    def neighbours(self, status_code: int | None, model: str | None, around: datetime, window_minutes: int = 60) -> Neighbours:
        """Count failures alike around a time, over all keys."""
        return logs_context.neighbours(self.engine, status_code, model, around, window_minutes)

    def recent(self, limit: int = 50, before: int | None = None, problems_only: bool = True) -> tuple[RedactedRecord, ...]:
        """Newest records, keyset-paged by started_at (epoch ms)."""
        query = select(log_record).order_by(log_record.c.started_at.desc(), log_record.c.id.desc()).limit(limit)
        if problems_only:
            query = query.where(NOT_OK)
        if before is not None:
            query = query.where(log_record.c.started_at < before)
        with self.engine.connect() as connection:
            return tuple(map(row_to_record, connection.execute(query)))

    def find(self, chosen: LogFilter, limit: int = 50, cursor: Cursor | None = None) -> LogPage:
        """Look through the log for what the filter wants."""
        with self.engine.connect() as connection:
            return logs_find.find(connection, chosen, limit, cursor)

    def batches(self, limit: int = 50) -> tuple[BatchInfo, ...]:
        """Newest batches first."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(batch).order_by(batch.c.id.desc()).limit(limit)).all()
        return tuple(
            BatchInfo(row.id, row.source, _moment(row.received_at), row.accepted, row.duplicate, row.rejected, row.duration_ms)
            for row in rows
        )

    def rejects(self, batch_id: int, limit: int = 200) -> tuple[Reject, ...]:
        """Give the batch's rejected lines."""
        query = select(reject.c.line, reject.c.reason).where(reject.c.batch_id == batch_id).order_by(reject.c.line).limit(limit)
        with self.engine.connect() as connection:
            return tuple(Reject(line, reason) for line, reason in connection.execute(query))

    def walk(self, size: int = 1000) -> Iterator[tuple[RedactedRecord, ...]]:
        """Every record, in the order they were stored, `size` at a time."""
        return logs_rescan.walk(self.engine, size)

    def replace(self, record: RedactedRecord) -> None:
        """Write a corrected record over the stored one. Raises LogStoreBusy."""
        logs_rescan.replace(self.engine, record)

    def empty_journal(self) -> None:
        """Leave no record as it was in SQLite's journal."""
        empty_journal(self.engine)

    def series(
        self, dimension: Dimension, values: Sequence[str] | None, start: datetime, end: datetime, step: timedelta
    ) -> tuple[Point, ...]:
        """Give roll-ups added up to steps."""
        raise NotImplementedError

    def totals(self, dimension: Dimension, start: datetime, end: datetime, limit: int = 50) -> tuple[Total, ...]:
        """Give roll-ups of a span by value, the most requests first."""
        raise NotImplementedError

    def rebuild_rollups(self) -> int:
        """Count every stored record anew."""
        raise NotImplementedError

    def check_rollups(self) -> tuple[RollupError, ...]:
        """Compare the roll-ups with a recount."""
        raise NotImplementedError

    def rollback(self, batch_id: int) -> int:
        """Take out again what a batch brought."""
        raise NotImplementedError

    def purge(self, ok_before: datetime | None, problem_before: datetime | None) -> int:
        """Forget old records."""
        raise NotImplementedError

    def sources(self, now: datetime) -> tuple[SourceHealth, ...]:
        """How each source is doing."""
        raise NotImplementedError

    def count(self) -> int:
        """How many records are stored."""
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(log_record)) or 0


def _is_identity(record_id: str) -> bool:
    """Whether this can be a record's identity at all."""
    return len(record_id) == HEX_LENGTH and all(digit in "0123456789abcdef" for digit in record_id)


def _moment(epoch_ms: int) -> datetime:
    """Epoch milliseconds as an aware time."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
