"""PostgreSQL: one database, log_record partitioned by month, so that a month can be dropped in an instant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.exc import IntegrityError

from app.core.rollups import HOUR_MS
from app.store.logs import LogStoreBusy
from app.store.logs_cells import add_cells, live_cells
from app.store.logs_engine import open_engine, write
from app.store.logs_places import Places, Reading, month_name, month_of
from app.store.logs_schema import VERSION, database, schema_version

SCHEMA_LOCK = 0x67617465  # one number for the advisory lock of the schema; any will do
DROP_WAITS = "2s"  # a drop must not queue behind a long reader, since every writer would queue behind the drop

_CHILDREN = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = 'log_record'::regclass ORDER BY child.relname
"""


class PostgresPartitions(Places):
    """Makes a month's partition before its first record."""

    def __init__(self, url: str) -> None:
        self.catalog: Engine = open_engine(url)
        self._reads = self.catalog.execution_options(isolation_level="AUTOCOMMIT")  # the same connections
        self._known: set[int] = set()

    def prepare(self) -> None:
        """Create the tables unless there are some."""
        with self.catalog.connect() as connection:
            if inspect(connection).has_table(schema_version.name):
                return
        with write(self.catalog) as connection:
            lock_schema(connection)
            database.create_all(connection)
            if connection.scalar(select(schema_version.c.version)) is None:
                connection.execute(schema_version.insert().values(version=VERSION))

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """One connection serves all. A transaction would show each statement no other moment, and cost two ways to the server."""
        with self._reads.connect() as connection:
            yield _OneConnection(connection)

    @contextmanager
    def writing(self, moment: int, patience: float | None = None) -> Iterator[Connection]:
        """A transaction, with a partition for the moment in place."""
        low, high = month_of(moment)
        if low not in self._known:
            self._make_partition(low, high)
        try:
            with write(self.catalog, patience) as connection:
                if patience is not None:
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(patience * 1000))}")
                yield connection
        except IntegrityError:  # the partition was dropped meanwhile
            self._known.discard(low)
            raise LogStoreBusy from None

    def periods(self) -> list[int]:
        """The beginning of each month that has a partition."""
        with self.catalog.connect() as connection:
            return [_moment_of(name) for name in connection.exec_driver_sql(_CHILDREN).scalars()]

    def drop(self, moment: int) -> None:
        """Keep the month's roll-ups as those of forgotten records, and drop its partition, in one transaction."""
        low, high = month_of(moment)
        self._known.discard(low)
        with write(self.catalog) as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{DROP_WAITS}'")
            connection.exec_driver_sql(f"DROP TABLE {_partition(low)}")
            cells = live_cells(connection, low // HOUR_MS, high // HOUR_MS - 1)
            add_cells(connection, cells, sign=-1)
            add_cells(connection, cells, kept=True)

    def give_back_space(self, moment: int) -> None:
        """Vacuum the partition: what was deleted is used again, and the end of the file is returned."""
        with self.catalog.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM {_partition(month_of(moment)[0])}")

    def close(self) -> None:
        """Close every connection."""
        self.catalog.dispose()

    def _make_partition(self, low: int, high: int) -> None:
        name = _partition(low)
        with self.catalog.connect() as connection:
            there = inspect(connection).has_table(name)
        if not there:
            with write(self.catalog) as connection:
                lock_schema(connection)
                connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF log_record FOR VALUES FROM ({low}) TO ({high})")
        self._known.add(low)


def lock_schema(connection: Connection) -> None:
    """Let one process at a time change tables."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SCHEMA_LOCK})")


class _OneConnection(Reading):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def catalog(self) -> Connection:
        return self._connection

    def between(self, low: int, high: int) -> Sequence[Connection]:  # noqa: ARG002 - the partitions are the server's affair
        return (self._connection,)


def _partition(low: int) -> str:
    return f"log_record_{month_name(low).replace('-', '_')}"


def _moment_of(partition: str) -> int:
    """The month that a partition's name says."""
    year, month = partition.rsplit("_", 2)[1:]
    return int(datetime(int(year), int(month), 1, tzinfo=UTC).timestamp() * 1000)
