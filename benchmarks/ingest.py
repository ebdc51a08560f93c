"""How fast log lines become stored rows: against a bare executemany of ready tuples into the same table, in one run.

python benchmarks/ingest.py LOGS.ndjson [--postgres postgresql+psycopg://…] [--rounds 3]

The stages are decode (bytes to record, redaction included), encode (record to tuple) and insert; `import`
is all of them from the file, and `replay` the same file again. Ratios are the result: machines differ.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.core.adapters import FORMATS
from app.core.body import number_lines, split_body
from app.core.fields import FieldCleaner
from app.core.record import RedactedRecord
from app.core.redaction import Redactor
from app.operations.ingest import LINES_PER_TRANSACTION, accept_batch
from app.store.logs_append import _insert_records
from app.store.logs_engine import open_engine, prepare, write
from app.store.logs_rows import record_to_row
from app.store.logs_schema import metadata
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules

PEPPER = b"benchmark"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--postgres")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--litellm", type=Path, help="a file with one LiteLLM POST body")
    options = parser.parse_args()
    redactor = Redactor(read_rules(RULES_DIR, "redaction"), PEPPER)
    for url in filter(None, ("sqlite", options.postgres)):
        measure(url, options.logs, redactor, options.rounds)
    if options.litellm:
        measure_adapter(options.litellm.read_bytes(), redactor)


def measure(url: str, logs: Path, redactor: Redactor, rounds: int) -> None:
    """Time every stage in turn, `rounds` times over, and print medians."""
    seconds: dict[str, list[float]] = {}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            one_round(lambda name: url if url != "sqlite" else f"sqlite:///{folder}/{name}.db", logs, redactor, seconds)
    rows = sum(1 for _ in logs.open("rb"))
    bare = statistics.median(seconds["bare insert"])
    print(f"\n{url.partition(':')[0]}, {rows} rows, median of {rounds}")
    for stage, times in seconds.items():
        median = statistics.median(times)
        print(f"  {stage:12} {rows / median:>9,.0f} rows/s  {bare / median:5.2f} of bare insert")


def one_round(url_of: Callable[[str], str], logs: Path, redactor: Redactor, seconds: dict[str, list[float]]) -> None:
    def timed(stage: str, work: Callable[[], object]) -> object:
        began = time.perf_counter()
        result = work()
        seconds.setdefault(stage, []).append(time.perf_counter() - began)
        return result

    records: list[RedactedRecord] = timed("decode", lambda: decode(logs, redactor))  # type: ignore[assignment]
    rows: list[tuple[object, ...]] = timed("encode", lambda: [record_to_row(record, 1) for record in records])  # type: ignore[assignment]
    empty(url_of("bare"))
    timed("bare insert", lambda: insert(url_of("bare"), rows))
    empty(url_of("full"))
    store = SqlLogStore(url_of("full"))
    for stage in ("import", "replay"):
        timed(stage, lambda: accept_batch(number_lines(logs.open("rb")), "ndjson", redactor, PEPPER, store, NOW))
    store.close()


def decode(logs: Path, redactor: Redactor) -> list[RedactedRecord]:
    clean = FieldCleaner(redactor, PEPPER)
    return [FORMATS["ndjson"](line, clean) for _, line in number_lines(logs.open("rb"))]


def empty(url: str) -> None:
    engine = open_engine(url)
    metadata.drop_all(engine)
    prepare(engine)
    engine.dispose()


def insert(url: str, rows: list[tuple[object, ...]]) -> None:
    """Insert at the limit: ready tuples into the same table with the same indexes and the same durability."""
    engine = open_engine(url)
    for start in range(0, len(rows), LINES_PER_TRANSACTION):
        with write(engine) as connection:
            _insert_records(connection, rows[start : start + LINES_PER_TRANSACTION])
    engine.dispose()


def measure_adapter(body: bytes, redactor: Redactor) -> None:
    """How fast one LiteLLM body is read, on one core, with a fresh cleaner for each body as in production."""
    began, records = time.perf_counter(), 0
    while time.perf_counter() - began < 2:
        clean = FieldCleaner(redactor, PEPPER)
        records += sum(1 for _, piece in split_body(body) if FORMATS["litellm"](piece, clean))
    elapsed = time.perf_counter() - began
    print(f"\nLiteLLM body of {len(body):,} bytes: {records / elapsed:,.0f} records/s read, pid {os.getpid()}")


if __name__ == "__main__":
    main()
