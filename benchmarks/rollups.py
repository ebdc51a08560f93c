"""How fast dashboards are: roll-ups against the same question asked of the records, in one run on one SQLite store.

python benchmarks/rollups.py LOGS.ndjson [--rounds 5]

The file is imported first (not timed). Then each question is asked both ways; the ratio is the result. At the end the
roll-ups are proved to say what the records say, and their percentiles are compared with the exact ones.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.core.body import number_lines
from app.core.redaction import Redactor
from app.core.rollups import Dimension
from app.operations.ingest import accept_batch
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules

NOW = datetime(2026, 11, 24, tzinfo=UTC)
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RAW = {
    "success and interruption by day": "SELECT started_at / 86400000, outcome, count(*) FROM log_record GROUP BY 1, 2",
    "errors by status and hour": "SELECT started_at / 3600000, status_code, count(*) FROM log_record WHERE outcome <> 'ok' GROUP BY 1, 2",
    "cost by day and model": "SELECT started_at / 86400000, model_requested, sum(cost_micros) FROM log_record GROUP BY 1, 2",
    "cost by group": 'SELECT "group", sum(cost_micros) FROM log_record GROUP BY 1',
    "p95 by model": "SELECT model_requested, latency_ms FROM log_record WHERE outcome = 'ok' ORDER BY 1, 2",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    redactor = Redactor(read_rules(RULES_DIR, "redaction"), b"benchmark")
    with tempfile.TemporaryDirectory() as folder:
        store = SqlLogStore(f"sqlite:///{folder}/logs.db")
        accept_batch(number_lines(options.logs.open("rb")), "ndjson", redactor, b"benchmark", store, NOW, two_processes=True)
        print(f"{store.count():,} records")
        for name, rolled in questions(store).items():
            compare(name, lambda name=name: raw(store, RAW[name]), rolled, options.rounds)
        print_percentiles(store)
        print("cells that differ from the records:", len(store.check_rollups()))
        store.close()


def questions(store: SqlLogStore) -> dict[str, Callable[[], object]]:
    return {
        "success and interruption by day": lambda: store.series(Dimension.ALL, None, START, END, DAY),
        "errors by status and hour": lambda: store.series(Dimension.FAILURE, None, START, END, HOUR),
        "cost by day and model": lambda: store.series(Dimension.MODEL, None, START, END, DAY),
        "cost by group": lambda: store.totals(Dimension.GROUP, START, END),
        "p95 by model": lambda: [total.figures.latency.quantile(0.95) for total in store.totals(Dimension.MODEL, START, END, 1000)],
    }


def raw(store: SqlLogStore, question: str) -> list[object]:
    with store.places.reading() as log:
        return [row for connection in log.everywhere() for row in connection.exec_driver_sql(question)]


def compare(name: str, plain: Callable[[], object], rolled: Callable[[], object], rounds: int) -> None:
    slow, fast = (median(work, rounds) for work in (plain, rolled))
    print(f"  {name:34} raw {slow * 1000:9.1f} ms   roll-ups {fast * 1000:7.2f} ms   1/{slow / fast:,.0f}")


def median(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def print_percentiles(store: SqlLogStore) -> None:
    """The worst error of p50 and p95 over models with a hundred requests and more."""
    exact: dict[str, list[int]] = {}
    for model, latency in raw(store, RAW["p95 by model"]):  # type: ignore[misc]
        if latency is not None:
            exact.setdefault(model or "", []).append(latency)
    told = {total.value: total.figures.latency for total in store.totals(Dimension.MODEL, START, END, 1000)}
    for share in (0.5, 0.95):
        errors = [
            abs((told[model].quantile(share) or 0) / sorted(times)[int(share * len(times))] - 1)
            for model, times in exact.items()
            if len(times) >= 100
        ]
        middle = statistics.median(errors)
        print(f"  p{share * 100:.0f} by model: worst error {max(errors):.1%}, median {middle:.1%} over {len(errors)} models")


if __name__ == "__main__":
    main()
