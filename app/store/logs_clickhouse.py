"""The log store over ClickHouse: a server, a cluster, or the engine embedded in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, Neighbours
from app.core.log_filter import Cursor, LogFilter, LogPage
from app.core.matching import NO_HINTS, SearchHints
from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.core.record_columns import Columns, columns_of
from app.core.rollups import Dimension
from app.store import logs_clickhouse_append as appending
from app.store import logs_clickhouse_candidates as matching
from app.store import logs_clickhouse_context as context
from app.store import logs_clickhouse_reads as reads
from app.store import logs_clickhouse_rollups as rollups
from app.store import logs_clickhouse_schema as schema
from app.store import logs_clickhouse_sources as health
from app.store import logs_clickhouse_upkeep as upkeep
from app.store.logs import BatchInfo, Candidates, Point, Ready, RollupError, SourceHealth, Total
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_ready import make_ready
from app.store.logs_clickhouse_repair import repair
from app.store.logs_clickhouse_turns import put_right


class ClickHouseLogStore:
    """A LogStore in one ClickHouse database. Opens it, and creates its tables, when it is first used."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def engine(self) -> ClickHouse:
        """The engine, with the tables in place and nothing left half done."""
        engine = ClickHouse(self._url)
        schema.prepare(engine)
        put_right(engine, repair(engine))
        return engine

    def prepare(self) -> None:
        """Create the store's own tables unless they are there, and end what a writer that died left half done."""
        schema.prepare(self.engine)

    def close(self) -> None:
        """Close the client; the next use opens it again."""
        engine = self.__dict__.pop("engine", None)
        if engine is not None:
            engine.close()

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
        """Encode records given as columns."""
        return make_ready(columns)

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
        return appending.append(self.engine, source, ready, rejects, received_at, instance, patience)

    def candidates(self, evidence: Evidence, widen: int = 1, hints: SearchHints = NO_HINTS) -> Candidates:
        """Find the records a ticket may be about."""
        return matching.candidates(self.engine, evidence, widen, hints)

    def request(self, request_id: str) -> tuple[RedactedRecord, ...]:
        """Every attempt of the action this id belongs to, joined, oldest first. The action's own id will do."""
        return reads.request(self.engine, request_id)

    def records(self, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
        """Give records by identity, in the order asked; unknown ones left out."""
        return reads.records(self.engine, record_ids)

    def key_activity(self, fingerprint: str, around: datetime, limit: int = 20) -> KeyActivity | None:
        """Sum up the key's requests around a time."""
        return context.key_activity(self.engine, fingerprint, around, limit)

    def neighbours(self, status_code: int | None, model: str | None, around: datetime, window_minutes: int = 60) -> Neighbours:
        """Count failures alike around a time, over all keys."""
        return context.neighbours(self.engine, status_code, model, around, window_minutes)

    def recent(self, limit: int = 50, before: int | None = None, problems_only: bool = True) -> tuple[RedactedRecord, ...]:
        """Newest records, keyset-paged by started_at (epoch ms)."""
        return reads.recent(self.engine, limit, before, problems_only)

    def find(self, chosen: LogFilter, limit: int = 50, cursor: Cursor | None = None) -> LogPage:
        """Look through the log for what the filter wants."""
        return reads.find(self.engine, chosen, limit, cursor)

    def batches(self, limit: int = 50) -> tuple[BatchInfo, ...]:
        """Newest batches first."""
        return health.batches(self.engine, limit)

    def rejects(self, batch_id: int, limit: int = 200) -> tuple[Reject, ...]:
        """Give the batch's rejected lines."""
        return health.rejects(self.engine, batch_id, limit)

    def walk(self, size: int = 1000) -> Iterator[tuple[RedactedRecord, ...]]:
        """Every record, by the time it began, `size` at a time."""
        return reads.walk(self.engine, size)

    def replace(self, record: RedactedRecord) -> None:
        """Write a corrected record over the stored one. Raises LogStoreBusy."""
        upkeep.replace(self.engine, record)

    def kept_labels(self) -> Sequence[tuple[Dimension, str]]:
        """Labels of purged records' roll-ups."""
        return rollups.kept_labels(self.engine)

    def rename_kept(self, dimension: Dimension, label: str, clean: str) -> None:
        """Put a corrected label in place of one of them."""
        rollups.rename_kept(self.engine, dimension, label, clean)

    def empty_journal(self) -> None:
        """Merge away the rows of records as they were."""
        upkeep.empty_journal(self.engine)

    def count(self) -> int:
        """How many records are stored."""
        return reads.count(self.engine)

    def series(
        self, dimension: Dimension, values: Sequence[str] | None, start: datetime, end: datetime, step: timedelta
    ) -> tuple[Point, ...]:
        """Give roll-ups added up to steps."""
        return rollups.series(self.engine, dimension, values, start, end, step)

    def totals(self, dimension: Dimension, start: datetime, end: datetime, limit: int = 50) -> tuple[Total, ...]:
        """Give roll-ups of a span by value, the most requests first."""
        return rollups.totals(self.engine, dimension, start, end, limit)

    def rebuild_rollups(self) -> int:
        """Count every stored record anew."""
        return upkeep.rebuild(self.engine)

    def add_up_rollups(self, before: datetime) -> int:  # noqa: ARG002 - the engine sums where the rows are
        """Nothing to do: the engine merges its sums by itself."""
        return 0

    def check_rollups(self) -> tuple[RollupError, ...]:
        """Compare the roll-ups with a recount."""
        return upkeep.check(self.engine)

    def rollback(self, batch_id: int) -> int:
        """Take out again what a batch brought. Raises LogStoreBusy."""
        return upkeep.rollback(self.engine, batch_id)

    def purge(self, ok_before: datetime | None, problem_before: datetime | None) -> int:
        """Forget old records. Raises LogStoreBusy."""
        return upkeep.purge(self.engine, ok_before, problem_before)

    def end_unfinished(self, now: datetime) -> int:  # noqa: ARG002 - whoever writes next does it before
        """Nothing is left: the next writer ends what the one before it began."""
        return 0

    def sources(self, now: datetime) -> tuple[SourceHealth, ...]:
        """How each source is doing."""
        return health.sources(self.engine, now)
