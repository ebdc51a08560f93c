"""Find the records a ticket may be about: a fixed number of bounded, indexed probes near its time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from app.core.evidence import Evidence
from app.core.matching import NO_HINTS, SearchHints
from app.core.matching.comparison import says_timeout
from app.core.matching.error_text import fragments, quoted_ids
from app.core.matching.time_fit import FURTHEST_ZONE, half_window
from app.core.record import RedactedRecord
from app.store.logs import Candidates
from app.store.logs_rows import row_to_record
from app.store.logs_schema import HAS_TASK, NOT_OK, log_record

SCANNED_PER_SIDE = 3000  # problem rows looked at on each side of the time, by one probe
TAKEN_NEAR = 250  # best of them, by the window proper
TAKEN_SHIFTED = 60  # best of them, by the window of another time zone
TAKEN_OF_KEY = 150
TAKEN_BY_ID = 60
TAKEN_LATE = 20
LATE_MS = 30_000
LATE_REACH_MINUTES = 15  # a success may be logged this long before the client's time of giving up
ZONES = (-8, 8)
MORE_ZONES = (-9, -7, -5, -4, -1, 1, 4, 5, 7, 9)  # tried when the user asks for a wider search
MOST_IDS = 8
_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000
_REACH_MS = 12 * _HOUR_MS
_SHORTEST_WORD = 2
ALIKE = 0.75  # of the best row's likeness: when even the last row taken has it, rows as good were cut off
_COLUMNS = log_record.c


@dataclass(frozen=True, slots=True)
class _Window:
    """A span of time and the moment in it from which records are taken, nearest first; epoch milliseconds."""

    low: int
    centre: int
    high: int


@dataclass(frozen=True, slots=True)
class _Probe:
    """One bounded search: rows that meet `condition` in the window, the `taken` best of those scanned."""

    condition: ColumnElement[bool]
    window: _Window
    taken: int
    scanned: int = SCANNED_PER_SIDE


def candidates(engine: Engine, evidence: Evidence, widen: int = 1, hints: SearchHints = NO_HINTS) -> Candidates:
    """Records by id, by key and by likeness near the stated time (or the newest, when no time is stated)."""
    with engine.connect() as connection:
        found = _by_ids(connection, evidence)
        likeness = _likeness(evidence, hints).label("likeness")
        capped = False
        for probe in _probes(connection, evidence, widen):
            rows = _run(connection, probe, likeness)
            capped = capped or (probe.taken == TAKEN_NEAR and _is_cut(connection, probe, rows))
            found.extend(rows)
        found.extend(_late_successes(connection, evidence, widen))
        return Candidates(_distinct(found), capped, _covers(connection, evidence))


def _by_ids(connection: Connection, evidence: Evidence) -> list[Row[tuple[object, ...]]]:
    """Rows whose request, action or task id the report quotes, whatever their outcome or time."""
    quoted = [evidence.request_id, *sorted(quoted_ids(evidence.error_text or ""))]
    ids = [value for value in quoted if value][:MOST_IDS]
    conditions: list[ColumnElement[bool]] = [_COLUMNS.request_id.in_(ids), _COLUMNS.action_id.in_(ids)] if ids else []
    if evidence.task_id:
        conditions.append(and_(_COLUMNS.task_id == evidence.task_id, HAS_TASK))
    rows: list[Row[tuple[object, ...]]] = []
    for condition in conditions:  # one indexed look-up each: an OR over two indexes tempts planners into a scan
        rows.extend(connection.execute(select(log_record).where(condition).limit(TAKEN_BY_ID)).all())
    return rows


def _probes(connection: Connection, evidence: Evidence, widen: int) -> list[_Probe]:
    """By key over every zone, by likeness in the window proper, by likeness in the likelier zones."""
    centre = _centre(connection, evidence)
    if centre is None:
        return []
    reach = int(half_window(evidence, widen) * _MINUTE_MS)
    wide = reach + FURTHEST_ZONE * _HOUR_MS
    near = _around(centre, reach) if evidence.request_time else _Window(0, centre, centre)
    of_key = _around(centre, wide) if evidence.request_time else near
    probes = [_Probe(condition, of_key, TAKEN_OF_KEY) for condition in _key_conditions(evidence)]
    probes.append(_Probe(true(), near, TAKEN_NEAR))
    zones = () if evidence.request_time is None else ZONES if widen == 1 else ZONES + MORE_ZONES
    probes.extend(_Probe(true(), _around(centre + hours * _HOUR_MS, reach), TAKEN_SHIFTED, SCANNED_PER_SIDE // 2) for hours in zones)
    return probes


def _centre(connection: Connection, evidence: Evidence) -> int | None:
    """The stated time; without one, the newest problem. None: the log has no problems."""
    if evidence.request_time is not None:
        return int(evidence.request_time.timestamp() * 1000)
    newest = connection.execute(select(func.max(_COLUMNS.started_at)).where(NOT_OK)).scalar()
    return None if newest is None else newest + 1


def _around(centre: int, reach: int) -> _Window:
    return _Window(centre - reach, centre, centre + reach)


def _key_conditions(evidence: Evidence) -> list[ColumnElement[bool]]:
    """One indexed condition per way the key is known."""
    conditions: list[ColumnElement[bool]] = []
    if evidence.key.fingerprint:
        conditions.append(_COLUMNS.key_fingerprint == bytes.fromhex(evidence.key.fingerprint))
    if evidence.key.last4:
        conditions.append(_COLUMNS.key_last4 == evidence.key.last4)
    return conditions


def _run(connection: Connection, probe: _Probe, likeness: ColumnElement[int]) -> Sequence[Row[tuple[object, ...]]]:
    """The rows most like the report among those nearest to the time."""
    distance = func.abs(_COLUMNS.started_at - literal(probe.window.centre))
    best = select(log_record, likeness).where(_COLUMNS.id.in_(_nearest(probe)))
    return connection.execute(best.order_by(likeness.desc(), distance, _COLUMNS.id).limit(probe.taken)).all()


def _nearest(probe: _Probe) -> CompoundSelect[tuple[int]]:
    """Ids of the rows on both sides of the moment, each side bounded on its index before anything is compared."""
    window = probe.window
    time = _COLUMNS.started_at
    before = _side(probe, and_(time >= window.low, time < window.centre)).order_by(time.desc()).limit(probe.scanned).subquery()
    after = _side(probe, and_(time >= window.centre, time <= window.high)).order_by(time).limit(probe.scanned).subquery()
    return union_all(select(before.c.id), select(after.c.id))


def _side(probe: _Probe, span: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(_COLUMNS.id).where(NOT_OK, probe.condition, span)


def _is_cut(connection: Connection, probe: _Probe, rows: Sequence[Row[tuple[object, ...]]]) -> bool:
    """Whether rows as like the report as those taken may have been left out."""
    if len(rows) < probe.taken:
        return False
    likeness = [row._mapping["likeness"] for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for the row as a mapping
    if likeness[-1] >= ALIKE * likeness[0]:
        return True
    scanned = connection.execute(select(func.count()).select_from(_nearest(probe).subquery())).scalar() or 0
    return scanned >= 2 * probe.scanned


def _likeness(evidence: Evidence, hints: SearchHints) -> ColumnElement[int]:
    """A rough score in SQL, so that every known discriminator works before the cap; the exact one comes later."""
    terms = [
        _when(_COLUMNS.status_code == evidence.status_code, 4) if evidence.status_code is not None else None,
        _when(_COLUMNS.stream == evidence.stream, 2) if evidence.stream is not None else None,
        *_key_terms(evidence),
        *_model_terms(evidence, hints),
        *_client_terms(evidence, hints),
        *_word_terms(_COLUMNS.error_message, fragments(evidence.error_text or ""), 8),
    ]
    known = [term for term in terms if term is not None]
    score: ColumnElement[int] = literal(0)
    for term in known:
        score = score + term
    return score


def _key_terms(evidence: Evidence) -> list[ColumnElement[int]]:
    """The key, and an ending written with its characters out of order."""
    terms = []
    if evidence.key.fingerprint:
        terms.append(_when(_COLUMNS.key_fingerprint == bytes.fromhex(evidence.key.fingerprint), 12))
    if evidence.key.last4:
        slips = sorted({"".join(order) for order in permutations(evidence.key.last4)})
        terms.append(_when(_COLUMNS.key_last4 == evidence.key.last4, 6))
        terms.append(_when(_COLUMNS.key_last4.in_(slips), 6))
    return terms


def _model_terms(evidence: Evidence, hints: SearchHints) -> list[ColumnElement[int]]:
    """The canonical name at the beginning of the logged one; without it, the user's words anywhere."""
    if not hints.model:
        return _word_terms(_COLUMNS.model_requested, _words(evidence.model), 3)
    logged = func.lower(_COLUMNS.model_requested)
    begins = _when(logged.startswith(hints.model, autoescape=True), 4)
    return [begins, _when(logged == hints.model, 2), *_word_terms(_COLUMNS.model_requested, _words(evidence.model), 1)]


def _client_terms(evidence: Evidence, hints: SearchHints) -> list[ColumnElement[int]]:
    """Any of the user agents the client may send; without them, the user's words anywhere."""
    if not hints.agents:
        return _word_terms(_COLUMNS.client, _words(evidence.client), 2)
    logged = func.lower(_COLUMNS.client)
    return [_when(or_(*(logged.startswith(agent, autoescape=True) for agent in hints.agents)), 4)]


def _word_terms(column: ColumnElement[str], words: Sequence[str], points: int) -> list[ColumnElement[int]]:
    """Points in proportion to how many of the words the column holds."""
    text = func.lower(column)
    return [_when(text.contains(word, autoescape=True), max(points * 2 // len(words), 1)) for word in words]


def _when(condition: ColumnElement[bool], points: int) -> ColumnElement[int]:
    return case((condition, points), else_=0)


def _words(text: str | None) -> tuple[str, ...]:
    """Lower-case runs of letters and of digits, as models and clients are named with."""
    if not text:
        return ()
    marks = "".join(character if character.isalnum() else " " for character in text.lower())
    return tuple(dict.fromkeys(word for word in marks.split() if len(word) >= _SHORTEST_WORD))[:6]


def _late_successes(connection: Connection, evidence: Evidence, widen: int) -> Sequence[Row[tuple[object, ...]]]:
    """Slow successes of the report's key: what a gateway logs after the client has given up."""
    if not (evidence.key.fingerprint and evidence.request_time and says_timeout(evidence)):
        return ()
    centre = int(evidence.request_time.timestamp() * 1000)
    reach = int(half_window(evidence, widen) * _MINUTE_MS)
    of_key = _COLUMNS.key_fingerprint == bytes.fromhex(evidence.key.fingerprint)
    span = _COLUMNS.started_at.between(centre - reach - LATE_REACH_MINUTES * _MINUTE_MS, centre + reach)
    late = select(log_record).where(of_key, span, _COLUMNS.latency_ms > LATE_MS, _COLUMNS.outcome == "ok")
    return connection.execute(late.order_by(_COLUMNS.started_at.desc()).limit(TAKEN_LATE)).all()


def _covers(connection: Connection, evidence: Evidence) -> bool:
    """Whether the log reaches the stated time: its first and last rows enclose it, or problems stand near it."""
    orders = (_COLUMNS.id, _COLUMNS.id.desc())
    found = [connection.execute(select(_COLUMNS.started_at).order_by(order).limit(1)).scalar() for order in orders]
    ends = [end for end in found if end is not None]
    if not ends or evidence.request_time is None:
        return bool(ends)
    at = int(evidence.request_time.timestamp() * 1000)
    if min(ends) - _HOUR_MS <= at <= max(ends) + _HOUR_MS:
        return True
    near = select(_COLUMNS.id).where(NOT_OK, _COLUMNS.started_at.between(at - _REACH_MS, at + _REACH_MS)).limit(1)
    return connection.execute(near).first() is not None


def _distinct(rows: Iterable[Row[tuple[object, ...]]]) -> tuple[RedactedRecord, ...]:
    """Each record once; several probes find the same."""
    unique = {row._mapping["id"]: row for row in rows}  # noqa: SLF001 - SQLAlchemy's public name for the row as a mapping
    return tuple(row_to_record(row) for row in unique.values())
