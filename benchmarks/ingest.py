"""How fast log lines become stored rows: against a bare insert of ready tuples into the same indexed table, in one run.

python -m benchmarks.ingest [LOGS.ndjson] [--postgres postgresql+psycopg://…] [--clickhouse chdb:///folder] [--rounds 3]
                            [--litellm BODY.json] [--sqlite-utils PROGRAM] [--days 1] [--copies 1] [--memory-only]

Without a file it makes one of its own. `bare` is executemany (SQLite), COPY (PostgreSQL) or the client's insert of columns
(ClickHouse) of tuples made before, into the same tables with the same indexes and the same durability, in transactions of
the same size, without batches, roll-ups or identity. `import` is all of it from the file, as `flask logs import` does it:
decoding, redaction, de-duplication, roll-ups, batches, by two processes; `one process` is the same without the second.
Ratios are the result: machines differ. `work` is processor time, of the storing process and of all processes of a stage
(a database server's left out); on a machine that others use it says more than the time that passed. Memory is the peak of
an import's processes together, pages they share counted once. `--copies` imports the file so many times over, each copy as
other requests.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice, repeat
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.cli.log_files import opened as opened_file
from app.core.adapters import FORMATS, ndjson
from app.core.body import number_lines, split_body
from app.core.desk_line import DeskLine
from app.core.fields import FieldCleaner
from app.core.record import RedactedRecord
from app.core.record_columns import Columns, columns_of, records_of
from app.core.redaction import Redactor
from app.core.rollups import roll_up
from app.operations.ingest import LINES_PER_TRANSACTION, LINES_READ_TOGETHER, accept_batch
from app.store.logs import LogStore
from app.store.logs_clickhouse import ClickHouseLogStore
from app.store.logs_clickhouse_ready import WANTED
from app.store.logs_engine import is_sqlite
from app.store.logs_insert import _ALL_COLUMNS, _INSERT, _PLACES_SQLITE
from app.store.logs_open import open_log_store
from app.store.logs_places import by_month
from app.store.logs_rows import encoded_columns
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules
from benchmarks import matching
from benchmarks.clickhouse import bare_table, ready_columns

ROOT = Path(__file__).resolve().parent.parent
PEPPER = b"benchmark"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
OWN_LINES = 200_000
INSERT_BARE = _INSERT.format("?", _PLACES_SQLITE).removesuffix(" ON CONFLICT DO NOTHING")
Times = dict[str, list[float]]
COPY_BARE = f"COPY log_record ({_ALL_COLUMNS}) FROM STDIN"
EMPTY = "TRUNCATE log_record, batch, batch_part, reject, log_rollup, source_hour, source_field"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", type=Path, nargs="?")
    parser.add_argument("--postgres", help="an empty database, filled and emptied again")
    parser.add_argument("--clickhouse", help="an empty log store")
    parser.add_argument("--days", type=int, default=1, help="over which the file's own rows are spread; 1: as dense as 6 million a month")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--litellm", type=Path, help="a file with one LiteLLM POST body")
    parser.add_argument("--sqlite-utils", default=shutil.which("sqlite-utils"), help="its program, if it is not on the path")
    parser.add_argument("--copies", type=int, default=1, help="for the memory: how many times over the file is imported")
    parser.add_argument("--memory-only", action="store_true")
    options = parser.parse_args()
    redactor = Redactor(read_rules(RULES_DIR, "redaction"), PEPPER)
    with tempfile.TemporaryDirectory() as folder:
        logs = options.logs or own_lines(Path(folder) / "logs.ndjson", options.days)
        for url in () if options.memory_only else filter(None, ("sqlite", options.postgres, options.clickhouse)):
            measure(url, logs, redactor, options.rounds)
        if not options.memory_only:
            measure_sqlite_utils(logs, redactor, options.sqlite_utils)
        measure_memory(logs, options.copies)
    if options.litellm:
        measure_adapter(options.litellm.read_bytes(), redactor)


def own_lines(path: Path, days: int) -> Path:
    """A file in the desk's own format, of the traffic of benchmarks.matching, with every field of it that the format has."""
    with path.open("w") as file:
        for record in matching.traffic(random.Random(1), OWN_LINES, days=days):
            told = {name: getattr(record, name, None) for name in DeskLine.__struct_fields__}
            told |= {
                "started_at": datetime.fromtimestamp(record.started_at / 1000, UTC).isoformat(timespec="milliseconds"),
                "key_hash": sha256((record.key_fingerprint or "").encode()).hexdigest(),
                "cost": record.cost_micros / 1_000_000 if record.cost_micros else None,
            }
            file.write(json.dumps({name: value for name, value in told.items() if value not in (None, ())}, default=str) + "\n")
    return path


def measure(url: str, logs: Path, redactor: Redactor, rounds: int) -> None:
    """Time every stage in turn, `rounds` times over, and print medians."""
    seconds: Times = {}
    own: Times = {}
    work: Times = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            one_round(lambda name: url if url != "sqlite" else f"sqlite:///{folder}/{name}.db", logs, redactor, (seconds, own, work))
    rows = sum(1 for _ in logs.open("rb"))
    print(f"\n{url.partition(':')[0]}, {rows:,} rows, median of {rounds}, load {os.getloadavg()[0]:.1f}")
    for stage in seconds:
        took, stored, worked = (statistics.median(times[stage]) for times in (seconds, own, work))
        shares = [statistics.median(times["bare"]) / statistics.median(times[stage]) for times in (seconds, own, work)]
        by_work = f"work {stored:6.2f} s ({shares[1]:.2f} of bare) storing, {worked:6.2f} s ({shares[2]:.2f}) in all"
        print(f"  {stage:11} {rows / took:>9,.0f} rows/s  {shares[0]:5.2f} of bare   {by_work}")


def one_round(url_of: Callable[[str], str], logs: Path, redactor: Redactor, taken: tuple[Times, Times, Times]) -> None:
    @contextmanager
    def timed(stage: str) -> Iterator[None]:
        before = time.perf_counter(), time.process_time(), processor_time()
        yield
        after = time.perf_counter(), time.process_time(), processor_time()
        for times, start, end in zip(taken, before, after, strict=True):
            times.setdefault(stage, []).append(end - start)

    with timed("decode"):
        blocks = decode(logs, redactor)
    records = [record for block in blocks for record in records_of(block)]
    del blocks
    with timed("encode"):
        ready = [(part[0].started_at, list(zip(repeat(1), *encoded_columns(columns_of(part)).values()))) for part in parts(records)]
    with timed("roll up"):
        for part in parts(records):
            roll_up(part)
    with opened(url_of("bare")) as store:
        if isinstance(store, SqlLogStore):
            with timed("bare"):
                insert(store, ready)
        elif isinstance(store, ClickHouseLogStore):
            insert_columns(store, records, timed)
    del records, ready
    with opened(url_of("full")) as store:
        for stage in ("import", "replay"):
            with timed(stage):
                import_file(logs, redactor, store)
    with opened(url_of("one")) as store, timed("one process"):
        import_file(logs, redactor, store, two_processes=False)


def processor_time() -> float:
    """Of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def opened(url: str) -> Iterator[LogStore]:
    """An empty store for one stage."""
    store = open_log_store(url)
    store.prepare()
    if isinstance(store, ClickHouseLogStore):
        for table in ("log_record", "rollup", "log_batch", "log_reject"):
            store.engine.run(f"TRUNCATE TABLE {table}")
    elif isinstance(store, SqlLogStore) and not is_sqlite(store.engine):
        with store.engine.begin() as connection:
            connection.exec_driver_sql(EMPTY)
    yield store
    store.close()


def parts(records: list[RedactedRecord], size: int = LINES_PER_TRANSACTION) -> Iterator[list[RedactedRecord]]:
    """As an import cuts them: by transaction, then by month."""
    for start in range(0, len(records), size):
        for _low, part in by_month(records[start : start + size]):
            yield part


def decode(logs: Path, redactor: Redactor) -> list[Columns]:
    clean, pieces = FieldCleaner(redactor, PEPPER), number_lines(opened_file(logs))
    return [ndjson.read_block(part, clean).columns for part in iter(lambda: list(islice(pieces, LINES_READ_TOGETHER)), [])]


def import_file(logs: Path, redactor: Redactor, store: LogStore, *, two_processes: bool = True) -> None:
    accept_batch(number_lines(opened_file(logs)), "ndjson", redactor, PEPPER, store, NOW, two_processes=two_processes)


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


def insert_columns(store: ClickHouseLogStore, records: list[RedactedRecord], timed: Callable[[str], Any]) -> None:
    """The client's own insert, into a table without roll-ups."""
    ready = [ready_columns(part, number) for number, part in enumerate(parts(records, WANTED))]
    with bare_table(store) as insert_bare, timed("bare"):
        for columns in ready:
            insert_bare(columns)


def measure_sqlite_utils(logs: Path, redactor: Redactor, program: str | None) -> None:
    """The same file by `sqlite-utils insert --nl`, with and without a primary key, beside an import."""
    if not program:
        print("\nsqlite-utils is not installed: no comparison")
        return
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{folder}/logs.db") as store:
        began, worked = time.perf_counter(), processor_time()
        import_file(logs, redactor, store)
        own, own_work = time.perf_counter() - began, processor_time() - worked
        for title, more in (("a table without indexes", ()), ("a primary key", ("--pk", "request_id", "--ignore"))):
            began, worked = time.perf_counter(), processor_time()
            subprocess.run(
                [program, "insert", f"{folder}/{len(more)}.db", "logs", str(logs), "--nl", *more], check=True, capture_output=True
            )
            other, other_work = time.perf_counter() - began, processor_time() - worked
            print(f"\nsqlite-utils insert --nl, {title}:")
            print(f"  {other / own:.1f} times as long as an import, {other_work / own_work:.1f} times the work")


def measure_memory(logs: Path, copies: int) -> None:
    """Import in processes of their own, several times over with new request ids, and print the peak after each."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"GATEDESK_DATA_DIR": folder, "GATEDESK_LOGS_URL": f"sqlite:///{folder}/logs.db"}
        flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
        subprocess.run([*flask, "setup"], cwd=ROOT, check=True, capture_output=True)
        long = Path(folder) / "long.ndjson"
        rows = write_over(logs, long, copies)
        peak, curve = peak_of([*flask, "logs", "import", "--format", "ndjson", str(long)])
        print(f"\nmemory of `flask logs import` of {rows:,} rows, {long.stat().st_size / 2**20:,.0f} MB: at most {peak:,.0f} MB")
        print(f"  its highest in each tenth of the time: {', '.join(f'{value:,.0f}' for value in curve)} MB")


def write_over(logs: Path, into: Path, copies: int) -> int:
    """Write the file so many times over; each line as another request."""
    rows = 0
    with into.open("wb") as file:
        for copy in range(copies):
            for line in logs.open("rb"):
                start = line.index(b'"request_id": "') + 15
                file.write(line[:start] + b"%08x" % copy + line[start + 8 :])
                rows += 1
    return rows


def peak_of(command: list[str]) -> tuple[float, list[float]]:
    """The most memory (PSS) that a command's processes had together, and the most in each tenth of the time."""
    seen: list[float] = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            seen.append(sum(map(memory_of, family(process.pid))))
            time.sleep(0.25)
    if process.returncode:
        raise SystemExit(f"the import ended with {process.returncode}")
    tenth = max(1, len(seen) // 10)
    return max(seen), [max(seen[start : start + tenth]) for start in range(0, len(seen), tenth)][:10]


def family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def memory_of(pid: int) -> float:
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024
    return 0.0


def measure_adapter(body: bytes, redactor: Redactor) -> None:
    """How fast one LiteLLM body is read, on one core, with a fresh cleaner for each body as in production."""
    began, records = time.process_time(), 0
    while time.process_time() - began < 2:
        clean = FieldCleaner(redactor, PEPPER)
        records += sum(1 for _, piece in split_body(body) if FORMATS["litellm"].parse(piece, clean))
    elapsed = time.process_time() - began
    print(f"\nLiteLLM body of {len(body):,} bytes: {records / elapsed:,.0f} records/s of work read")


if __name__ == "__main__":
    main()
