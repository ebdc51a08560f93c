"""Count the log by key, hour by hour: an hour is counted again when the log says it has other requests than it had."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.core.key_tally import AGAIN_WITHIN, tally
from app.core.log_filter import Cursor, LogFilter, Shown
from app.core.record import RedactedRecord
from app.core.rollups import HOUR_MS, Dimension
from app.store import key_slots, key_tallies
from app.store.database import db
from app.store.logs import LogStore

BACK = timedelta(days=31)  # as far as reports look by default; older hours stay as they were counted
AHEAD = timedelta(days=1)  # a gateway's clock may be ahead of ours
PAGE = 1000
MOST_HOURS = 200  # of one run, the newest first: the first run after an import need not do it all
MOST_RECORDS = 200_000


def tally_keys(log_store: LogStore, now: datetime, kept_days: int = 0) -> int:
    """Count the hours that changed, the newest first. Returns how many. kept_days: records older than that may be gone (0: none are)."""
    last = int((now + AHEAD).timestamp() * 1000) // HOUR_MS
    first = last - (min(BACK, timedelta(days=kept_days)) if kept_days else BACK) // timedelta(hours=1)
    found = _requests_by_hour(log_store, first, last)
    known = key_tallies.tallied(first, last)
    gone = {hour for hour in known if hour not in found}
    key_tallies.forget(gone)
    _fill_slots()
    read, counted = 0, 0
    for hour in sorted(_changed(found, known) | {hour + 1 for hour in gone if hour + 1 in found}, reverse=True)[:MOST_HOURS]:
        records = _records(log_store, hour)
        key_tallies.put(hour, tally(records, hour), found.get(hour, 0), now)
        db.session.commit()
        read, counted = read + len(records), counted + 1
        if read >= MOST_RECORDS:
            break
    key_slots.keep_days()
    db.session.commit()
    return counted


def _fill_slots() -> None:
    """Slots of hours that an earlier release counted: some of them each time, each in a transaction of its own."""
    for _each in range(MOST_HOURS):
        if not key_slots.fill(1):
            break
        db.session.commit()


def _requests_by_hour(log_store: LogStore, first: int, last: int) -> dict[int, int]:
    points = log_store.series(Dimension.ALL, None, _moment(first), _moment(last + 1), timedelta(hours=1))
    return {int(point.start.timestamp()) // 3600: point.figures.requests for point in points}


def _changed(found: Mapping[int, int], known: Mapping[int, int]) -> set[int]:
    """Hours whose requests are others than when they were counted, and the hours after them: their first tries follow on."""
    changed = {hour for hour, requests in found.items() if known.get(hour) != requests}
    return changed | {hour + 1 for hour in changed if hour + 1 in found}


def _records(log_store: LogStore, hour: int) -> list[RedactedRecord]:
    """The hour's records, with those of the ten minutes before."""
    chosen = LogFilter(shown=Shown.ALL, since=hour * HOUR_MS - AGAIN_WITHIN, until=(hour + 1) * HOUR_MS)
    records: list[RedactedRecord] = []
    cursor: Cursor | None = None
    while True:
        page = log_store.find(chosen, PAGE, cursor)
        records += page.records
        cursor = page.older
        if cursor is None:
            return records


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * 3600, UTC)
