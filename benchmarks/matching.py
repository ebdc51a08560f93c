"""How exactly and how fast tickets find their log records: own traffic, two sizes, in one run.

python -m benchmarks.matching [--small 50000] [--large 500000] [--tickets 400] [--postgres postgresql+psycopg://…]

Traffic is skewed, errors come in bursts, key endings collide; tickets are rounded, shifted, incomplete, and one in ten is
about a request that never reached the log. For scale, the same tickets by a plain rule: the most fields equal, then the
nearest in time. The ratio of the two sizes is the result.
"""

from __future__ import annotations

import argparse
import random
import statistics
import string
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.log_context import Match, Ranking
from app.core.matching import MatchWeights, rank, search_hints
from app.core.model_names import ModelNames
from app.core.record import Outcome, RedactedRecord, record_identity
from app.core.redacted_text import seal
from app.store.logs_sql import SqlLogStore
from app.store.rulebook import RULES_DIR, read_rules

START = datetime(2026, 11, 1, tzinfo=UTC)
DAYS = 14
MODELS = {
    "gpt-4o": (30, "GPT4o"),
    "gpt-4o-mini": (20, "4o mini"),
    "claude-sonnet-4-5-20250929": (18, "Claude 4.5 Sonnet"),
    "deepseek-chat": (12, "deepseek"),
    "qwen-max": (3, "通义千问 max"),
}
AGENTS = {
    "CherryStudio/1.6.2": ("Cherry Studio", 14),
    "claude-cli/2.0.31": ("Claude Code", 14),
    "OpenAI/Python 1.109.1": ("Python SDK", 26),
    "OpenAI/JS 5.20.0": ("Node SDK", 12),
    "curl/8.5.0": ("curl", 3),
}
FAILURES = [
    (429, "Rate limit reached for {model} in organization on requests per min (RPM): Limit 500", 16),
    (429, "当前分组上游负载已饱和，请稍后再试 (request id: {rid})", 12),
    (403, "预扣费额度失败, 用户剩余额度: {amount}, 需要预扣费额度: 7.5000 (request id: {rid})", 8),
    (401, "Incorrect API key provided: sk-…{tail}.", 6),
    (503, "The engine is currently overloaded, please try again later", 6),
    (504, "upstream request timeout", 5),
    (402, "Insufficient Balance", 5),
]
WRAPPERS = ["{}", "Error: {}", "openai.APIError: {}", "请求失败: {}", "[app] {}"]


@dataclass(frozen=True)
class Ticket:
    """A report and the action it is about."""

    evidence: Evidence
    action_id: str | None  # None: no log line


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
        records = list(traffic(chance, size))
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
        (evidence.model, MODELS[record.model_requested or ""][1]),
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


def traffic(chance: random.Random, size: int) -> Iterator[RedactedRecord]:
    """Requests in order of time; 6 % fail, in bursts more."""
    keys = [(f"{chance.getrandbits(128):032x}", "".join(chance.choices(string.ascii_letters + string.digits, k=4))) for _ in range(400)]
    keys = [(mark, keys[number // 5 * 4 % 400][1] if number % 5 == 0 else tail) for number, (mark, tail) in enumerate(keys)]
    popular = [1 / (number + 3) for number in range(400)]
    step = DAYS * 86_400_000 / size
    bursts = {chance.randrange(size) * step // 3_600_000: chance.choice(list(MODELS)) for _ in range(DAYS * 2)}
    for number in range(size):
        at = number * step
        model = chance.choices(list(MODELS), [weight for weight, _ in MODELS.values()])[0]
        fails = chance.random() < (0.5 if bursts.get(at // 3_600_000) == model else 0.05)
        yield a_request(chance, number, int(START.timestamp() * 1000 + at), model, chance.choices(keys, popular)[0], fails)


def a_request(chance: random.Random, number: int, at: int, model: str, key: tuple[str, str], fails: bool) -> RedactedRecord:
    rid = f"{chance.getrandbits(128):032x}"
    status, text, _ = chance.choices(FAILURES, [weight for *_, weight in FAILURES])[0] if fails else (200, None, 0)
    filled = seal(text.format(model=model, rid=rid, tail=key[1], amount=f"{chance.uniform(0, 3):.4f}")) if text else None
    return RedactedRecord(
        record_id=record_identity("ndjson", rid),
        request_id=rid,
        action_id=f"a{number}",
        source="ndjson",
        started_at=at,
        model_requested=model,
        client=chance.choices(list(AGENTS), [weight for _, weight in AGENTS.values()])[0],
        status_code=status,
        error_message=filled,
        outcome=Outcome.ERROR if fails else Outcome.OK,
        key_fingerprint=key[0],
        key_last4=key[1],
        stream=chance.random() < 0.6,
    )


def a_ticket(chance: random.Random, record: RedactedRecord) -> Ticket:
    """What a user would say of the request; one in ten was never logged."""
    if absent := chance.random() < 0.1:
        record = never_logged(chance, record)
    at = datetime.fromtimestamp(record.started_at / 1000, UTC)
    minute, ten, vague = at.replace(second=0), at.replace(minute=at.minute // 10 * 10, second=0), timedelta(minutes=chance.gauss(0, 30))
    said, tolerance = chance.choice([(minute, 5), (ten, 20), (at + vague, 60)])
    if chance.random() < 0.04:
        said += timedelta(hours=chance.choice([-8, 8]))
    known = chance.random()
    key = KeyRef("sk-", record.key_last4 if known < 0.6 else None, record.key_fingerprint if 0.5 < known < 0.7 else None)
    text = (record.error_message or "").replace(record.request_id, "")
    cut = text if chance.random() < 0.7 else text[: max(18, len(text) // 2)]
    evidence = Evidence(
        client=AGENTS[record.client or ""][0] if chance.random() < 0.85 else None,
        model=MODELS[record.model_requested or ""][1] if chance.random() < 0.9 else None,
        status_code=record.status_code if chance.random() < 0.9 else None,
        error_text=seal(chance.choice(WRAPPERS).format(cut)),
        key=key,
        request_id=record.request_id if chance.random() < 0.1 else None,
        request_time=said,
        tolerance_minutes=tolerance,
        stream=record.stream if chance.random() < 0.5 else None,
    )
    return Ticket(evidence, None if absent else record.action_id)


def never_logged(chance: random.Random, like: RedactedRecord) -> RedactedRecord:
    """A request of the same time and model that another gateway took: its key, its ids and its figures stand in no line."""
    key = (f"{chance.getrandbits(128):032x}", "".join(chance.choices(string.ascii_letters + string.digits, k=4)))
    at = like.started_at + int(chance.uniform(-48, 48) * 3_600_000)
    return a_request(chance, -1, at, chance.choices(list(MODELS), [weight for weight, _ in MODELS.values()])[0], key, fails=True)


if __name__ == "__main__":
    main()
