"""How fast log lines become stored rows: against a bare insert of ready tuples into the same indexed table, in one run.

python benchmarks/ingest.py LOGS.ndjson [--postgres postgresql+psycopg://…] [--rounds 3] [--litellm BODY.json]

`bare` is executemany (SQLite) or COPY (PostgreSQL) of tuples made before, into the same tables with the same indexes and
the same durability, without batches, roll-ups or identity. `import` is all of it from the file, as `flask logs import`
does it: decoding, redaction, de-duplication, roll-ups, batches. Ratios are the result: machines differ. Memory is the
peak of a process of its own.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.core.adapters import FORMATS
from app.core.body import number_lines, split_body
from app.core.fields import FieldCleaner
from app.core.record import RedactedRecord
from app.core.redaction import Redactor
from app.core.rollups import roll_up
from app.operations.ingest import LINES_PER_TRANSACTION, accept_batch
from app.store.logs_engine import is_sqlite
from app.store.logs_insert import _COLUMNS, _INSERT_SQLITE
from app.store.logs_places import by_month
from app.store.logs_rows import record_to_row
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules

PEPPER = b"benchmark"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
INSERT_BARE = _INSERT_SQLITE.removesuffix(" ON CONFLICT DO NOTHING")
Times = dict[str, list[float]]
COPY_BARE = f"COPY log_record ({_COLUMNS}) FROM STDIN"
EMPTY = "TRUNCATE log_record, batch, batch_part, reject, log_rollup, source_hour, source_field"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--postgres", help="an empty database, filled and emptied again")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--litellm", type=Path, help="a file with one LiteLLM POST body")
    parser.add_argument("--memory", action="store_true", help="import once and print this process's peak")
    options = parser.parse_args()
    redactor = Redactor(read_rules(RULES_DIR, "redaction"), PEPPER)
    if options.memory:
        print_memory(options.logs, redactor)
        return
    for url in filter(None, ("sqlite", options.postgres)):
        measure(url, options.logs, redactor, options.rounds)
    subprocess.run([sys.executable, __file__, str(options.logs), "--memory"], check=True)
    if options.litellm:
        measure_adapter(options.litellm.read_bytes(), redactor)


def measure(url: str, logs: Path, redactor: Redactor, rounds: int) -> None:
    """Time every stage in turn, `rounds` times over, and print medians."""
    seconds: Times = {}
    work: Times = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            one_round(lambda name: url if url != "sqlite" else f"sqlite:///{folder}/{name}.db", logs, redactor, seconds, work)
    rows = sum(1 for _ in logs.open("rb"))
    print(f"\n{url.partition(':')[0]}, {rows} rows, median of {rounds}; work: processor time of the storing process")
    for stage in seconds:
        took, worked = (statistics.median(times[stage]) for times in (seconds, work))
        shares = (statistics.median(times["bare"]) / statistics.median(times[stage]) for times in (seconds, work))
        print(f"  {stage:10} {rows / took:>9,.0f} rows/s  {next(shares):5.2f} of bare   work {worked:6.2f} s  {next(shares):5.2f} of bare")


def one_round(url_of: Callable[[str], str], logs: Path, redactor: Redactor, seconds: Times, work: Times) -> None:
    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        began, worked = time.perf_counter(), time.process_time()
        yield
        seconds.setdefault(stage, []).append(time.perf_counter() - began)
        work.setdefault(stage, []).append(time.process_time() - worked)

    with timed("decode"):
        records = decode(logs, redactor)
    with timed("encode"):
        ready = [(part[0].started_at, [(1, *record_to_row(record)) for record in part]) for part in parts(records)]
    with timed("roll up"):
        for part in parts(records):
            roll_up(part)
    with opened(url_of("bare")) as store, timed("bare"):
        insert(store, ready)
    del records, ready
    with opened(url_of("full")) as store:
        for stage in ("import", "replay"):
            with timed(stage):
                import_file(logs, redactor, store)


@contextmanager
def opened(url: str) -> Iterator[SqlLogStore]:
    """An empty store for one stage."""
    store = SqlLogStore(url)
    store.prepare()
    if not is_sqlite(store.engine):
        with store.engine.begin() as connection:
            connection.exec_driver_sql(EMPTY)
    yield store
    store.close()


def parts(records: list[RedactedRecord]) -> Iterator[list[RedactedRecord]]:
    """As an import cuts them: by transaction, then by month."""
    for start in range(0, len(records), LINES_PER_TRANSACTION):
        for _low, part in by_month(records[start : start + LINES_PER_TRANSACTION]):
            yield part


def decode(logs: Path, redactor: Redactor) -> list[RedactedRecord]:
    clean = FieldCleaner(redactor, PEPPER)
    return [FORMATS["ndjson"].parse(line, clean) for _, line in number_lines(logs.open("rb"))]


def import_file(logs: Path, redactor: Redactor, store: SqlLogStore) -> None:
    accept_batch(number_lines(logs.open("rb")), "ndjson", redactor, PEPPER, store, NOW, two_processes=True)


def insert(store: SqlLogStore, ready: list[tuple[int, list[tuple[Any, ...]]]]) -> None:
    """Insert at the limit: ready tuples into the same table with the same indexes and the same durability."""
    for moment, rows in ready:
        with store.places.writing(moment) as connection:
            if is_sqlite(connection):
                connection.exec_driver_sql(INSERT_BARE, rows)
                continue
            driver: Any = connection.connection.driver_connection
            with driver.cursor() as cursor, cursor.copy(COPY_BARE) as copy:
                for row in rows:
                    copy.write_row(row)


def print_memory(logs: Path, redactor: Redactor) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/logs.db") as store:
        import_file(logs, redactor, store)
    peaks = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"\nmemory of an import of {sum(1 for _ in logs.open('rb'))} rows: at most {peaks[0]:,.0f} MB, reading ahead {peaks[1]:,.0f} MB")


def measure_adapter(body: bytes, redactor: Redactor) -> None:
    """How fast one LiteLLM body is read, on one core, with a fresh cleaner for each body as in production."""
    began, records = time.perf_counter(), 0
    while time.perf_counter() - began < 2:
        clean = FieldCleaner(redactor, PEPPER)
        records += sum(1 for _, piece in split_body(body) if FORMATS["litellm"].parse(piece, clean))
    elapsed = time.perf_counter() - began
    print(f"\nLiteLLM body of {len(body):,} bytes: {records / elapsed:,.0f} records/s read, pid {os.getpid()}")


if __name__ == "__main__":
    main()
