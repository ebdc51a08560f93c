"""Take a batch out again, correct a record, forget old records, count anew: each in its turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from app.core.record import RedactedRecord
from app.core.record_columns import columns_of
from app.store.logs import RollupError
from app.store.logs_clickhouse_engine import ClickHouse, busy_when_away
from app.store.logs_clickhouse_repair import PURGED, drop_purged, purged, repair, take_out
from app.store.logs_clickhouse_rollups import correct, errors
from app.store.logs_clickhouse_rows import COLUMNS, encoded_columns
from app.store.logs_clickhouse_schema import ROLLUP_COLUMNS, counted
from app.store.logs_clickhouse_turns import APPEND, DONE, LONG_LEASE_SECONDS, PURGE, REBUILD, REPLACE, ROLLBACK, Turn, turn

_ALL = ", ".join(f"`{name}`" for name in COLUMNS)


def rollback(engine: ClickHouse, batch_id: int) -> int:
    """Take out again what this batch brought. Returns how many records."""
    stands = f"number = {{number:UInt64}} AND kind = '{APPEND}' AND state = '{DONE}' AND rolled_back IS NULL"
    found = engine.rows(f"SELECT low, high FROM log_batch FINAL WHERE {stands}", {"number": batch_id})
    if not found:
        return 0
    facts = {"target": batch_id, "low": int(found[0][0]), "high": int(found[0][1])}
    with turn(engine, ROLLBACK, repair(engine), facts, lease=LONG_LEASE_SECONDS) as held:
        if not engine.rows(f"SELECT 1 FROM log_batch FINAL WHERE {stands}", {"number": batch_id}):
            return 0
        held.facts |= take_out(engine, held)
    return int(held.facts["accepted"])


def replace(engine: ClickHouse, record: RedactedRecord) -> None:
    """Let the stored form go and the corrected one come, in one block. Its figures in the roll-ups move along."""
    facts = {"low": record.started_at, "high": record.started_at}
    with turn(engine, REPLACE, repair(engine), facts) as held:
        query = f"SELECT {_ALL} FROM log_record FINAL WHERE started_at = {{at:Int64}} AND record_id = unhex({{id:String}})"
        stored = engine.rows(query, {"at": record.started_at, "id": record.record_id})
        if stored:
            old = dict(zip(COLUMNS, stored[0], strict=True))
            new = {name: values[0] for name, values in encoded_columns(columns_of([record])).items()}
            rows = ({**old, "sign": -1}, {**new, "batch_id": old["batch_id"], "version": held.number, "sign": 1})
            engine.insert("log_record", COLUMNS, [[row[name] for row in rows] for name in COLUMNS], f"replace {held.number}")


def empty_journal(engine: ClickHouse) -> None:
    """Merge away what went: corrected and removed records, and the roll-ups' cells of values that are no more.

    The engine keeps the parts it merged for some minutes (its setting old_parts_lifetime), then deletes their files.
    """
    with turn(engine, REBUILD, repair(engine), {}, lease=LONG_LEASE_SECONDS):
        for (partition,) in engine.rows("SELECT DISTINCT _partition_id FROM log_record WHERE sign = -1"):
            engine.run(f"OPTIMIZE TABLE {engine.tables.own('log_record')} PARTITION ID '{partition}' FINAL")
        engine.run(f"OPTIMIZE TABLE {engine.tables.own('rollup')} FINAL")
        engine.run(f"ALTER TABLE {engine.tables.own('rollup')} DELETE WHERE requests = 0")


def purge(engine: ClickHouse, ok_before: datetime | None, problem_before: datetime | None) -> int:
    """Forget old successes and problems; their figures stay. A whole month is dropped, of the rest the rows are marked and merged away."""
    gone = 0
    for problem, before in enumerate((ok_before, problem_before)):
        cutoff = int(before.timestamp() * 1000) if before else None
        for partition, low, high in _partitions(engine, problem, cutoff) if cutoff is not None else ():
            gone += _purge(engine, problem, low, min(high + 1, cutoff or 0), partition, whole=high < (cutoff or 0))
    return gone


def rebuild(engine: ClickHouse) -> int:
    """Bring every roll-up in line with the records, a month at a time. Returns the number of cells."""
    for low, high in _months(engine):
        with turn(engine, REBUILD, repair(engine), {"low": low, "high": high}, lease=LONG_LEASE_SECONDS):
            correct(engine, low, high)
    return int(engine.value("SELECT uniqExact(dimension, hour, value) FROM rollup") or 0)


def check(engine: ClickHouse) -> tuple[RollupError, ...]:
    """Cells that do not say what their records say."""
    return tuple(error for low, high in _months(engine) for error in errors(engine, low, high))


def _purge(engine: ClickHouse, problem: int, low: int, high: int, partition: str, *, whole: bool) -> int:
    """Forget one partition's old records: first their figures move to cells that stay, in one insert, then they go."""
    facts = {"target": problem, "low": low, "high": high}
    with turn(engine, PURGE, repair(engine), facts, lease=LONG_LEASE_SECONDS) as held:
        gone = int(engine.value(f"SELECT sum(sign) FROM log_record WHERE {PURGED}", purged(held)) or 0)
        _move_figures(engine, held)
        latest = engine.value("SELECT max(started_at) FROM log_record WHERE _partition_id = {id:String}", {"id": partition})
        if whole and latest is not None and int(latest) < high:
            engine.run(f"ALTER TABLE {engine.tables.own('log_record')} DROP PARTITION ID '{partition}'")
        else:
            drop_purged(engine, held)
        held.facts["accepted"] = gone
    if not whole:  # writers need not wait for the space to be given back
        with busy_when_away():
            engine.run(f"ALTER TABLE {engine.tables.own('log_record')} APPLY DELETED MASK IN PARTITION ID '{partition}'")
    return gone


def _move_figures(engine: ClickHouse, held: Turn) -> None:
    stay, leave = counted("log_record", PURGED, kept=held.number), counted("log_record", PURGED, "-sign")
    statement = f"INSERT INTO rollup ({ROLLUP_COLUMNS}) SELECT {ROLLUP_COLUMNS} FROM ({stay} UNION ALL {leave})"
    engine.run(statement, purged(held), {"insert_deduplicate": 0})


def _partitions(engine: ClickHouse, problem: int, cutoff: int) -> Sequence[Any]:
    """Partitions with records to forget, and from when to when they reach."""
    query = (
        "SELECT _partition_id, min(started_at), max(started_at) AS latest FROM log_record WHERE problem = {problem:UInt8} "
        "GROUP BY _partition_id HAVING min(started_at) < {cutoff:Int64} ORDER BY latest"
    )
    return [(name, int(low), int(high)) for name, low, high in engine.rows(query, {"problem": problem, "cutoff": cutoff})]


def _months(engine: ClickHouse) -> Iterator[tuple[int, int]]:
    """From when to when the months reach that have records or live roll-ups, in whole hours."""
    hour = "intDiv(started_at, 3600000)"
    spans = f"SELECT {hour} AS hour FROM log_record GROUP BY hour UNION DISTINCT SELECT hour FROM rollup WHERE kept = 0 GROUP BY hour"
    query = f"SELECT min(hour), max(hour) FROM ({spans}) GROUP BY toYYYYMM(toDateTime(hour * 3600, 'UTC')) ORDER BY 1"
    for low, high in engine.rows(query):
        yield int(low) * 3_600_000, int(high) * 3_600_000 + 3_599_999
