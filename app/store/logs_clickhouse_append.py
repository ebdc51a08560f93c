"""Write a batch: records that are not there yet and rejects, in one turn. The roll-ups follow by themselves."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from app.core.record import BatchOutcome, Reject
from app.store.logs import Ready
from app.store.logs_append import LONGEST_REASON
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_ready import Block
from app.store.logs_clickhouse_repair import repair
from app.store.logs_clickhouse_rows import COLUMNS
from app.store.logs_clickhouse_turns import APPEND, turn
from app.store.logs_ready import Told

READ_INSTEAD = 4  # when the span holds no more than so many times the batch, reading its ids is cheaper than sending ours


def append(
    engine: ClickHouse,
    source: str,
    ready: Ready,
    rejects: Sequence[Reject],
    received_at: datetime,
    instance: str = "",
    patience: float | None = None,
) -> BatchOutcome:
    """Store what is new. Returns when it is on the disk. Raises LogStoreBusy."""
    if not ready.records and not rejects:
        return BatchOutcome(0, 0, ())
    began = time.perf_counter()
    blocks: Sequence[Block] = ready.encoded
    received = int(received_at.timestamp() * 1000)
    facts = {"source": source, "instance": instance, "received_at": received, "rejected": len(rejects), **_span(_told(blocks))}
    with turn(engine, APPEND, repair(engine), facts, patience) as held:
        fresh = _fresh(engine, blocks)
        _insert(engine, held.number, fresh)
        _insert_rejects(engine, held.number, rejects)
        told = _told(fresh)
        accepted = told.records
        held.facts |= {"accepted": accepted, "duplicate": ready.records - accepted, **_health(told, received)}
        held.facts["duration_ms"] = round((time.perf_counter() - began) * 1000)
    return BatchOutcome(accepted, ready.records - accepted, tuple(rejects), held.number)


def _span(told: Told) -> dict[str, int]:
    """From when to when; written before anything else, so that what is left half done can be found."""
    return {"low": told.earliest, "high": told.latest} if told.records else {}


def _told(blocks: Iterable[Block]) -> Told:
    return sum((block.told for block in blocks), Told())


def _fresh(engine: ClickHouse, blocks: Sequence[Block]) -> Sequence[Block]:
    """The records that are not stored, of one identity the first."""
    identities = [block.identities() for block in blocks]
    every = frozenset().union(*identities)
    known = _known(engine, every, _told(blocks))
    if not known and len(every) == sum(map(len, identities)):
        return blocks
    new = set(every - known)
    return [block.where([_taken(new, identity) for identity in own]) for block, own in zip(blocks, identities, strict=True)]


def _taken(new: set[bytes], identity: bytes) -> bool:
    """Whether it is the first of its identity, which is then no longer new."""
    if identity not in new:
        return False
    new.remove(identity)
    return True


def _known(engine: ClickHouse, record_ids: frozenset[bytes], told: Told) -> frozenset[bytes]:
    """Which of the records are stored. The same record always began at the same moment: only the batch's span is looked through."""
    span = f"started_at BETWEEN {told.earliest:d} AND {told.latest:d}"
    around = told.records and engine.value(f"SELECT count() FROM log_record WHERE {span}")
    if not around:
        return frozenset()
    wanted = "1" if around < READ_INSTEAD * len(record_ids) else f"record_id IN ({_listed(record_ids)})"
    query = f"SELECT record_id FROM log_record WHERE {span} AND {wanted} GROUP BY record_id HAVING sum(sign) > 0"
    return record_ids.intersection(row[0] for row in engine.rows(query, settings={"use_skip_indexes": 0}))


def _listed(record_ids: Collection[bytes]) -> str:
    """Many ids as a query's rows: one literal, since a list of literals would be parsed one by one."""
    blob = b"".join(record_ids).hex()
    return f"SELECT toFixedString(substring(unhex('{blob}'), number * 16 + 1, 16), 16) FROM numbers({len(record_ids)})"


def _insert(engine: ClickHouse, number: int, fresh: Sequence[Block]) -> None:
    """In one statement; should the connection be lost and the client send it again, the engine knows it by its token."""
    rows = b"".join(block.rows_of(number) for block in fresh if block.told.records)
    if rows:
        engine.insert_blocks("log_record", COLUMNS, rows, f"batch {number}")


def _insert_rejects(engine: ClickHouse, number: int, rejects: Sequence[Reject]) -> None:
    if rejects:
        lines, reasons = [reject.line for reject in rejects], [reject.reason[:LONGEST_REASON] for reject in rejects]
        engine.insert("log_reject", ("batch_id", "line", "reason"), [[number] * len(rejects), lines, reasons])


def _health(told: Told, received: int) -> dict[str, Any]:
    """What the source's health is judged by."""
    if not told.records:
        return {}
    lags = {"lag_sum": received * told.records - told.started_sum, "lag_worst": received - told.earliest}
    return {"newest": told.latest, "filled": tuple(sorted(told.filled)), **lags}
