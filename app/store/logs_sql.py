"""The log store over SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, make_url, select

from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, Neighbours
from app.core.log_filter import Cursor, LogFilter, LogPage
from app.core.matching import NO_HINTS, SearchHints
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.record_columns import Columns, columns_of
from app.core.rollups import Dimension
from app.store import (
    logs_append,
    logs_blocks,
    logs_candidates,
    logs_context,
    logs_find,
    logs_labels,
    logs_migrate,
    logs_read,
    logs_rescan,
    logs_rollups,
    logs_sources,
    logs_undo,
    logs_unfinished,
)
from app.store.journal import empty_journal
from app.store.logs import BatchInfo, Candidates, LogStoreBusy, Point, Ready, RollupError, SourceHealth, Total
from app.store.logs_engine import busy_when_away
from app.store.logs_partitions import PostgresPartitions
from app.store.logs_periods import SqlitePeriods
from app.store.logs_places import Places
from app.store.logs_ready import make_ready
from app.store.logs_schema import batch, reject


class SqlLogStore:
    """A LogStore in SQLite files or a PostgreSQL database. Opens them, and creates its tables, when it is first used."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def places(self) -> Places:
        """Where the records are, with the tables in place."""
        parts = make_url(self._url)
        places: Places = (
            SqlitePeriods(Path(parts.database or "")) if parts.get_backend_name() == "sqlite" else PostgresPartitions(self._url)
        )
        try:
            places.prepare()
            logs_migrate.migrate(places)
        except BaseException:
            places.close()
            raise
        return places

    @property
    def engine(self) -> Engine:
        """Batches, rejects and sources."""
        return self.places.catalog

    def prepare(self) -> None:
        """Create or migrate the store's own tables; safe at every start and from several processes."""
        self.places.prepare()

    def close(self) -> None:
        """Close every connection; the next use opens them again."""
        if opened := self.__dict__.get("places"):
            opened.close()

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
        return self.append_ready(source, self.ready(columns_of(records)), rejects, received_at, instance=instance, patience=patience)

    def ready(self, columns: Columns) -> Ready:
        """Encode and count records given as columns."""
        return make_ready(columns, for_copy=make_url(self._url).get_backend_name() != "sqlite")

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
        """Store what `ready` made. Raises LogStoreBusy."""
        with busy_when_away():
            if not self.places.has_room():
                raise LogStoreBusy
            return logs_append.append(self.places, source, ready, rejects, received_at, instance, patience)

    def candidates(self, evidence: Evidence, widen: int = 1, hints: SearchHints = NO_HINTS) -> Candidates:
        """Find the records a ticket may be about."""
        with self.places.reading() as log:
            return logs_candidates.candidates(log, evidence, widen, hints)

    def request(self, request_id: str) -> tuple[RedactedRecord, ...]:
        """Every attempt of the action this id belongs to, joined, oldest first. The action's own id will do."""
        with self.places.reading() as log:
            return logs_read.request(log, request_id)

    def records(self, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
        """Give records by identity, in the order asked; unknown ones left out."""
        with self.places.reading() as log:
            return logs_read.records(log, record_ids)

    def key_activity(self, fingerprint: str, around: datetime, limit: int = 20) -> KeyActivity | None:
        """Sum up the key's requests around a time."""
        with self.places.reading() as log:
            return logs_context.key_activity(log, fingerprint, around, limit)

    def neighbours(self, status_code: int | None, model: str | None, around: datetime, window_minutes: int = 60) -> Neighbours:
        """Count failures alike around a time, over all keys."""
        with self.places.reading() as log:
            return logs_context.neighbours(log, status_code, model, around, window_minutes)

    def recent(self, limit: int = 50, before: int | None = None, problems_only: bool = True) -> tuple[RedactedRecord, ...]:
        """Newest records, keyset-paged by started_at (epoch ms)."""
        with self.places.reading() as log:
            return logs_read.recent(log, limit, before, problems_only)

    def find(self, chosen: LogFilter, limit: int = 50, cursor: Cursor | None = None) -> LogPage:
        """Look through the log for what the filter wants."""
        with self.places.reading() as log:
            return logs_find.find(log, chosen, limit, cursor)

    def batches(self, limit: int = 50) -> tuple[BatchInfo, ...]:
        """Newest batches first."""
        columns = (batch.c[name] for name in _BATCH_FIELDS)
        with self.engine.connect() as connection:
            rows = connection.execute(select(*columns).order_by(batch.c.id.desc()).limit(limit)).all()
        return tuple(BatchInfo(**{**row._mapping, "received_at": _moment(row.received_at)}) for row in rows)  # noqa: SLF001 - public

    def rejects(self, batch_id: int, limit: int = 200) -> tuple[Reject, ...]:
        """Give the batch's rejected lines."""
        query = select(reject.c.line, reject.c.reason).where(reject.c.batch_id == batch_id).order_by(reject.c.line).limit(limit)
        with self.engine.connect() as connection:
            return tuple(Reject(line, reason) for line, reason in connection.execute(query))

    def walk(self, size: int = 1000) -> Iterator[tuple[RedactedRecord, ...]]:
        """Every record, `size` at a time."""
        return logs_rescan.walk(self.places, size)

    def replace(self, record: RedactedRecord) -> None:
        """Write a corrected record over the stored one. Raises LogStoreBusy."""
        logs_rescan.replace(self.places, record)

    def kept_labels(self) -> Sequence[tuple[Dimension, str]]:
        """Labels of purged records' roll-ups."""
        return logs_labels.kept_labels(self.places)

    def rename_kept(self, dimension: Dimension, label: str, clean: str) -> None:
        """Put a corrected label in place of one of them. Raises LogStoreBusy."""
        logs_labels.rename_kept(self.places, dimension, label, clean)

    def empty_journal(self) -> None:
        """Leave no record as it was in SQLite's journals."""
        with self.places.reading() as log:
            engines = {connection.engine for connection in (log.catalog(), *log.everywhere())}
        for engine in engines:
            empty_journal(engine)

    def series(
        self, dimension: Dimension, values: Sequence[str] | None, start: datetime, end: datetime, step: timedelta
    ) -> tuple[Point, ...]:
        """Give roll-ups added up to steps."""
        return logs_rollups.series(self.places, dimension, values, start, end, step)

    def totals(self, dimension: Dimension, start: datetime, end: datetime, limit: int = 50) -> tuple[Total, ...]:
        """Give roll-ups of a span by value, the most requests first."""
        return logs_rollups.totals(self.places, dimension, start, end, limit)

    def rebuild_rollups(self) -> int:
        """Count every stored record anew."""
        return logs_rollups.rebuild(self.places)

    def add_up_rollups(self, before: datetime) -> int:
        """Add up hours that are over."""
        return logs_blocks.add_up_blocks(self.places, before)

    def check_rollups(self) -> tuple[RollupError, ...]:
        """Compare the roll-ups with a recount."""
        return logs_rollups.check(self.places)

    def rollback(self, batch_id: int) -> int:
        """Take out again what a batch brought."""
        return logs_undo.rollback(self.places, batch_id)

    def purge(self, ok_before: datetime | None, problem_before: datetime | None) -> int:
        """Forget old records."""
        return logs_undo.purge(self.places, ok_before, problem_before)

    def end_unfinished(self, now: datetime) -> int:
        """Count what batches brought whose writer is gone."""
        return logs_unfinished.end_unfinished(self.places, now)

    def sources(self, now: datetime) -> tuple[SourceHealth, ...]:
        """How each source is doing."""
        return logs_sources.sources(self.engine, now)

    def count(self) -> int:
        """How many records are stored."""
        return logs_rollups.count(self.places)


_BATCH_FIELDS = ("id", "source", "received_at", "accepted", "duplicate", "rejected", "duration_ms", "instance", "rolled_back")


def _moment(epoch_ms: int) -> datetime:
    """Epoch milliseconds as an aware time."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
