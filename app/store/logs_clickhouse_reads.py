"""Records of a ClickHouse log: by place, by id, newest first, and all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.core.attempts import join_attempts
from app.core.log_filter import BY_BEGINNING, FIELDS_OF, IN_ERROR, Cursor, LogFilter, LogPage, Shown
from app.core.record import RedactedRecord
from app.store import logs_find
from app.store.logs_clickhouse_engine import ClickHouse
from app.store.logs_clickhouse_rows import SELECTED, live, record_of, records_of

MOST_ATTEMPTS = 200
WALKED_AT_ONCE = 20_000
SPARE = 50  # rows read beyond those asked for, since some may have been corrected or taken out
HEX_LENGTH = 32
_NEWEST_FIRST = "ORDER BY started_at DESC, record_id DESC"

Place = tuple[int, bytes]  # when a record began and its identity: the order in which rows are kept


def rows_at(engine: ClickHouse, places: Iterable[Place]) -> list[Sequence[Any]]:
    """What is left at some places (a few hundred)."""
    wanted = sorted(set(places))
    if not wanted:
        return []
    pairs = ", ".join(f"({at:d}, unhex('{record_id.hex()}'))" for at, record_id in wanted)
    span = f"started_at BETWEEN {wanted[0][0]:d} AND {wanted[-1][0]:d}"
    query = f"SELECT {SELECTED} FROM log_record WHERE {span} AND (started_at, record_id) IN ({pairs})"
    return live(engine.rows(query, settings={"use_skip_indexes": 0}))


def records_at(engine: ClickHouse, places: Sequence[Place]) -> list[RedactedRecord]:
    """The records at some places, in the order of the places."""
    found = {row[1]: row for row in rows_at(engine, places)}
    return [record_of(found[record_id]) for _at, record_id in dict.fromkeys(places) if record_id in found]


def places(engine: ClickHouse, conditions: str, parameters: Mapping[str, Any], limit: int = MOST_ATTEMPTS) -> list[Place]:
    """Where rows stand of which `conditions` are true. A corrected record may have been what was asked for, and be it no more."""
    query = f"SELECT started_at, record_id FROM log_record WHERE sign = 1 AND ({conditions}) LIMIT {limit:d}"
    return [(int(at), record_id) for at, record_id in engine.rows(query, parameters)]


def request(engine: ClickHouse, request_id: str) -> tuple[RedactedRecord, ...]:
    """Every attempt of the action this id belongs to, joined, oldest first. The action's own id will do."""
    own = places(engine, "request_id = {id:String}", {"id": request_id})
    actions = sorted({record.action_id for record in records_at(engine, own) if record.request_id == request_id} | {request_id})
    found = records_at(engine, places(engine, "action_id IN {ids:Array(String)}", {"ids": actions}))
    return join_attempts(record for record in found if record.action_id in actions)


def records(engine: ClickHouse, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
    """Records by identity, in the order asked; unknown ones left out."""
    wanted = [record_id for record_id in record_ids if _is_identity(record_id)]
    condition = "record_id IN (SELECT toFixedString(unhex(arrayJoin({ids:Array(String)})), 16))"
    spots = places(engine, condition, {"ids": wanted}, 2 * len(wanted) + SPARE) if wanted else []
    known = {record.record_id: record for record in records_at(engine, spots)}
    return tuple(known[record_id] for record_id in record_ids if record_id in known)


def find(engine: ClickHouse, chosen: LogFilter, limit: int, cursor: Cursor | None) -> LogPage:
    """The next records the filter wants; the words are compared within a bounded number of rows."""
    conditions, parameters = _scanned(chosen, cursor)
    words, of_words = _words(chosen)
    scanned = f"SELECT * FROM log_record WHERE {conditions} {_NEWEST_FIRST} LIMIT {logs_find.MOST_SCANNED:d}"
    query = f"SELECT started_at, record_id FROM ({scanned}) WHERE sign = 1 AND {words} {_NEWEST_FIRST} LIMIT {limit + SPARE:d}"
    spots = [(int(at), record_id) for at, record_id in engine.rows(query, {**parameters, **of_words})]
    found = [record for record in records_at(engine, spots) if chosen.wants(record)][:limit]
    if len(found) == limit:
        return LogPage(tuple(found), Cursor(found[-1].started_at, found[-1].record_id))
    if len(spots) == limit + SPARE:
        return LogPage(tuple(found), Cursor(spots[-1][0], spots[-1][1].hex()))
    last = f"SELECT started_at, record_id FROM log_record WHERE {conditions} {_NEWEST_FIRST} LIMIT 1 OFFSET {logs_find.MOST_SCANNED - 1:d}"
    rows = engine.rows(last, parameters)
    return LogPage(tuple(found), Cursor(int(rows[0][0]), rows[0][1].hex()) if rows else None)


def walk(engine: ClickHouse, size: int) -> Iterator[tuple[RedactedRecord, ...]]:
    """Every record by the time it began, `size` at a time; no query stays open in between."""
    at_once, last = max(size, WALKED_AT_ONCE), (-(2**62), bytes(16))
    kept: list[RedactedRecord] = []
    while True:
        rows, is_end = _after(engine, last, at_once)
        kept += records_of(rows)
        while len(kept) >= size:
            yield tuple(kept[:size])
            kept = kept[size:]
        if is_end:
            break
        last = (int(rows[-1][0]), rows[-1][1])
    if kept:
        yield tuple(kept)


def count(engine: ClickHouse) -> int:
    """How many records are stored."""
    return int(engine.value("SELECT sum(sign) FROM log_record") or 0)


def _after(engine: ClickHouse, last: Place, asked: int) -> tuple[Sequence[Any], bool]:
    """The rows behind a place, and whether they are the last ones."""
    behind = "started_at >= {at:Int64} AND (started_at > {at:Int64} OR record_id > unhex({id:String}))"
    query = f"SELECT {SELECTED} FROM log_record WHERE {behind} ORDER BY started_at, record_id LIMIT {asked:d}"
    return _whole(engine.rows(query, {"at": last[0], "id": last[1].hex()}), asked)


def _whole(rows: Sequence[Any], asked: int) -> tuple[Sequence[Any], bool]:
    """Rows without the last record's, which may be cut off in the middle; whether they end by themselves."""
    if len(rows) < asked:
        return rows, True
    return [row for row in rows if row[1] != rows[-1][1]], False


def _scanned(chosen: LogFilter, cursor: Cursor | None) -> tuple[str, dict[str, Any]]:
    """The rows looked through: those the order of the table finds."""
    conditions = {Shown.ALL: ["1"], Shown.PROBLEMS: ["problem = 1"], Shown.OK: ["problem = 0"]}.get(
        chosen.shown, ["problem = 1", "outcome = {outcome:String}"]
    )
    tests: dict[str, Callable[[], bool]] = {
        "status_code = {status:Int64}": lambda: chosen.status_code is not None,
        "started_at >= {since:Int64}": lambda: chosen.since is not None,
        "started_at < {until:Int64}": lambda: chosen.until is not None,
        "started_at <= {at:Int64} AND (started_at < {at:Int64} OR record_id < unhex({id:String}))": lambda: cursor is not None,
    }
    conditions = [*conditions, *(condition for condition, applies in tests.items() if applies())]
    place = {"at": cursor.started_at, "id": cursor.record_id} if cursor else {"at": 0, "id": ""}
    bounds = {"status": chosen.status_code or 0, "since": chosen.since or 0, "until": chosen.until or 0}
    return " AND ".join(conditions), {"outcome": chosen.shown.value, **bounds, **place}


def _words(chosen: LogFilter) -> tuple[str, dict[str, str]]:
    """Each word of the filter is in one of its fields."""
    conditions = ["1"]
    for name in chosen.words:
        word = f"{{word_{name}:String}}"
        tests = [
            f"startsWith(lowerUTF8(`{field}`), {word})" if name in BY_BEGINNING else f"`{field}` = {word}" for field in FIELDS_OF[name]
        ]
        conditions.append(f"({' OR '.join(f'ifNull({test}, 0)' for test in tests)})")
    parameters = {f"word_{name}": word.lower() if name in BY_BEGINNING else word for name, word in chosen.words.items()}
    for place, word in enumerate(chosen.error_words):
        tests = [f"ifNull(position(lowerUTF8(`{field}`), {{error_{place:d}:String}}) > 0, 0)" for field in IN_ERROR]
        conditions.append(f"({' OR '.join(tests)})")
        parameters[f"error_{place:d}"] = word
    return " AND ".join(conditions), parameters


def _is_identity(record_id: str) -> bool:
    """Whether this can be a record's identity at all."""
    return len(record_id) == HEX_LENGTH and all(digit in "0123456789abcdef" for digit in record_id)
