"""How exactly and how fast tickets find their log records: own traffic, two sizes, in one run.

python -m benchmarks.matching [--small 50000] [--large 500000] [--tickets 400] [--postgres postgresql+psycopg://…]

Traffic and tickets are those of benchmarks/traffic.py. For scale, the same tickets by a plain rule: the most fields equal,
then the nearest in time. The ratio of the two sizes is the result.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.log_context import Match, Ranking
from app.core.matching import MatchWeights, rank, search_hints
from app.core.model_names import ModelNames
from app.core.record import Outcome, RedactedRecord
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules
from benchmarks.traffic import AGENTS, MODELS, START, Ticket, a_ticket, traffic

DAYS = 14


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("small", 50_000), ("large", 500_000), ("tickets", 400), ("seed", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--postgres", help="an empty database to measure on beside SQLite")
    options = parser.parse_args()
    middles = [measure(size, options.tickets, options.seed, None) for size in (options.small, options.large)]
    print(f"query time, {options.large:,} rows to {options.small:,}: {middles[1] / middles[0]:.1f} times")
    if options.postgres:
        measure(options.large, options.tickets, options.seed, options.postgres)


def measure(size: int, tickets: int, seed: int, url: str | None) -> float:
    """Fill a store, match the tickets, print figures; the median query time in ms."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        store = SqlLogStore(url or f"sqlite:///{folder}/logs.db")
        records = list(traffic(chance, size, days=DAYS))
        for start in range(0, size, 20_000):
            store.append("ndjson", records[start : start + 20_000], (), START)
        failed = [record for record in records if record.outcome is not Outcome.OK]
        asked = [a_ticket(chance, chance.choice(failed)) for _ in range(tickets)]
        middle = report(store, asked, f"{'SQLite' if url is None else 'PostgreSQL'}, {size:,} rows, {len(failed):,} failed")
        store.close()
        return middle


def report(store: SqlLogStore, asked: list[Ticket], title: str) -> float:
    rules = {name: read_rules(RULES_DIR, name) for name in ("matching", "clients", "models")}
    weights, clients, models = MatchWeights(rules["matching"]), ClientBook(rules["clients"]), ModelNames(rules["models"])
    query, ranking, answers, plain = [], [], [], []
    for ticket in asked:
        began = time.perf_counter()
        found = store.candidates(ticket.evidence, 1, search_hints(ticket.evidence, clients, models))
        queried = time.perf_counter()
        answers.append((ticket, rank(ticket.evidence, found.records, weights, clients, models, background=found.background)))
        ranking.append((time.perf_counter() - queried) * 1000)
        query.append((queried - began) * 1000)
        plain.append((ticket, by_plain_rule(ticket.evidence, found.records)))
    print(title)
    print(f"  query p50 {statistics.median(query):.1f} ms, p95 {statistics.quantiles(query, n=20)[-1]:.1f} ms; "
          f"ranking p50 {statistics.median(ranking):.1f} ms, p95 {statistics.quantiles(ranking, n=20)[-1]:.1f} ms")  # fmt: skip
    print_exactness("matcher", answers)
    print_exactness("plain rule", plain)
    print_calibration(answers)
    return statistics.median(query)


def by_plain_rule(evidence: Evidence, records: Sequence[RedactedRecord]) -> Ranking:
    """What one would write in ten minutes; sure when four fields agree."""
    said = evidence.request_time or START

    def order(record: RedactedRecord) -> tuple[int, float]:
        return -equal_fields(evidence, record), abs(record.started_at / 1000 - said.timestamp())

    best = sorted(records, key=order)[:5]
    return Ranking(tuple(Match(record, min(equal_fields(evidence, record) / 4, 1.0), 0.0, ()) for record in best), 0.0)


def equal_fields(evidence: Evidence, record: RedactedRecord) -> int:
    pairs = (
        (evidence.request_id, record.request_id),
        (evidence.key.fingerprint, record.key_fingerprint),
        (evidence.key.last4, record.key_last4),
        (evidence.status_code, record.status_code),
        (evidence.model, MODELS[record.model_requested or ""][2]),
        (evidence.client, AGENTS[record.client or ""][0]),
    )
    return sum(said is not None and said == logged for said, logged in pairs)


def print_calibration(answers: list[tuple[Ticket, Ranking]]) -> None:
    """Of the best matches said with about this probability: how many, the mean said, the share right."""
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for ticket, ranking in answers:
        for match in ranking.matches[:1]:
            bins[min(int(match.probability * 5), 4)].append((match.probability, match.record.action_id == ticket.action_id))
    print("  said to be   tickets  mean said  right")
    for place, entries in sorted(bins.items()):
        chances, right = zip(*entries, strict=True)
        print(
            f"  {place / 5:.1f} to {(place + 1) / 5:.1f} {len(entries):>8} {statistics.mean(chances):>10.2f} {statistics.mean(right):>6.2f}"
        )


def print_exactness(title: str, answers: list[tuple[Ticket, Ranking]]) -> None:
    known = [(t.action_id, [m.record.action_id for m in r.matches]) for t, r in answers if t.action_id]
    absent = [r for t, r in answers if t.action_id is None]
    sure = [(t, r.matches[0]) for t, r in answers if r.matches and r.matches[0].probability >= 0.9]
    wrong = sum(match.record.action_id != ticket.action_id for ticket, match in sure)
    first = sum(action in ids[:1] for action, ids in known) / len(known)
    five = sum(action in ids[:5] for action, ids in known) / len(known)
    false = sum(bool(ranking.matches) and ranking.matches[0].probability >= 0.5 for ranking in absent) / max(len(absent), 1)
    print(f"  {title:<10} first {first:.3f}, first five {five:.3f}, false match {false:.3f}", end=", ")
    print(f"sure {len(sure) / len(answers):.2f}, wrong when sure {wrong / max(len(sure), 1):.3f}")


if __name__ == "__main__":
    main()
