"""What ten million rows cost: tickets matched in a small and in a large log, dashboards against the raw rows, the log's list.

python -m benchmarks.scale [--small 20000] [--large 200000] [--tickets 300] [--folder DIR]

Both logs hold thirty days of the same traffic, so the large one is denser. The same kind of tickets is asked of both in
turn, each twice (the first time as a person does), and the ratio is the result; so is the share that a dashboard's time has
of the plain aggregate over the records. With --folder the logs are kept there, and used again. Times are this process's own
(user and system), then by the clock.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

from app.core.clients import ClientBook
from app.core.log_context import Ranking
from app.core.log_filter import LogFilter, Shown
from app.core.matching import MatchWeights, rank, search_hints
from app.core.model_names import ModelNames
from app.core.record import Outcome, RedactedRecord
from app.core.rollups import Dimension
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules
from benchmarks.traffic import DAYS, START, Ticket, a_ticket, traffic

AT_ONCE = 50_000
KEPT_FAILURES = 5_000
END = START + timedelta(days=DAYS)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_SUMS = "count(*), sum(outcome = 'ok'), sum(outcome = 'error'), sum(prompt_tokens), sum(cost_micros), avg(latency_ms)"
RAW = {  # what a dashboard would ask of the records themselves
    "traffic by day": f"SELECT started_at / 86400000, {_SUMS} FROM log_record GROUP BY 1",
    "failures by status": "SELECT status_code, error_code, count(*) FROM log_record WHERE outcome <> 'ok' GROUP BY 1, 2",
    "table by model": f"SELECT model_requested, {_SUMS} FROM log_record GROUP BY 1",
    "table by client": f"SELECT client, {_SUMS} FROM log_record GROUP BY 1",
    "table by group": f'SELECT "group", {_SUMS} FROM log_record GROUP BY 1',
    "table by owner": f"SELECT owner, {_SUMS} FROM log_record GROUP BY 1",
    "cost by day and model": "SELECT started_at / 86400000, model_requested, sum(cost_micros) FROM log_record GROUP BY 1, 2",
}
FILTERS = {
    "problems": LogFilter(),
    "everything": LogFilter(shown=Shown.ALL),
    "successes": LogFilter(shown=Shown.OK),
    "broken streams": LogFilter(shown=Shown.PARTIAL),
    "a status": LogFilter(status_code=429),
    "a status of successes": LogFilter(shown=Shown.ALL, status_code=429),
    "a model": LogFilter(model="qwen-max"),
    "a model nobody asked for": LogFilter(shown=Shown.ALL, model="none"),
    "a client": LogFilter(client="cursor"),
    "a key's ending": LogFilter(key="0000"),
    "an owner": LogFilter(owner="team-3"),
    "a group": LogFilter(group="vip"),
    "an environment": LogFilter(environment="test"),
    "a provider": LogFilter(provider="zhipu"),
    "a kind of request": LogFilter(request_type="video"),
    "an error's code": LogFilter(error_code="internal_error"),
    "an hour": LogFilter(since=int((END - 5 * DAY).timestamp() * 1000), until=int((END - 5 * DAY + HOUR).timestamp() * 1000)),
}


@dataclass
class Log:
    """A filled log and tickets about it."""

    store: SqlLogStore
    size: int
    tickets: list[Ticket]
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # ms by what was measured
    answers: list[tuple[Ticket, Ranking]] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("small", 20_000), ("large", 200_000), ("tickets", 300), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path, help="where the logs are kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = options.folder or Path(spare)
        logs = [a_log(folder, size, options.tickets, options.seed) for size in (options.small, options.large)]
        match(*logs)
        dashboards(logs[1].store)
        lists(logs[1].store)
        for log in logs:
            log.store.close()


def a_log(folder: Path, size: int, tickets: int, seed: int) -> Log:
    """The log of that size, filled unless it is there, and tickets about failures all over it."""
    chance = random.Random(seed)
    store = SqlLogStore(f"sqlite:///{folder}/{size}/logs.db")
    if not store.count():
        records = traffic(chance, size)
        while page := list(islice(records, AT_ONCE)):
            store.append("ndjson", page, (), START)
    return Log(store, size, [a_ticket(chance, record) for record in some_failures(store, chance, tickets)])


def some_failures(store: SqlLogStore, chance: random.Random, count: int) -> list[RedactedRecord]:
    """Each from a page of problems before a moment that is drawn by how many problems each hour has."""
    hours = [(point.start, point.figures.error) for point in store.series(Dimension.ALL, None, START, END, HOUR)]
    starts = chance.choices([start for start, _ in hours], [problems for _, problems in hours], k=count)
    found = []
    for start in starts:
        low = int(start.timestamp() * 1000)
        page = (
            store.find(LogFilter(since=low, until=low + chance.randrange(60_000, 3_600_000)), 50).records
            or store.find(LogFilter(), 1).records
        )
        found.append(chance.choice(page))
    return [record for record in found if record.outcome is not Outcome.OK]


def match(small: Log, large: Log) -> None:
    """Every ticket of both logs in turn."""
    rules = {name: read_rules(RULES_DIR, name) for name in ("matching", "clients", "models")}
    books = MatchWeights(rules["matching"]), ClientBook(rules["clients"]), ModelNames(rules["models"])
    for number in range(min(len(small.tickets), len(large.tickets))):
        for log in (small, large):
            answer(log, log.tickets[number], books)
    for log in (small, large):
        print(f"{log.size:,} rows")
        for name, took in log.took.items():
            print(f"  {name}: p50 {middle(took):.1f} ms, p95 {high(took):.1f} ms")
        print_exactness(log.answers)
    for name, took in small.took.items():
        many = large.took[name]
        times = middle(many) / middle(took), high(many) / high(took)
        print(f"{large.size:,} to {small.size:,} rows, {name}: p50 {times[0]:.1f} times, p95 {times[1]:.1f} times")


def answer(log: Log, ticket: Ticket, books: tuple[MatchWeights, ClientBook, ModelNames]) -> None:
    """Twice: as a person asks it, and again when statements are compiled and pages are in memory."""
    hints = search_hints(ticket.evidence, *books[1:])
    for name in ("", ", asked again"):
        began, clock = time.process_time(), time.perf_counter()
        found = log.store.candidates(ticket.evidence, 1, hints)
        asked = time.process_time()
        ranking = rank(ticket.evidence, found.records, *books, capped=found.capped, background=found.background)
        ended = time.process_time()
        log.took[f"query{name}"].append((asked - began) * 1000)
        log.took[f"query and ranking{name}"].append((ended - began) * 1000)
        log.took[f"by the clock{name}"].append((time.perf_counter() - clock) * 1000)
    log.answers.append((ticket, ranking))


def print_exactness(answers: Sequence[tuple[Ticket, Ranking]]) -> None:
    """How often the line is the first, among the first five, when the search was cut; and how often sureness misled."""
    known = [(ticket.action_id, ranking) for ticket, ranking in answers if ticket.action_id]
    cut = [(action, ranking) for action, ranking in known if ranking.capped]
    sure = [(ticket, ranking.matches[0]) for ticket, ranking in answers if ranking.matches and ranking.matches[0].probability >= 0.9]
    wrong = sum(match.record.action_id != ticket.action_id for ticket, match in sure)
    print(f"  first {share_first(known, 1):.3f}, first five {share_first(known, 5):.3f}; cut off {len(cut)}, of those first five "
          f"{share_first(cut, 5):.3f}; sure {len(sure)}, wrong when sure {wrong}")  # fmt: skip


def share_first(known: Sequence[tuple[str | None, Ranking]], count: int) -> float:
    found = (action in [match.record.action_id for match in ranking.matches[:count]] for action, ranking in known)
    return sum(found) / max(len(known), 1)


def dashboards(store: SqlLogStore) -> None:
    """What each report reads of thirty days, and the same asked of the records."""
    for name, rolled in reports(store).items():
        quick, slow = best(rolled), best(lambda name=name: raw(store, RAW[name]), 1)
        print(f"{name}: roll-ups {quick:.1f} ms, records {slow:,.0f} ms: 1/{slow / quick:,.0f}")


def reports(store: SqlLogStore) -> dict[str, Callable[[], object]]:
    tables = {f"table by {each.value}": each for each in (Dimension.MODEL, Dimension.CLIENT, Dimension.GROUP, Dimension.OWNER)}
    return {
        "traffic by day": lambda: store.series(Dimension.ALL, None, START, END, DAY),
        "failures by status": lambda: store.totals(Dimension.FAILURE, START, END, 1000),
        **{name: lambda each=each: store.totals(each, START, END) for name, each in tables.items()},
        "cost by day and model": lambda: store.series(Dimension.MODEL, None, START, END, DAY),
    }


def lists(store: SqlLogStore) -> None:
    """The first page of the log's list with each filter."""
    took = {name: best(lambda chosen=chosen: store.find(chosen, 50)) for name, chosen in FILTERS.items()}
    for name, each in took.items():
        print(f"log list, {name}: {each:.1f} ms")
    print(f"log list, the slowest filter: {max(took.values()):.1f} ms")


def raw(store: SqlLogStore, query: str) -> int:
    with store.places.reading() as log:
        return sum(len(connection.exec_driver_sql(query).all()) for connection in log.everywhere())


def best(ask: Callable[[], object], rounds: int = 5) -> float:
    """The least time of some, ms."""
    return min(_times(ask, rounds))


def _times(ask: Callable[[], object], rounds: int) -> Iterator[float]:
    for _ in range(rounds):
        began = time.process_time()
        ask()
        yield (time.process_time() - began) * 1000


def middle(took: Sequence[float]) -> float:
    return statistics.median(took)


def high(took: Sequence[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


if __name__ == "__main__":
    main()
