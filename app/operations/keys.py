"""Keep the key registry true: by what the log brings, and by what the gateway's own lists say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.key_snapshot import Snapshot, read_snapshot, with_team_names
from app.core.keys import observe
from app.core.log_filter import Cursor, LogFilter, Shown
from app.core.record import RedactedRecord
from app.core.redaction import Redactor
from app.store import keys
from app.store.database import db
from app.store.logs import LogStore
from app.store.models_keys import GatewayKey

OVERLAP = timedelta(hours=1)  # read again: logs come late
FIRST_TIME = timedelta(days=1)
PAGE = 1000
MOST_PAGES = 200  # of one run; a busier hour is read in part, and its keys are seen at their next request


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a list brought."""

    keys: int
    new_keys: int
    models: int


def refresh_keys(log_store: LogStore, redactor: Redactor, now: datetime) -> int:
    """Read the log since the last time, newest first, for its keys. Returns how many are new."""
    since = (keys.last_seen() or now - FIRST_TIME) - OVERLAP
    chosen = LogFilter(shown=Shown.ALL, since=int(since.timestamp() * 1000))
    cursor: Cursor | None = None
    new = 0
    for _page in range(MOST_PAGES):
        page = log_store.find(chosen, PAGE, cursor)
        new += keys.keep(observe(page.records).values(), redactor)
        db.session.commit()
        cursor = page.older
        if cursor is None:
            break
    return new


def rebuild_keys(log_store: LogStore, redactor: Redactor) -> int:
    """Read the whole log for its keys, in bounded pages. Returns how many are new."""
    new = 0
    for page in log_store.walk(PAGE):
        new += keys.keep(observe(page).values(), redactor)
        db.session.commit()
    return new


def take_snapshot(body: bytes, source: str, redactor: Redactor, pepper: bytes, now: datetime, teams: bytes | None = None) -> Learnt:
    """Keep what a gateway's list of keys or models says. Raises SnapshotError."""
    found = read_snapshot(body, source, pepper)
    named = read_snapshot(teams, source, pepper) if teams else Snapshot()
    new = keys.keep(with_team_names(found.keys, named.teams), redactor, now)
    if found.models:
        keys.replace_models(source, found.models, redactor, now)
    db.session.commit()
    return Learnt(len(found.keys), new, len(found.models))


def recent_requests(key: GatewayKey, log_store: LogStore, limit: int = 20) -> tuple[RedactedRecord, ...]:
    """The key's newest requests: those of its own mark only, for an ending is shared."""
    if key.fingerprint and key.last_seen:
        activity = log_store.key_activity(key.fingerprint, key.last_seen, limit)
        return activity.recent if activity else ()
    word = key.alias or key.last4
    found = log_store.find(LogFilter(shown=Shown.ALL, source=key.source, key=word), limit).records if word else ()
    return tuple(record for record in found if key.identity in observe([record]))
