"""Find the records a ticket may be about in a ClickHouse log: one query over the order of the table, whatever is known.

The same probes, bounds and likeness as on the SQL engines; here they are columns of one scan, which reads the problems
of the windows once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.evidence import Evidence
from app.core.matching import NO_BACKGROUND, Background, SearchHints
from app.core.matching.comparison import LATE_AFTER_MS, says_timeout
from app.core.matching.error_text import quoted_ids
from app.core.matching.time_fit import FURTHEST_ZONE, half_window
from app.store import logs_candidates as sql
from app.store import logs_probes
from app.store.logs import Candidates
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_reads import Place, records_at
from app.store.logs_likeness import AGENTS, FRAGMENTS, MODEL_WORDS, likeness_values

_HOUR_MS, _MINUTE_MS = 3_600_000, 60_000
_REACH_MS = 12 * _HOUR_MS
_KEY, _TAIL = "key_fingerprint = unhex({fingerprint:String})", "key_last4 = {tail:String}"


@dataclass(frozen=True, slots=True)
class Probe:
    """Problems in a span, nearest first to its centre; `taken` of them, the most alike. `low` is a number or a scalar query."""

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
    """What the scan says of a row: which probe met it, where it stands, how like it is, and how many rows the probe saw."""

    probe: int
    place: Place
    likeness: int
    scanned: int


def candidates(engine: ClickHouse, evidence: Evidence, widen: int, hints: SearchHints) -> Candidates:
    """Records by id, by key and by likeness near the stated time (or the newest, when no time is stated)."""
    centre = _centre(engine, evidence)
    probes = list(_probes(evidence, centre, widen)) if centre is not None else []
    found = _scan(engine, probes, likeness_values(evidence, hints)) if probes else []
    places = [*_by_ids(engine, evidence, widen), *(row.place for row in found)]
    near = [row for row in found if row.probe == 0]
    capped, background = False, NO_BACKGROUND
    if len(near) == sql.TAKEN_NEAR:
        capped, background = _is_cut(near), _background(engine, probes[0])
    return Candidates(tuple(records_at(engine, places)), capped, _covers(engine, evidence), background)


def _centre(engine: ClickHouse, evidence: Evidence) -> int | None:
    """The stated time; without one, just after the newest problem. None: the log has no problems."""
    if evidence.request_time is not None:
        return int(evidence.request_time.timestamp() * 1000)
    newest = engine.value("SELECT started_at FROM log_record WHERE problem = 1 ORDER BY started_at DESC LIMIT 1")
    return None if newest is None else int(newest) + 1


def _probes(evidence: Evidence, centre: int, widen: int) -> Iterator[Probe]:
    """The window proper first; then the key over every time zone; then the zones people forget."""
    if evidence.request_time is None:
        yield Probe(_nearest_before(centre), centre, centre, sql.TAKEN_NEAR)
        yield from _of_key(evidence, lambda condition: _nearest_before(centre, condition), centre, centre)
        return
    reach = _reach(evidence, widen)
    yield Probe(f"{centre - reach:d}", centre, centre + reach, sql.TAKEN_NEAR)
    wide = reach + FURTHEST_ZONE * _HOUR_MS
    yield from _of_key(evidence, lambda _condition: f"{centre - wide:d}", centre, centre + wide)
    for hours in sql.ZONES if widen == 1 else sql.ZONES + sql.MORE_ZONES:
        shifted = centre + hours * _HOUR_MS
        yield Probe(f"{shifted - reach:d}", shifted, shifted + reach, sql.TAKEN_SHIFTED)


def _of_key(evidence: Evidence, low: Any, centre: int, high: int) -> Iterator[Probe]:
    if evidence.key.fingerprint:
        yield Probe(low(_KEY), centre, high, sql.TAKEN_OF_KEY, _KEY)
    if evidence.key.last4:
        yield Probe(low(_TAIL), centre, high, sql.TAKEN_OF_KEY, _TAIL)


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
    query = f"SELECT probe, started_at, record_id, likeness, scanned FROM ({placed}) WHERE rank <= {taken}[probe + 1] ORDER BY probe, rank"
    return [_Found(int(row[0]), (int(row[1]), row[2]), int(row[3]), int(row[4])) for row in engine.rows(query, _parameters(values))]


def _likeness(values: Mapping[str, Any]) -> str:
    """Points for each thing that is known and agrees: the same as logs_likeness gives."""
    terms = [
        (12, _KEY, values["fingerprint"]),
        (6, _TAIL, values["tail"]),
        (6, "key_last4 IN {slips:Array(String)}", values["slips"]),
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
    return known | ({"fingerprint": known["fingerprint"].hex()} if "fingerprint" in known else {})


def _is_cut(near: Sequence[_Found]) -> bool:
    """Whether a probe that took as many rows as it may has left out rows as like the report."""
    return near[-1].likeness >= logs_probes.ALIKE * near[0].likeness or near[0].scanned >= 2 * logs_probes.SCANNED_PER_SIDE


def _background(engine: ClickHouse, near: Probe) -> Background:
    """Some of the problems in the window, evenly spread over it, and how many there are."""
    inside = f"problem = 1 AND sign = 1 AND {near.rows}"
    total = int(engine.value(f"SELECT sum(sign) FROM log_record WHERE problem = 1 AND {near.rows}"))
    step = total // logs_probes.SAMPLED + 1
    placed = f"SELECT started_at, record_id, row_number() OVER (ORDER BY started_at, record_id) AS nth FROM log_record WHERE {inside}"
    rows = engine.rows(f"SELECT started_at, record_id FROM ({placed}) WHERE nth % {step} = 0")
    return Background(tuple(records_at(engine, [(int(at), record_id) for at, record_id in rows])), total)


def _by_ids(engine: ClickHouse, evidence: Evidence, widen: int) -> list[Place]:
    """Places by the ids the report quotes, and of the key's slow successes: what is logged after a client has given up."""
    quoted = [evidence.request_id, *sorted(quoted_ids(evidence.error_text or ""))]
    ids = [value for value in quoted if value][: sql.MOST_IDS]
    parts = [(f"`{name}` IN {{ids:Array(String)}}", sql.TAKEN_BY_ID) for name in ("request_id", "action_id")] if ids else []
    parts += [("task_id = {task:String}", sql.TAKEN_BY_ID)] if evidence.task_id else []
    parts += _late_successes(evidence, widen)
    if not parts:
        return []
    selects = [
        f"SELECT started_at, record_id FROM log_record WHERE sign = 1 AND {condition} ORDER BY started_at DESC LIMIT {limit:d}"
        for condition, limit in parts
    ]
    query = " UNION ALL ".join(f"SELECT * FROM ({one})" for one in selects)
    parameters = {"ids": ids, "task": evidence.task_id or "", "fingerprint": evidence.key.fingerprint or ""}
    return [(int(at), record_id) for at, record_id in engine.rows(query, parameters)]


def _late_successes(evidence: Evidence, widen: int) -> list[tuple[str, int]]:
    if not (evidence.key.fingerprint and evidence.request_time and says_timeout(evidence)):
        return []
    at, reach = int(evidence.request_time.timestamp() * 1000), _reach(evidence, widen)
    low = at - reach - sql.LATE_REACH_MINUTES * _MINUTE_MS
    return [
        (f"problem = 0 AND {_KEY} AND started_at BETWEEN {low:d} AND {at + reach:d} AND latency_ms > {LATE_AFTER_MS:d}", sql.TAKEN_LATE)
    ]


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
