"""One writer at a time, on an engine without transactions, and nothing half done for long.

Each change of the log is a turn with a number. The next number may be taken when every turn is done; it is taken by
inserting a row whose deduplication token is the number, which the engine takes once only. So all processes and hosts
write in the order of numbers. A turn that its holder did not end in time is taken over, and what it left half done is
put right before anything else is written.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from app.store.logs import LogStoreBusy
from app.store.logs_clickhouse_engine import ClickHouse, busy_when_away

BUSY_SECONDS = 5.0
LEASE_SECONDS = 60  # a turn not ended by then has lost its holder
LONG_LEASE_SECONDS = 1800  # for what goes through many records
POLL_SECONDS = 0.01
OPEN, BROKEN, DONE = "open", "broken", "done"
APPEND, REPLACE, ROLLBACK, PURGE, REBUILD = "append", "replace", "rollback", "purge", "rebuild"
_STEP_OF_END = 1 << 40  # the step of a finished row: later than any taking over
_COLUMNS = (
    *("number", "step", "kind", "holder", "state", "until", "source", "instance", "received_at", "low", "high", "target", "accepted"),
    *("duplicate", "rejected", "duration_ms", "rolled_back", "newest", "lag_sum", "lag_worst", "filled"),
)
_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys(("received_at", "low", "high", "target", "accepted", "duplicate", "rejected", "duration_ms", "lag_sum"), 0),
    **dict.fromkeys(("rolled_back", "newest", "lag_worst")),
    "source": "",
    "instance": "",
    "filled": (),
}

Repair = Callable[["Turn"], dict[str, Any]]


@dataclass(slots=True)
class Turn:
    """The right to write. `facts` are the columns of its row, which outlive the process that holds it."""

    number: int
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)


@contextmanager
def turn(
    engine: ClickHouse, kind: str, repair: Repair, facts: Mapping[str, Any], patience: float | None = None, lease: int = LEASE_SECONDS
) -> Iterator[Turn]:
    """Hold the next turn. Raises LogStoreBusy when it is not had within `patience` seconds, or the engine is away."""
    patience = BUSY_SECONDS if patience is None else patience
    if not engine.lock.acquire(timeout=max(patience, 0)):
        raise LogStoreBusy
    try:
        with busy_when_away():
            held = _take(engine, kind, repair, {**_NOTHING, **facts}, patience, lease)
            with _left_broken(engine, held):
                yield held
            _write(engine, held, DONE, _STEP_OF_END)
    finally:
        engine.lock.release()


def note_later(engine: ClickHouse, number: int, facts: Mapping[str, Any], step: int = 1) -> None:
    """Write into a turn that is done."""
    held = _read(engine, number)
    held.facts |= facts
    _write(engine, held, DONE, _STEP_OF_END + step)


_opening = Lock()
_opened: set[str] = set()


def put_right(engine: ClickHouse, repair: Repair) -> None:
    """Put right what a writer left half done that is gone.

    An embedded engine belongs to one process: what is open when this process opens its folder for the first time was
    left by a process that is gone. Later it may be another thread's.
    """
    with _opening, busy_when_away():
        first = engine.folder is not None and engine.folder not in _opened
        latest = _latest(engine)
        if not latest.done and (first or latest.holder_gone):
            _take_over(engine, latest, repair)
        if engine.folder is not None:
            _opened.add(engine.folder)


@dataclass(frozen=True, slots=True)
class _Latest:
    """The turn with the highest number; every one before it is done."""

    number: int = 0
    step: int = 0
    done: bool = True
    holder_gone: bool = False


def _take(engine: ClickHouse, kind: str, repair: Repair, facts: dict[str, Any], patience: float, lease: int) -> Turn:
    deadline = time.monotonic() + patience
    while True:
        latest = _latest(engine)
        if latest.done:
            held = Turn(latest.number + 1, kind, facts)
            if _claim(engine, held, 0, lease):
                return held
        elif latest.holder_gone:
            _take_over(engine, latest, repair)
        if time.monotonic() >= deadline:
            raise LogStoreBusy
        time.sleep(POLL_SECONDS)


def _latest(engine: ClickHouse) -> _Latest:
    """One query, so that its number and its state are those of one moment: who acts on two may pass over a turn just taken."""
    found = engine.rows("SELECT number, step, state, until FROM log_batch ORDER BY number DESC, step DESC LIMIT 1")
    for number, step, state, until in found:
        return _Latest(int(number), int(step), state == DONE, state == BROKEN or until < _now())
    return _Latest()


def _claim(engine: ClickHouse, held: Turn, step: int, lease: int) -> bool:
    """Write the turn's row unless somebody was faster."""
    holder = secrets.token_hex(8)
    _write(engine, held, OPEN, step, holder, lease, token=f"turn {held.number} step {step}")
    query = "SELECT groupUniqArray(holder) FROM log_batch WHERE number = {number:UInt64} AND step = {step:UInt64}"
    return bool(engine.value(query, {"number": held.number, "step": step}) == [holder])


def _take_over(engine: ClickHouse, left: _Latest, repair: Repair) -> None:
    """End what a holder that is gone has begun, unless somebody else is at it already."""
    held = _read(engine, left.number)
    if _claim(engine, held, left.step + 1, LONG_LEASE_SECONDS):
        with _left_broken(engine, held, left.step + 1):
            held.facts |= repair(held)
        _write(engine, held, DONE, _STEP_OF_END)


@contextmanager
def _left_broken(engine: ClickHouse, held: Turn, step: int = 0) -> Iterator[None]:
    """When the change fails, say so at once, so that the next writer need not wait for the time to run out."""
    try:
        yield
    except BaseException:
        with suppress(Exception):  # the engine may be away: then the lease runs out
            _write(engine, held, BROKEN, step + 1)
        raise


def _read(engine: ClickHouse, number: int) -> Turn:
    """A turn as its row says."""
    kind, *facts = engine.rows(f"SELECT kind, {', '.join(_NOTHING)} FROM log_batch FINAL WHERE number = {{n:UInt64}}", {"n": number})[0]
    return Turn(number, kind, dict(zip(_NOTHING, facts, strict=True)))


def _write(engine: ClickHouse, held: Turn, state: str, step: int, holder: str = "", lease: int = 0, token: str | None = None) -> None:
    """Write the turn's row: of several, the one with the highest step counts."""
    until = _now() + lease * 1000
    own = {"number": held.number, "step": step, "kind": held.kind, "holder": holder, "state": state, "until": until}
    values = {**held.facts, **own}
    engine.insert("log_batch", _COLUMNS, [[values[name]] for name in _COLUMNS], token)


def _now() -> int:
    """Epoch milliseconds. Hosts of one log agree on the time to within much less than a lease."""
    return int(time.time() * 1000)
