"""Find the records a ticket may be about: a fixed number of bounded, indexed probes near its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from app.core.evidence import Evidence
from app.core.matching import NO_BACKGROUND, NO_HINTS, SearchHints
from app.core.matching.comparison import LATE_AFTER_MS, says_timeout
from app.core.matching.error_text import quoted_ids
from app.core.matching.time_fit import FURTHEST_ZONE, half_window
from app.core.record import RedactedRecord
from app.store.logs import Candidates
from app.store.logs_likeness import likeness_values
from app.store.logs_places import Reading
from app.store.logs_probes import By, Window, is_cut, sample, search
from app.store.logs_rows import row_to_record
from app.store.logs_schema import HAS_TASK, IS_ONE_OF_SEVERAL, NOT_OK, log_record

TAKEN_NEAR = 250  # best of them, by the window proper
TAKEN_SHIFTED = 60  # best of them, by the window of another time zone
TAKEN_OF_KEY = 150
TAKEN_BY_ID = 60
TAKEN_LATE = 20
LATE_REACH_MINUTES = 15  # a success may begin this long before the client's time of giving up
ZONES = (-8, 8)
MORE_ZONES = (-9, -7, -5, -4, -1, 1, 4, 5, 7, 9)  # tried when the user asks for a wider search
MOST_IDS = 8
_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000
_REACH_MS = 12 * _HOUR_MS
_COLUMNS = log_record.c
_TIME = _COLUMNS.started_at


def candidates(log: Reading, evidence: Evidence, widen: int = 1, hints: SearchHints = NO_HINTS) -> Candidates:
    """Records by id, by key and by likeness near the stated time (or the newest, when no time is stated)."""
    found = _by_ids(log, evidence)
    centre = _centre(log, evidence)
    capped, background = False, NO_BACKGROUND
    if centre is not None:
        values = likeness_values(evidence, hints)
        near = _near_window(evidence, centre, widen)
        alike = search(log, By.TIME, near, TAKEN_NEAR, values)
        if len(alike) == TAKEN_NEAR:
            capped, background = is_cut(log, near, alike), sample(log, near)
        found += [*alike, *_of_key(log, evidence, centre, widen, values), *_shifted(log, evidence, centre, widen, values)]
    found += _late_successes(log, evidence, widen)
    return Candidates(_distinct(found), capped, _covers(log, evidence), background)


def _by_ids(log: Reading, evidence: Evidence) -> list[Any]:
    """Rows whose request, action or task id the report quotes, whatever their outcome or time."""
    quoted = [evidence.request_id, *sorted(quoted_ids(evidence.error_text or ""))]
    ids = [value for value in quoted if value][:MOST_IDS]
    conditions: list[ColumnElement[bool]] = []
    if ids:
        conditions += [_COLUMNS.request_id.in_(ids), and_(_COLUMNS.action_id.in_(ids), IS_ONE_OF_SEVERAL)]
    if evidence.task_id:
        conditions.append(and_(_COLUMNS.task_id == evidence.task_id, HAS_TASK))
    rows: list[Any] = []
    for condition in conditions:  # one indexed look-up each: an OR over two indexes tempts planners into a scan
        for connection in log.everywhere():
            rows += connection.execute(select(log_record).where(condition).limit(TAKEN_BY_ID)).all()
    return rows


def _centre(log: Reading, evidence: Evidence) -> int | None:
    """The stated time; without one, just after the newest problem. None: the log has no problems."""
    if evidence.request_time is not None:
        return int(evidence.request_time.timestamp() * 1000)
    for connection in log.everywhere():
        newest = connection.execute(select(func.max(_TIME)).where(NOT_OK)).scalar()
        if newest is not None:
            return int(newest) + 1
    return None


def _near_window(evidence: Evidence, centre: int, widen: int) -> Window:
    """The window proper; without a stated time, everything before."""
    return Window.around(centre, _reach(evidence, widen)) if evidence.request_time else Window(0, centre, centre)


def _of_key(log: Reading, evidence: Evidence, centre: int, widen: int, values: Mapping[str, Any]) -> list[Any]:
    """The key's own problems, over every time zone."""
    wide = Window.around(centre, _reach(evidence, widen) + FURTHEST_ZONE * _HOUR_MS) if evidence.request_time else Window(0, centre, centre)
    rows: list[Any] = []
    if evidence.key.fingerprint:
        rows += search(log, By.KEY, wide, TAKEN_OF_KEY, values)
    if evidence.key.last4:
        rows += search(log, By.TAIL, wide, TAKEN_OF_KEY, values)
    return rows


def _shifted(log: Reading, evidence: Evidence, centre: int, widen: int, values: Mapping[str, Any]) -> list[Any]:
    """Problems alike where the time would be, had it been told in another zone."""
    if evidence.request_time is None:
        return []
    reach = _reach(evidence, widen)
    windows = [Window.around(centre + hours * _HOUR_MS, reach) for hours in (ZONES if widen == 1 else ZONES + MORE_ZONES)]
    return [row for window in windows for row in search(log, By.TIME, window, TAKEN_SHIFTED, values)]


def _reach(evidence: Evidence, widen: int) -> int:
    """Half the window in milliseconds."""
    return int(half_window(evidence, widen) * _MINUTE_MS)


def _late_successes(log: Reading, evidence: Evidence, widen: int) -> Sequence[Any]:
    """Slow successes of the report's key: what a gateway logs after the client has given up."""
    if not (evidence.key.fingerprint and evidence.request_time and says_timeout(evidence)):
        return ()
    window = Window.around(int(evidence.request_time.timestamp() * 1000), _reach(evidence, widen))
    of_key = _COLUMNS.key_fingerprint == bytes.fromhex(evidence.key.fingerprint)
    low = window.low - LATE_REACH_MINUTES * _MINUTE_MS
    span = _TIME.between(low, window.high)
    late = select(log_record).where(of_key, span, _COLUMNS.latency_ms > LATE_AFTER_MS, _COLUMNS.outcome == "ok")
    newest = late.order_by(_TIME.desc()).limit(TAKEN_LATE)
    return [row for connection in log.between(low, window.high) for row in connection.execute(newest)][:TAKEN_LATE]


def _covers(log: Reading, evidence: Evidence) -> bool:
    """Whether the log reaches the stated time: its first and last records enclose it, or problems stand near it."""
    ends = _ends(log)
    if not ends or evidence.request_time is None:
        return bool(ends)
    at = int(evidence.request_time.timestamp() * 1000)
    if min(ends) - _HOUR_MS <= at <= max(ends) + _HOUR_MS:
        return True
    near = select(_COLUMNS.id).where(NOT_OK, _TIME.between(at - _REACH_MS, at + _REACH_MS)).limit(1)
    return any(connection.execute(near).first() for connection in log.between(at - _REACH_MS, at + _REACH_MS))


def _ends(log: Reading) -> list[int]:
    """When the first and the last record began; empty when there are none."""
    everywhere = log.everywhere()
    newest = (connection.execute(select(_TIME).order_by(_TIME.desc()).limit(1)).scalar() for connection in everywhere)
    oldest = (connection.execute(select(_TIME).order_by(_TIME).limit(1)).scalar() for connection in reversed(everywhere))
    return [end for end in (next(filter(None, newest), None), next(filter(None, oldest), None)) if end is not None]


def _distinct(rows: Iterable[Any]) -> tuple[RedactedRecord, ...]:
    """Each record once; several probes find the same."""
    return tuple(row_to_record(row) for row in {row.record_id: row for row in rows}.values())
