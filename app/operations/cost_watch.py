"""Look for ways of spending that nobody meant: once a day, in a fair sample of the day's requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from app.core.log_filter import LogFilter, Shown
from app.core.record import RedactedRecord
from app.core.rollups import HOUR_MS
from app.core.rulebook import Rulebook
from app.core.usage import find_waste, read_usage
from app.operations.desk_warnings import warn
from app.operations.spike_watch import hours_before
from app.store import keys
from app.store.database import db
from app.store.logs import LogStore

HOURS = 24
OF_AN_HOUR = 1000  # requests read of each hour: enough to see who calls, little enough to read every day


def watch_costs(rulebook: Rulebook, log_store: LogStore, now: datetime) -> int:
    """Warn of what the last 24 whole hours show. Returns how many warnings are new; running again changes nothing."""
    usage = read_usage(_sample(log_store, now), keys.owners())
    start, end = hours_before(now, HOURS), hours_before(now, 0)
    fresh = sum(warn(finding, start, end, rulebook, now) for finding in find_waste(usage, rulebook.warnings))
    db.session.commit()
    return fresh


def _sample(log_store: LogStore, now: datetime) -> Iterator[RedactedRecord]:
    """The newest requests of each hour."""
    for back in range(HOURS, 0, -1):
        since = int(hours_before(now, back).timestamp() * 1000)
        chosen = LogFilter(shown=Shown.ALL, since=since, until=since + HOUR_MS)
        yield from log_store.find(chosen, OF_AN_HOUR).records
