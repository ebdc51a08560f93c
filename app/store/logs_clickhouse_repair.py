"""End what another writer left half done: do the rest, and bring the roll-ups in line with the records."""

from __future__ import annotations

from typing import Any

from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_rollups import correct
from app.store.logs_clickhouse_rows import COLUMNS
from app.store.logs_clickhouse_turns import APPEND, PURGE, ROLLBACK, Repair, Turn, note_later

_ALL = ", ".join(f"`{name}`" for name in COLUMNS)
_OF_BATCH = "batch_id = {batch:UInt64} AND started_at BETWEEN {low:Int64} AND {high:Int64}"
PURGED = "problem = {problem:UInt8} AND started_at >= {low:Int64} AND started_at < {high:Int64} AND batch_id < {number:UInt64}"


def repair(engine: ClickHouse) -> Repair:
    """How a turn whose holder is gone is ended."""

    def end(left: Turn) -> dict[str, Any]:
        found = _RESTS[left.kind](engine, left) if left.kind in _RESTS else {}
        correct(engine, left.facts["low"], left.facts["high"])
        return found

    return end


def take_out(engine: ClickHouse, left: Turn) -> dict[str, Any]:
    """Let the records of the batch `target` go again. Each goes as it is stored, so this can be done twice."""
    batch = left.facts["target"]
    parameters = {"batch": batch, "low": left.facts["low"], "high": left.facts["high"]}
    source = f"log_record FINAL WHERE {_OF_BATCH}"
    gone = int(engine.value(f"SELECT count() FROM {source}", parameters) or 0)
    going = _ALL.replace("`sign`", "toInt8(-1) AS sign")
    engine.run(f"INSERT INTO log_record ({_ALL}) SELECT {going} FROM {source}", parameters, {"insert_deduplicate": 0})
    note_later(engine, batch, {"rolled_back": gone})
    return {"accepted": gone}


def drop_purged(engine: ClickHouse, left: Turn) -> dict[str, Any]:
    """Forget the records whose figures were moved to cells that stay."""
    statement = f"DELETE FROM {engine.tables.own('log_record')} WHERE {PURGED}"
    engine.run(statement, purged(left))
    return {}


def purged(left: Turn) -> dict[str, Any]:
    """The parameters of what a purge takes: nothing that came after it began."""
    return {"problem": left.facts["target"], "low": left.facts["low"], "high": left.facts["high"], "number": left.number}


def _count_batch(engine: ClickHouse, left: Turn) -> dict[str, Any]:
    """What of the batch was stored; its sender was not told and sends it again."""
    parameters = {"batch": left.number, "low": left.facts["low"], "high": left.facts["high"]}
    accepted = engine.value(f"SELECT sum(sign) FROM log_record WHERE {_OF_BATCH}", parameters)
    return {"accepted": int(accepted or 0)}


def _end_purge(engine: ClickHouse, left: Turn) -> dict[str, Any]:
    """Go on only when the figures were moved: else nothing has happened yet, and the next purge does it."""
    moved = engine.value("SELECT count() FROM rollup WHERE kept = {number:UInt64}", {"number": left.number})
    return drop_purged(engine, left) if moved else {}


_RESTS = {APPEND: _count_batch, ROLLBACK: take_out, PURGE: _end_purge}
