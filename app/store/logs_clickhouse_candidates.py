"""Find the records a ticket may be about in a ClickHouse log: one query over the order of the table, whatever is known.

The same probes, bounds and likeness as on the SQL engines; here they are columns of one scan, which reads the problems
of the windows once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.core.evidence import Evidence
from app.core.matching import NO_BACKGROUND, Background, SearchHints
from app.core.matching.comparison import LATE_AFTER_MS, says_timeout
from app.core.matching.error_text import quoted_ids
from app.core.matching.time_fit import FURTHEST_ZONE, half_window
from app.core.record import RedactedRecord
from app.store import logs_candidates as sql
from app.store import logs_probes
from app.store.logs import Candidates
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_reads import Place, records_at, request
from app.store.logs_likeness import AGENTS, FRAGMENTS, MODEL_WORDS, attainable, likeness_values, said_of

_HOUR_MS, _MINUTE_MS = 3_600_000, 60_000
_REACH_MS = 12 * _HOUR_MS
_KEY, _TAIL = "key_fingerprint = unhex({fingerprint:String})", "key_last4 = {tail:String}"


class By(Enum):
    """What a probe is for."""

    TIME = "the window proper"
    KEY = "the key's own"
    TAIL = "the key's ending"
    ZONE = "the window in another zone"


@dataclass(frozen=True, slots=True)
class Probe:
    """Problems in a span, nearest first to its centre; `taken` of them, the most alike. `low` is a number or a scalar query."""

    by: By
    low: str
    centre: int
    high: int
    taken: int
    condition: str = "1"

    @property
    def rows(self) -> str:
        """Which rows it looks through."""
        return f"(started_at >= {self.low} AND started_at <= {self.high:d} AND ifNull({self.condition}, 0))"


@dataclass(frozen=True, slots=True)
class _Found:
    """What the scan says of a row: which probe met it, where it stands, how like and how near it is, how many rows the probe saw."""

    by: By
    place: Place
    likeness: int
    distance: int
    scanned: int


def candidates(engine: ClickHouse, evidence: Evidence, widen: int, hints: SearchHints) -> Candidates:
    """Records by id, by key and by likeness near the stated time (or the newest, when no time is stated)."""
    places = _by_ids(engine, evidence)
    by_ids = records_at(engine, places)
    if sql.is_the_one(by_ids, evidence):
        attempts = [record for one in by_ids[:1] for record in request(engine, one.action_id)]
        return Candidates(_distinct([*by_ids, *attempts]), capped=False, log_has_records=True)
    centre, values = _centre(engine, evidence), likeness_values(evidence, hints)
    probes = list(_probes(evidence, centre, widen, said_of(values))) if centre is not None else []
    found = _scan(engine, probes, values) if probes else []
    taken, capped, is_cut = _needed(evidence, centre or 0, widen, said_of(values), found)
    background = _background(engine, probes[0]) if is_cut else NO_BACKGROUND
    records = records_at(engine, [*places, *(row.place for row in taken), *_late_successes(engine, evidence, widen)])
    return Candidates(tuple(records), capped, _covers(engine, evidence), background)


def _needed(
    evidence: Evidence, centre: int, widen: int, said: frozenset[str], found: Sequence[_Found]
) -> tuple[Sequence[_Found], bool, bool]:
    """What of the scan is looked at, as on the SQL engines; whether more is as alike, and whether anything was left out."""
    by = {each: [row for row in found if row.by is each] for each in By}
    near, low, high = by[By.TIME], *sql.near_span(evidence, centre, widen)
    of_key = _rivals_of_key(by[By.KEY] or by[By.TAIL], high - centre or centre)
    decisive = [low <= row.place[0] <= high and row.likeness >= sql.DECIDES * attainable(said) for row in of_key]
    if any(decisive) and near and near[0].scanned > sql.FEW:
        return of_key, len(of_key) == sql.TAKEN_OF_KEY and decisive[-1], True
    is_cut = len(near) == sql.TAKEN_NEAR
    taken = _rivals(near, sql.TAKEN_NEAR)
    shifted = sorted(by[By.ZONE], key=lambda row: (-row.likeness, row.distance))[: sql.TAKEN_SHIFTED]
    others = of_key or _rivals(shifted, sql.TAKEN_SHIFTED, alike=near[0].likeness if near else 0)
    return [*taken, *others], is_cut and _is_capped(near, timed=evidence.request_time is not None), is_cut


def _rivals(rows: Sequence[_Found], most: int, alike: int = 0) -> Sequence[_Found]:
    """Of as many as may be taken, those with a chance beside the most alike, and beside the one in time that is so much `alike`."""
    if len(rows) < most:
        return rows
    least = max(rows[0].likeness - logs_probes.SLACK, alike - logs_probes.RIVAL)
    return [row for row in rows if row.likeness >= least]


def _rivals_of_key(rows: Sequence[_Found], reach: int) -> Sequence[_Found]:
    """The same of a key's own: those in time, unless they are many, and those out of time that rival them."""
    if len(rows) < logs_probes.FEW_OF_KEY:
        return rows
    in_time = [row for row in rows if row.distance <= reach]
    best = max((row.likeness for row in in_time), default=0)
    near = rows[0].likeness - logs_probes.SLACK
    kept = set() if len(rows) == sql.TAKEN_OF_KEY else set(in_time)
    rivals = (row for row in rows if row.likeness >= near and (row.distance <= reach or row.likeness >= best - logs_probes.RIVAL))
    kept.update(rivals)
    return [row for row in rows if row in kept]


def _centre(engine: ClickHouse, evidence: Evidence) -> int | None:
    """The stated time; without one, just after the newest problem. None: the log has no problems."""
    if evidence.request_time is not None:
        return int(evidence.request_time.timestamp() * 1000)
    newest = engine.value("SELECT started_at FROM log_record WHERE problem = 1 ORDER BY started_at DESC LIMIT 1")
    return None if newest is None else int(newest) + 1


def _probes(evidence: Evidence, centre: int, widen: int, said: frozenset[str]) -> Iterator[Probe]:
    """The window proper first; then the key over every time zone; then the zones people forget."""
    if evidence.request_time is None:
        yield Probe(By.TIME, _nearest_before(centre), centre, centre, sql.TAKEN_NEAR)
        yield from _of_key(evidence, lambda condition: _nearest_before(centre, condition), centre, centre)
        return
    reach = _reach(evidence, widen)
    yield Probe(By.TIME, f"{centre - reach:d}", centre, centre + reach, sql.TAKEN_NEAR)
    wide = reach + FURTHEST_ZONE * _HOUR_MS
    yield from _of_key(evidence, lambda _condition: f"{centre - wide:d}", centre, centre + wide)
    required = sql.required_elsewhere(said)
    if required is None:
        return
    for hours in sql.ZONES if widen == 1 else sql.ZONES + sql.MORE_ZONES:
        shifted = centre + hours * _HOUR_MS
        yield Probe(By.ZONE, f"{shifted - reach:d}", shifted, shifted + reach, sql.TAKEN_SHIFTED, _REQUIRED[required])


def _of_key(evidence: Evidence, low: Any, centre: int, high: int) -> Iterator[Probe]:
    if evidence.key.fingerprint:
        yield Probe(By.KEY, low(_KEY), centre, high, sql.TAKEN_OF_KEY, _KEY)
    if evidence.key.last4:
        yield Probe(By.TAIL, low(_TAIL), centre, high, sql.TAKEN_OF_KEY, _TAIL)


def _nearest_before(centre: int, condition: str = "1") -> str:
    """How far back to look when no time is stated: as far as as many problems reach as one side may have."""
    before = f"problem = 1 AND started_at < {centre:d} AND ifNull({condition}, 0)"
    newest = f"SELECT started_at FROM log_record WHERE {before} ORDER BY started_at DESC LIMIT {logs_probes.SCANNED_PER_SIDE:d}"
    return f"(SELECT min(started_at) FROM ({newest}))"


def _reach(evidence: Evidence, widen: int) -> int:
    return int(half_window(evidence, widen) * _MINUTE_MS)


def _scan(engine: ClickHouse, probes: Sequence[Probe], values: Mapping[str, Any]) -> list[_Found]:
    """One scan of all windows: each probe's nearest rows on both sides, and of those the most alike."""
    centres, taken = [probe.centre for probe in probes], [probe.taken for probe in probes]
    met = ", ".join(f"if({probe.rows}, {number}, -1)" for number, probe in enumerate(probes))
    scored = (
        f"SELECT started_at, record_id, {_likeness(values)} AS likeness, arrayJoin(arrayFilter(n -> n >= 0, [{met}])) AS probe, "
        f"{centres}[probe + 1] AS centre, abs(started_at - centre) AS distance "
        f"FROM log_record WHERE problem = 1 AND sign = 1 AND ({' OR '.join(probe.rows for probe in probes)})"
    )
    order = "ORDER BY distance, record_id"
    nearest = f"SELECT *, row_number() OVER (PARTITION BY probe, started_at < centre {order}) AS nth FROM ({scored})"
    best = "PARTITION BY probe ORDER BY likeness DESC, distance, record_id"
    placed = (
        f"SELECT *, row_number() OVER ({best}) AS rank, count() OVER (PARTITION BY probe) AS scanned "
        f"FROM ({nearest}) WHERE nth <= {logs_probes.SCANNED_PER_SIDE:d}"
    )
    columns = "probe, started_at, record_id, likeness, distance, scanned"
    query = f"SELECT {columns} FROM ({placed}) WHERE rank <= {taken}[probe + 1] ORDER BY probe, rank"
    rows = engine.rows(query, _parameters(values))
    return [_Found(probes[int(probe)].by, (int(at), record_id), *map(int, figures)) for probe, at, record_id, *figures in rows]


def _likeness(values: Mapping[str, Any]) -> str:
    """Points for each thing that is known and agrees: the same as logs_likeness gives."""
    terms = [
        (12, _KEY, values["fingerprint"]),
        (6, _TAIL, values["tail"]),
        (6, "key_last4 IN {slips:Array(String)}", values["slip_0"]),
        (4, "status_code = {status:Int64}", values["status"] is not None),
        (2, "stream = {stream:Bool}", values["stream"] is not None),
        (4, _like("model_requested", "model"), values["model"]),
        (2, "lowerUTF8(model_requested) = {model_exact:String}", values["model_exact"]),
        *((1, _like("model_requested", f"model_word_{n}"), values[f"model_word_{n}"]) for n in range(MODEL_WORDS)),
        (4, _any_agent(values), values["agent_0"]),
        *((3, _like("error_message", f"fragment_{n}"), values[f"fragment_{n}"]) for n in range(FRAGMENTS)),
    ]
    return " + ".join(["toInt32(0)", *(f"{points} * ifNull({test}, 0)" for points, test, known in terms if known)])


def _any_agent(values: Mapping[str, Any]) -> str:
    tests = [_like("client", f"agent_{n}") for n in range(AGENTS) if values[f"agent_{n}"]]
    return f"({' OR '.join(tests)})"


def _like(column: str, name: str) -> str:
    return f"lowerUTF8({column}) LIKE {{{name}:String}}"


def _parameters(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the client sends them; unknown ones are not asked for."""
    known = {name: value for name, value in values.items() if value is not None}
    known["slips"] = [known.pop(name) for name in list(known) if name.startswith("slip_")]
    return known | ({"fingerprint": known["fingerprint"].hex()} if "fingerprint" in known else {})


def _is_capped(near: Sequence[_Found], *, timed: bool) -> bool:
    """Whether a probe that took as many rows as it may has left out rows as like the report."""
    looked_at = logs_probes.SCANNED_PER_SIDE * (2 if timed else 1)
    return near[-1].likeness >= sql.ALIKE * near[0].likeness or near[0].scanned >= looked_at


def _background(engine: ClickHouse, near: Probe) -> Background:
    """Some of the problems in the window, evenly spread over it, and how many there are."""
    inside = f"problem = 1 AND sign = 1 AND {near.rows}"
    total = int(engine.value(f"SELECT sum(sign) FROM log_record WHERE problem = 1 AND {near.rows}"))
    step = total // logs_probes.SAMPLED + 1
    placed = f"SELECT started_at, record_id, row_number() OVER (ORDER BY started_at, record_id) AS nth FROM log_record WHERE {inside}"
    rows = engine.rows(f"SELECT started_at, record_id FROM ({placed}) WHERE nth % {step} = 0")
    return Background(tuple(records_at(engine, [(int(at), record_id) for at, record_id in rows])), total)


def _by_ids(engine: ClickHouse, evidence: Evidence) -> list[Place]:
    """Places by the ids the report quotes."""
    quoted = [evidence.request_id, *sorted(quoted_ids(evidence.error_text or ""))]
    ids = [value for value in quoted if value][: sql.MOST_IDS]
    parts = [f"`{name}` IN {{ids:Array(String)}}" for name in ("request_id", "action_id")] if ids else []
    parts += ["task_id = {task:String}"] if evidence.task_id else []
    if not parts:
        return []
    selects = (
        f"SELECT * FROM (SELECT started_at, record_id FROM log_record WHERE sign = 1 AND {condition} "
        f"ORDER BY started_at DESC LIMIT {sql.TAKEN_BY_ID:d})"
        for condition in parts
    )
    rows = engine.rows(" UNION ALL ".join(selects), {"ids": ids, "task": evidence.task_id or ""})
    return [(int(at), record_id) for at, record_id in rows]


def _late_successes(engine: ClickHouse, evidence: Evidence, widen: int) -> list[Place]:
    """Of the key's slow successes: what is logged after a client has given up."""
    if not (evidence.key.fingerprint and evidence.request_time and says_timeout(evidence)):
        return []
    at, reach = int(evidence.request_time.timestamp() * 1000), _reach(evidence, widen)
    low = at - reach - sql.LATE_REACH_MINUTES * _MINUTE_MS
    late = f"problem = 0 AND {_KEY} AND started_at BETWEEN {low:d} AND {at + reach:d} AND latency_ms > {LATE_AFTER_MS:d}"
    query = f"SELECT started_at, record_id FROM log_record WHERE sign = 1 AND {late} ORDER BY started_at DESC LIMIT {sql.TAKEN_LATE:d}"
    return [(int(at), record_id) for at, record_id in engine.rows(query, {"fingerprint": evidence.key.fingerprint})]


def _covers(engine: ClickHouse, evidence: Evidence) -> bool:
    """Whether the log reaches the stated time: its first and last records enclose it, or problems stand near it."""
    count, first, last = engine.rows("SELECT count(), min(started_at), max(started_at) FROM log_record")[0]
    if not count or evidence.request_time is None:
        return bool(count)
    at = int(evidence.request_time.timestamp() * 1000)
    if first - _HOUR_MS <= at <= last + _HOUR_MS:
        return True
    near = f"SELECT 1 FROM log_record WHERE problem = 1 AND started_at BETWEEN {at - _REACH_MS:d} AND {at + _REACH_MS:d} LIMIT 1"
    return bool(engine.rows(near))


def _distinct(records: Sequence[RedactedRecord]) -> tuple[RedactedRecord, ...]:
    return tuple({record.record_id: record for record in records}.values())


_REQUIRED = {
    "status": "status_code = {status:Int64}",
    "model": _like("model_requested", "model"),
    "fragment_0": _like("error_message", "fragment_0"),
}
