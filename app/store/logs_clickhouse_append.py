"""Write a batch: records that are not there yet and rejects, in one turn. The roll-ups follow by themselves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import compress
from typing import Any

from app.core.record import BatchOutcome, RedactedRecord, Reject
from app.store.logs import WATCHED_FIELDS
from app.store.logs_append import LONGEST_REASON
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_native import native_block
from app.store.logs_clickhouse_repair import repair
from app.store.logs_clickhouse_rows import COLUMNS, KINDS, columns_of
from app.store.logs_clickhouse_turns import APPEND, turn

READ_INSTEAD = 4  # when the span holds no more than so many times the batch, reading its ids is cheaper than sending ours

Columns = Mapping[str, list[Any]]


def append(
    engine: ClickHouse,
    source: str,
    records: Sequence[RedactedRecord],
    rejects: Sequence[Reject],
    received_at: datetime,
    instance: str = "",
    patience: float | None = None,
) -> BatchOutcome:
    """Store what is new. Returns when it is on the disk. Raises LogStoreBusy."""
    if not records and not rejects:
        return BatchOutcome(0, 0, ())
    began = time.perf_counter()
    columns = columns_of(list({record.record_id: record for record in reversed(records)}.values())[::-1])
    received = int(received_at.timestamp() * 1000)
    facts = {"source": source, "instance": instance, "received_at": received, "rejected": len(rejects), **_span(columns)}
    with turn(engine, APPEND, repair(engine), facts, patience) as held:
        fresh = _fresh(engine, columns)
        _insert(engine, held.number, fresh)
        _insert_rejects(engine, held.number, rejects)
        accepted = len(fresh["record_id"])
        held.facts |= {"accepted": accepted, "duplicate": len(records) - accepted, **_health(fresh, received)}
        held.facts["duration_ms"] = round((time.perf_counter() - began) * 1000)
    return BatchOutcome(accepted, len(records) - accepted, tuple(rejects), held.number)


def _span(columns: Columns) -> dict[str, int]:
    """From when to when; written before anything else, so that what is left half done can be found."""
    times = columns["started_at"]
    return {"low": min(times), "high": max(times)} if times else {}


def _fresh(engine: ClickHouse, columns: Columns) -> Columns:
    """The columns without records that are there already."""
    known = _known(engine, columns["record_id"], **_span(columns)) if columns["record_id"] else frozenset()
    if not known:
        return columns
    new = [record_id not in known for record_id in columns["record_id"]]
    return {name: list(compress(values, new)) for name, values in columns.items()}


def _known(engine: ClickHouse, record_ids: Sequence[bytes], low: int, high: int) -> frozenset[bytes]:
    """Which of the ids are stored. The same record always began at the same moment: only the batch's span is looked through."""
    span = f"started_at BETWEEN {low:d} AND {high:d}"
    around = engine.value(f"SELECT count() FROM log_record WHERE {span}")
    if not around:
        return frozenset()
    wanted = "1" if around < READ_INSTEAD * len(record_ids) else f"record_id IN ({_listed(record_ids)})"
    query = f"SELECT record_id FROM log_record WHERE {span} AND {wanted} GROUP BY record_id HAVING sum(sign) > 0"
    return frozenset(row[0] for row in engine.rows(query, settings={"use_skip_indexes": 0}))


def _listed(record_ids: Sequence[bytes]) -> str:
    """Many ids as a query's rows: one literal, since a list of literals would be parsed one by one."""
    blob = b"".join(record_ids).hex()
    return f"SELECT toFixedString(substring(unhex('{blob}'), number * 16 + 1, 16), 16) FROM numbers({len(record_ids)})"


def _insert(engine: ClickHouse, number: int, fresh: Columns) -> None:
    """One block; should the connection be lost and the client send it again, the engine knows it by its token."""
    count = len(fresh["record_id"])
    if count:
        own = {"batch_id": [number] * count, "version": [number] * count, "sign": [1] * count}
        engine.insert_block("log_record", COLUMNS, native_block(KINDS, {**fresh, **own}), f"batch {number}")


def _insert_rejects(engine: ClickHouse, number: int, rejects: Sequence[Reject]) -> None:
    if rejects:
        lines, reasons = [reject.line for reject in rejects], [reject.reason[:LONGEST_REASON] for reject in rejects]
        engine.insert("log_reject", ("batch_id", "line", "reason"), [[number] * len(rejects), lines, reasons])


def _health(fresh: Columns, received: int) -> dict[str, Any]:
    """What the source's health is judged by."""
    times = fresh["started_at"]
    if not times:
        return {}
    filled = tuple(name for name in WATCHED_FIELDS if fresh[name].count(None) < len(times))
    return {"newest": max(times), "lag_sum": received * len(times) - sum(times), "lag_worst": received - min(times), "filled": filled}
