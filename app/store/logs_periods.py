"""SQLite: a catalog file, and beside it a file a month, so that ingest, reading and retention stay out of one another's way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, insert, inspect, select, update

from app.store.disk_room import has_room
from app.store.journal import empty_journal
from app.store.logs import LogStoreBusy
from app.store.logs_cells import add_cells, all_cells
from app.store.logs_engine import open_file, write
from app.store.logs_places import FOREVER, Places, Reading, month_name, month_of
from app.store.logs_schema import VERSION, catalog, period, period_file, schema_version

TRIES = 5  # a place may be dropped while its lock is waited for
PAGES_AT_ONCE = 2_000  # of 4 KiB

_SPANS = "SELECT file, low, high FROM period_file WHERE NOT dropped ORDER BY low DESC"


class SqlitePeriods(Places):
    """Knows which file holds which month."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.catalog = open_file(path)
        self._engines: dict[str, Engine] = {}
        self._warm: str | None = None  # the file written last
        self._lock = Lock()

    def prepare(self) -> None:
        """Create the catalog's tables unless there are some."""
        with self.catalog.connect() as connection:
            if inspect(connection).has_table(schema_version.name):
                return
        with write(self.catalog) as connection:
            catalog.create_all(connection)
            if connection.scalar(select(schema_version.c.version)) is None:
                connection.execute(schema_version.insert().values(version=VERSION))

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Connections to the files a question touches."""
        with ExitStack() as stack:
            yield _PeriodReading(self, stack)

    @contextmanager
    def writing(self, moment: int, patience: float | None = None) -> Iterator[Connection]:
        """A write transaction on the month's file."""
        for _each in range(TRIES):
            file = self._file_of(moment) or self._new_file(moment, patience)
            self._keep_warm(file)
            with write(self.engine(file), patience) as connection:
                if self._is_current(file):
                    yield connection
                    return
            self.forget(file)
        raise LogStoreBusy

    def periods(self) -> list[int]:
        """The beginning of each month that has a file."""
        with self.catalog.connect() as connection:
            return list(connection.scalars(select(period_file.c.low).where(~period_file.c.dropped).order_by(period_file.c.low)))

    def drop(self, moment: int) -> None:
        """Keep the month's roll-ups in the catalog, then unlink its file.

        A writer that waits for the file's lock meanwhile looks at the catalog when it has it, and goes elsewhere.
        """
        file = self._file_of(moment)
        if file is None:
            return
        with write(self.engine(file)) as old, write(self.catalog) as new:
            add_cells(new, all_cells(old), kept=True)
            new.execute(update(period_file).where(period_file.c.file == file).values(dropped=True))
        self.forget(file)
        self.unlink_dropped()
        empty_journal(self.catalog)  # all those roll-ups went through it

    def unlink_dropped(self) -> None:
        """Remove files whose records are forgotten; also those that an end of the process left behind."""
        with self.catalog.connect() as connection:
            files = list(connection.scalars(select(period_file.c.file).where(period_file.c.dropped)))
        for file in files:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(file + suffix).unlink(missing_ok=True)

    def give_back_space(self, moment: int) -> None:
        """Free pages at the file's end go back to the system, some at a time, each time in a transaction of its own."""
        file = self._file_of(moment)
        if file is None:
            return
        with self.engine(file).connect() as connection:
            driver: Any = connection.connection.driver_connection
            before = 0
            while (free := driver.execute("PRAGMA freelist_count").fetchone()[0]) and free != before:
                driver.executescript(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})")
                before = free
        empty_journal(self.engine(file))

    def has_room(self) -> bool:
        """Half of what is kept of the disk is for what was acknowledged and waits; the rest for people, and for giving space back."""
        return has_room(self._path.parent, 0.5)

    def engine(self, file: str) -> Engine:
        """The engine of one file."""
        with self._lock:
            if file not in self._engines:
                self._engines[file] = open_file(self._path.with_name(file), create=False)  # who comes late must not make a dropped one anew
            return self._engines[file]

    def files(self, connection: Connection, low: int, high: int) -> list[str]:
        """Files of months that the span touches, the newest month first."""
        touched = select(period_file.c.file).where(~period_file.c.dropped, period_file.c.low <= high, period_file.c.high > low)
        return list(connection.scalars(touched.order_by(period_file.c.low.desc())))

    def spans(self, connection: Connection) -> list[tuple[str, int, int]]:
        """Every file and the span of time it is for, the newest month first.

        Every question about records begins here, and none may miss a file that was made or dropped just now: so the
        list is read each time, but by the driver, which takes a tenth of the time.
        """
        driver: Any = connection.connection.driver_connection
        found = list(driver.execute(_SPANS))
        self._forget_others({file for file, _low, _high in found})
        return found

    def forget(self, file: str) -> None:
        """Close the connections to a file."""
        with self._lock:
            engine = self._engines.pop(file, None)
        if engine:
            engine.dispose()

    def _forget_others(self, files: set[str]) -> None:
        """Let go of files that another process dropped: the disk has their room back when nobody has them open."""
        with self._lock:
            dropped = self._engines.keys() - files
        for file in dropped:
            self.forget(file)

    def close(self) -> None:
        """Close every connection."""
        self.catalog.dispose()
        for file in list(self._engines):
            self.forget(file)

    def _keep_warm(self, file: str) -> None:
        """Only the file written last keeps its pages in memory, so that many months take no more of it than one."""
        with self._lock:
            before, self._warm = self._warm, file
            cooling = self._engines.get(before) if before and before != file else None
        if cooling is not None:
            with cooling.connect() as connection:
                connection.exec_driver_sql("PRAGMA shrink_memory")

    def _file_of(self, moment: int) -> str | None:
        with self.catalog.connect() as connection:
            return next(iter(self.files(connection, moment, moment)), None)

    def _new_file(self, moment: int, patience: float | None) -> str:
        """Make the month's file, under a name that no file has had, then name it in the catalog."""
        low, high = month_of(moment)
        with write(self.catalog, patience) as connection:
            if known := self.files(connection, moment, moment):
                return known[0]
            file = self._free_name(connection, month_name(low))
            self._path.with_name(file).touch()
            with write(self.engine(file)) as fresh:
                period.create_all(fresh)
            connection.execute(insert(period_file).values(file=file, low=low, high=high, dropped=False))
        return file

    def _free_name(self, connection: Connection, month: str) -> str:
        used = set(connection.scalars(select(period_file.c.file)))
        names = (f"{self._path.stem}-{month}{f'.{number}' if number > 1 else ''}.db" for number in range(1, 1000))
        return next(name for name in names if name not in used and not self._path.with_name(name).exists())

    def _is_current(self, file: str) -> bool:
        with self.catalog.connect() as connection:
            return not connection.scalar(select(period_file.c.dropped).where(period_file.c.file == file))


class _PeriodReading(Reading):
    """Opens each file once for the question."""

    def __init__(self, periods: SqlitePeriods, stack: ExitStack) -> None:
        self._periods, self._stack = periods, stack
        self._catalog: Connection | None = None
        self._open: dict[str, Connection] = {}
        self._spans: list[tuple[str, int, int]] | None = None

    def catalog(self) -> Connection:
        if self._catalog is None:
            self._catalog = self._stack.enter_context(self._periods.catalog.connect())
        return self._catalog

    def between(self, low: int, high: int) -> Sequence[Connection]:
        return list(self._each(low, high))

    def in_turn(self, before: int = FOREVER) -> Iterable[Connection]:
        return self._each(0, before)

    def _each(self, low: int, high: int) -> Iterator[Connection]:
        if self._spans is None:  # the catalog is asked once a question
            self._spans = self._periods.spans(self.catalog())
        return (self._connection(file) for file, begin, end in self._spans if begin <= high and end > low)

    def _connection(self, file: str) -> Connection:
        if file not in self._open:
            self._open[file] = self._stack.enter_context(self._periods.engine(file).connect())
        return self._open[file]
