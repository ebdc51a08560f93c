"""Find the records a ticket may be about: a fixed number of bounded, indexed probes near its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from app.core.evidence import Evidence
from app.core.matching import NO_BACKGROUND, NO_HINTS, Background, SearchHints
from app.core.matching.comparison import LATE_AFTER_MS, says_timeout
from app.core.matching.error_text import quoted_ids
from app.core.matching.time_fit import FURTHEST_ZONE, half_window
from app.core.record import RedactedRecord
from app.store.logs import Candidates
from app.store.logs_likeness import attainable, likeness_values, said_of
from app.store.logs_places import Reading
from app.store.logs_probes import NOTHING, SCANNED_PER_SIDE, By, Rivals, Taken, Window, problems_in, search
from app.store.logs_rows import row_to_record
from app.store.logs_schema import HAS_TASK, IS_ONE_OF_SEVERAL, NOT_OK, log_record

FEW = 100  # with so few problems in the window all are looked at, whoever's they are
DECIDES = 0.75  # of what can agree: a problem of the report's own key that has it, in time, needs no rival
ALIKE = 0.75  # of the best row's likeness: when even the last row taken has it, rows as good were cut off
TAKEN_NEAR = 120  # best of them, by the window proper
TAKEN_SHIFTED = 30  # best of them, by the window of another time zone
TAKEN_OF_KEY = 60
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
    if is_the_one(found, evidence):
        return Candidates(_distinct([*found, *_other_attempts(log, found)]), capped=False, log_has_records=True)
    centre = _centre(log, evidence)
    capped, background = False, NO_BACKGROUND
    if centre is not None:
        question = _Question(log, evidence, centre, widen, likeness_values(evidence, hints))
        of_key = question.of_key()
        near, capped, background = question.near(of_key)
        found += [*of_key.rows, *near, *([] if of_key.rows else question.shifted(near))]
    found += _late_successes(log, evidence, widen)
    return Candidates(_distinct(found), capped, _covers(log, evidence, found), background)


class _Question:
    """A report with its time, asked of the problems."""

    def __init__(self, log: Reading, evidence: Evidence, centre: int, widen: int, values: Mapping[str, Any]) -> None:
        self._log, self._evidence, self._centre, self._widen, self._values = log, evidence, centre, widen, values
        self._said = said_of(values)
        self._is_timed = evidence.request_time is not None
        self._reach = _reach(evidence, widen)
        low, high = near_span(evidence, centre, widen)
        self._window = Window(low, centre, high)

    def of_key(self) -> Taken:
        """The key's own problems, over every time zone. By its ending where nothing is logged under its fingerprint."""
        reach = self._reach + FURTHEST_ZONE * _HOUR_MS
        wide = Window.around(self._centre, reach) if self._is_timed else self._window
        key = self._evidence.key
        found = self._search(By.KEY, wide, TAKEN_OF_KEY) if key.fingerprint else NOTHING
        return found if found.rows or not key.last4 else self._search(By.TAIL, wide, TAKEN_OF_KEY)

    def near(self, of_key: Taken) -> tuple[Sequence[Any], bool, Background]:
        """Problems alike in the window proper, whether more are as alike, and what else there is.

        Where the key has such a problem nobody else's is needed; only how usual its traits are.
        """
        if any(self._decides(row) for row in of_key.rows):
            background = problems_in(self._log, self._window)
            if background.total > FEW:
                return (), len(of_key.rows) == TAKEN_OF_KEY and self._decides(of_key.rows[-1]), background
        found = self._search(By.TIME, self._window, TAKEN_NEAR)
        if found.met < TAKEN_NEAR:
            return found.rows, False, NO_BACKGROUND
        background = problems_in(self._log, self._window)
        too_many = background.total > SCANNED_PER_SIDE * (2 if self._is_timed else 1)
        return found.rows, too_many or found.least >= ALIKE * found.rows[0].likeness, background

    def shifted(self, near: Sequence[Any]) -> Sequence[Any]:
        """Problems alike where the time would be, had it been told in another zone: only those that agree in what tells most."""
        required = required_elsewhere(self._said)
        if not self._is_timed or required is None:
            return ()
        zones = ZONES if self._widen == 1 else ZONES + MORE_ZONES
        windows = [Window.around(self._centre + hours * _HOUR_MS, self._reach) for hours in zones]
        rivals = Rivals(frozenset({required}), alike=near[0].likeness if near else 0)
        return search(self._log, By.TIME, windows, TAKEN_SHIFTED, self._values, rivals).rows

    def _decides(self, row: Any) -> bool:
        """Whether the row agrees so well, and in time, that it is no use to look for another."""
        in_time: bool = self._window.low <= row.started_at <= self._window.high
        return in_time and int(row.likeness) >= DECIDES * attainable(self._said)

    def _search(self, by: By, window: Window, taken: int) -> Taken:
        return search(self._log, by, (window,), taken, self._values, Rivals(reach=self._window.high - self._centre or self._centre))


def near_span(evidence: Evidence, centre: int, widen: int) -> tuple[int, int]:
    """The window proper; without a stated time, everything before."""
    reach = _reach(evidence, widen)
    return (centre - reach, centre + reach) if evidence.request_time else (0, centre)


def required_elsewhere(said: frozenset[str]) -> str | None:
    """What a problem must agree in to be looked at although its time agrees only in another zone: what tells most."""
    return next((name for name in ("status", "model", "fragment_0") if name in said), None)


def is_the_one(found: Sequence[Any], evidence: Evidence) -> bool:
    """Whether the id that the report names as the request's own (or the task's) is in the log."""
    if evidence.task_id and any(row.task_id == evidence.task_id for row in found):
        return True
    return bool(evidence.request_id) and any(evidence.request_id in (row.request_id, row.action_id) for row in found)


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


def _other_attempts(log: Reading, found: Sequence[Any]) -> list[Any]:
    """The rest of the actions that these rows are attempts of."""
    actions = sorted({row.action_id for row in found if row.action_id != row.request_id})
    if not actions:
        return []
    query = select(log_record).where(_COLUMNS.action_id.in_(actions), IS_ONE_OF_SEVERAL).limit(TAKEN_BY_ID)
    return [row for connection in log.everywhere() for row in connection.execute(query)]


def _centre(log: Reading, evidence: Evidence) -> int | None:
    """The stated time; without one, just after the newest problem. None: the log has no problems."""
    if evidence.request_time is not None:
        return int(evidence.request_time.timestamp() * 1000)
    for connection in log.everywhere():
        newest = connection.execute(select(func.max(_TIME)).where(NOT_OK)).scalar()
        if newest is not None:
            return int(newest) + 1
    return None


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


def _covers(log: Reading, evidence: Evidence, found: Sequence[Any]) -> bool:
    """Whether the log reaches the stated time: its first and last records enclose it, or problems stand near it."""
    if evidence.request_time is None:
        return bool(found) or bool(_ends(log))
    at = int(evidence.request_time.timestamp() * 1000)
    if any(abs(row.started_at - at) <= _HOUR_MS for row in found):
        return True
    ends = _ends(log)
    if ends and min(ends) - _HOUR_MS <= at <= max(ends) + _HOUR_MS:
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
