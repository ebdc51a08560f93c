"""The log on ClickHouse, embedded: appending against the client's bare column insert, and queries at two sizes, in one run.

python -m benchmarks.clickhouse [--small 200000] [--large 1000000] [--batch 50000] [--queries 60]

Traffic is that of benchmarks.matching, with owners, durations and tokens. `bare insert` is the client's own insert of ready
columns into a table with the same columns, indexes and durability, without roll-ups, batches and identity. `append` starts
from records; `append ready` from what the second process of a file import makes of them. Rounds of all take turns. Ratios
are the result; work is the processor time of this process, the embedded engine's included.
"""

from __future__ import annotations

import argparse
import pickle
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec

from app.core.clients import ClientBook
from app.core.matching import search_hints
from app.core.model_names import ModelNames
from app.core.record import Outcome, RedactedRecord
from app.core.record_columns import columns_of
from app.core.rollups import Dimension
from app.store.logs import joined
from app.store.logs_clickhouse import ClickHouseLogStore
from app.store.logs_clickhouse_rows import COLUMNS, encoded_columns
from app.store.rulebook import RULES_DIR, read_rules
from benchmarks import matching

NOW = datetime(2026, 11, 20, tzinfo=UTC)
MADE_READY = 10_000  # records at a time, as an import does it
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("small", 200_000), ("large", 1_000_000), ("batch", 50_000), ("queries", 60)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = ClickHouseLogStore(f"chdb://{folder}/logs")
        records = rich_traffic(options.large)
        append_beside_bare(store, records, options.small, options.batch)
        few = measure_queries(store, options.queries, f"{store.count():,} rows")
        for part in parts(records, options.batch):
            store.append("ndjson", part, (), NOW)
        many = measure_queries(store, options.queries, f"{store.count():,} rows")
        for name, middle in many.items():
            print(f"{name}: {middle / few[name]:.1f} times as long")
        print_sizes(store)
        store.close()


def rich_traffic(size: int) -> Iterator[RedactedRecord]:
    """Traffic with what a gateway knows of each key, and what a request took."""
    chance = random.Random(2)
    for record in matching.traffic(random.Random(1), size):
        key = int((record.key_fingerprint or "0")[:6], 16)
        took = {"latency_ms": int(chance.lognormvariate(7, 1)), "ttft_ms": int(chance.lognormvariate(6, 1)) if record.stream else None}
        spent = {"prompt_tokens": chance.randrange(4000), "completion_tokens": chance.randrange(900), "cost_micros": chance.randrange(9000)}
        known = {
            "group": f"g{key % 8}",
            "owner": f"o{key % 60}",
            "environment": f"e{key % 3}",
            "provider": f"p{len(record.model_requested or '') % 5}",
        }
        yield msgspec.structs.replace(record, **took, **spent, **known)


def parts(records: Iterator[RedactedRecord], size: int) -> Iterator[list[RedactedRecord]]:
    while part := list(islice(records, size)):
        yield part


def append_beside_bare(store: ClickHouseLogStore, records: Iterator[RedactedRecord], count: int, size: int) -> None:
    """Append `count` records, each batch beside a bare insert of the same, and again as a replay; print medians."""
    store.prepare()
    with bare_table(store) as insert_bare:
        turns(store, insert_bare, records, count, size)


@contextmanager
def bare_table(store: ClickHouseLogStore) -> Iterator[Callable[[list[list[Any]]], None]]:
    """The client's own insert of ready columns into a table like the log's."""
    made = store.engine.value("SELECT create_table_query FROM system.tables WHERE name = 'log_record' AND database = currentDatabase()")
    store.engine.run(made.replace(".log_record", ".bare", 1))
    yield lambda columns: store.engine.insert("bare", COLUMNS, columns)
    store.engine.run("DROP TABLE bare")


def turns(
    store: ClickHouseLogStore, insert_bare: Callable[[list[list[Any]]], None], records: Iterator[RedactedRecord], count: int, size: int
) -> None:
    seconds: dict[str, list[float]] = {}
    work: dict[str, list[float]] = {}
    for number, part in enumerate(parts(islice(records, count), size)):
        ready = ready_columns(part, number)
        block = joined([pickle.loads(pickle.dumps(store.ready(columns_of(piece)))) for piece in parts(iter(part), MADE_READY)])
        stored = "append ready" if number % 2 else "append"
        timed(seconds, "bare insert", lambda ready=ready: insert_bare(ready), work)
        if number % 2:
            timed(seconds, stored, lambda block=block: store.append_ready("ndjson", block, (), NOW), work)
        else:
            timed(seconds, stored, lambda part=part: store.append("ndjson", part, (), NOW), work)
        timed(seconds, "replay", lambda part=part: store.append("ndjson", part, (), NOW), work)
    bare, bare_work = (statistics.median(times["bare insert"]) for times in (seconds, work))
    for stage in seconds:
        took, worked = (statistics.median(times[stage]) for times in (seconds, work))
        shares = f"{bare / took:5.2f} of bare insert, by work {bare_work / worked:5.2f}"
        print(f"  {stage:12} {size / took:>9,.0f} rows/s  {shares}")


def ready_columns(part: list[RedactedRecord], number: int) -> list[list[Any]]:
    own = {"batch_id": [number] * len(part), "version": [number] * len(part), "sign": [1] * len(part)}
    columns = encoded_columns(columns_of(part)) | own
    return [columns[name] for name in COLUMNS]


def timed(seconds: dict[str, list[float]], stage: str, act: Callable[[], object], work: dict[str, list[float]] | None = None) -> None:
    began, worked = time.perf_counter(), time.process_time()
    act()
    seconds.setdefault(stage, []).append(time.perf_counter() - began)
    if work is not None:
        work.setdefault(stage, []).append(time.process_time() - worked)


def measure_queries(store: ClickHouseLogStore, count: int, title: str) -> dict[str, float]:
    """Print p50 and p95 of match queries, request look-ups and dashboard series; the medians."""
    chance = random.Random(3)
    failed = [record for record in store.recent(4000) if record.outcome is not Outcome.OK]
    asked = [matching.a_ticket(chance, chance.choice(failed)).evidence for _ in range(count)]
    clients, models = ClientBook(read_rules(RULES_DIR, "clients")), ModelNames(read_rules(RULES_DIR, "models"))
    end = (matching.START + 15 * DAY).replace(minute=0)
    seconds: dict[str, list[float]] = {}
    for evidence, record in zip(asked, chance.choices(failed, k=count), strict=True):
        hints = search_hints(evidence, clients, models)
        timed(seconds, "match", lambda evidence=evidence, hints=hints: store.candidates(evidence, 1, hints))
        timed(seconds, "request", lambda record=record: store.request(record.request_id))
        timed(seconds, "series by hour", lambda: store.series(Dimension.ALL, None, end - 15 * DAY, end, HOUR))
        timed(seconds, "series by day and model", lambda: store.series(Dimension.MODEL, None, end - 15 * DAY, end, DAY))
        timed(seconds, "totals by owner", lambda: store.totals(Dimension.OWNER, end - 15 * DAY, end))
    timed(seconds, "raw count by day and model", lambda: raw(store))
    print(title)
    for name, times in seconds.items():
        p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        print(f"  {name:28} p50 {statistics.median(times) * 1000:7.1f} ms, p95 {p95 * 1000:7.1f} ms")
    return {name: statistics.median(times) for name, times in seconds.items()}


def raw(store: ClickHouseLogStore) -> object:
    """What the series by day and model would cost without roll-ups."""
    figures = "sum(sign), sumIf(sign, problem), sum(sign * ifNull(cost_micros, 0)), quantiles(0.5, 0.95)(latency_ms)"
    return store.engine.rows(
        f"SELECT intDiv(started_at, 86400000) AS day, model_requested, {figures} FROM log_record GROUP BY day, model_requested"
    )


def print_sizes(store: ClickHouseLogStore) -> None:
    sizes = "SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table"
    for table, rows, size in store.engine.rows(sizes):
        print(f"  {table}: {rows:,} rows, {size / max(rows, 1):.0f} bytes each")


if __name__ == "__main__":
    main()
