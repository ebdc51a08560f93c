"""Look for spikes in the log: by the hour, and by the day for what comes too slowly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.core.failure_class import FailureClass, failure_class
from app.core.incident import Place, Sighting
from app.core.log_filter import Cursor, LogFilter
from app.core.record import RedactedRecord
from app.core.rollups import Dimension, Figures
from app.core.spike_lines import Lines, sight
from app.core.spikes import DAY, DAYS_BACK, FEWEST, WEEK, WEEKS_BACK, Spike, began, find_slow_rise, find_spike
from app.store import keys
from app.store.logs import LogStore

HOUR = timedelta(hours=1)
WATCHED = (Dimension.MODEL, Dimension.GROUP, Dimension.PROVIDER, Dimension.ALL)
LINES_WANTED = 500  # of a spike, to count keys and to show examples
PAGE, MOST_PAGES = 1000, 5
MOST_VALUES = 500
FILTER_OF = {Dimension.MODEL: "model", Dimension.GROUP: "group", Dimension.PROVIDER: "provider"}

BACK = timedelta(hours=WEEK * WEEKS_BACK + 1)
WHOLE_DAY = timedelta(hours=DAY)


def hour_sightings(log_store: LogStore, hour: datetime) -> Iterator[Sighting]:
    """What stands out in one hour, with its keys counted."""
    places = _places(log_store, hour, hour + HOUR)
    for place, count in places.items():
        spike = _judged(place, log_store, hour, len(places)) if count >= FEWEST else None
        if spike is not None:
            yield sight(place, spike, _lines(place, hour, hour + HOUR, log_store))


def day_sightings(log_store: LogStore, hour: datetime) -> Iterator[Sighting]:
    """What stands out in the 24 hours up to the end of `hour`: one look-up a dimension, and more only for what does."""
    days = {dimension: _days(dimension, log_store, hour + HOUR) for dimension in WATCHED}
    by_day = days[Dimension.ALL].get("", {})
    length = max(by_day, default=0)  # the oldest day, in which the log began, is not whole
    traffic = [by_day[day].ok if day in by_day else 0 for day in range(length - 1, -1, -1)]
    if not length:
        return
    watched = sum(len(values) for values in days.values()) * len(FailureClass)
    for dimension, values in days.items():
        for value, figures in values.items():
            for name in FailureClass:
                counts = [figures[day].by_class()[name] if day in figures else 0 for day in range(length - 1, -1, -1)]
                spike = find_slow_rise(counts, epoch_hour(hour), watched, traffic)
                if spike is not None:
                    yield from _seen_by_day(Place(name, dimension, value), spike, hour, log_store)


def _seen_by_day(place: Place, spike: Spike, hour: datetime, log_store: LogStore) -> Iterator[Sighting]:
    """A day that stands out, if its last hour has a part in it: what ended is not told again."""
    first = hour + HOUR - WHOLE_DAY
    counts = _counts(place, log_store, first, hour)
    if counts.get(spike.hour):
        spike = replace(spike, since=began(counts, spike.hour, DAY))
        yield sight(place, spike, _lines(place, first, hour + HOUR, log_store))


def epoch_hour(moment: datetime) -> int:
    """Hours since 1970."""
    return int(moment.timestamp()) // 3600


def _places(log_store: LogStore, start: datetime, end: datetime) -> dict[Place, int]:
    """Every place and class watched, with its failures."""
    return {
        Place(name, dimension, total.value): total.figures.by_class()[name]
        for dimension in WATCHED
        for total in log_store.totals(dimension, start, end, MOST_VALUES)
        for name in FailureClass
        if total.value or dimension is Dimension.ALL
    }


def _days(dimension: Dimension, log_store: LogStore, end: datetime) -> dict[str, dict[int, Figures]]:
    """Figures of each value by day, counted back from `end`: 0 is the last."""
    points = log_store.series(dimension, None, end - (DAYS_BACK + 1) * WHOLE_DAY, end, WHOLE_DAY)
    days: dict[str, dict[int, Figures]] = {}
    for point in points:
        if point.value or dimension is Dimension.ALL:
            days.setdefault(point.value, {})[(end - point.start) // WHOLE_DAY - 1] = point.figures
    return days


def _judged(place: Place, log_store: LogStore, hour: datetime, watched: int) -> Spike | None:
    """Compare an hour with its past, which begins with the first request of this place."""
    counts = _counts(place, log_store, hour - BACK, hour)
    return find_spike(counts, epoch_hour(hour), min(counts, default=epoch_hour(hour)), watched)


def _counts(place: Place, log_store: LogStore, first: datetime, last: datetime) -> dict[int, int]:
    """Failures by hour; an hour with requests and no failure counts too."""
    points = log_store.series(place.dimension, [place.value], first, last + HOUR, HOUR)
    return {epoch_hour(point.start): point.figures.by_class()[FailureClass(place.failure)] for point in points}


def _lines(place: Place, since: datetime, until: datetime, log_store: LogStore) -> Lines:
    """Some of the failures behind a spike, the newest first: a bounded search."""
    words = {FILTER_OF[place.dimension]: place.value} if place.dimension in FILTER_OF else {}
    chosen = LogFilter(since=int(since.timestamp() * 1000), until=int(until.timestamp() * 1000), **words)  # type: ignore[arg-type]
    found: list[RedactedRecord] = []
    cursor: Cursor | None = None
    for _page in range(MOST_PAGES):
        page = log_store.find(chosen, PAGE, cursor)
        found += [line for line in page.records if failure_class(line) == place.failure]
        cursor = page.older
        if cursor is None or len(found) >= LINES_WANTED:
            break
    return Lines(found[:LINES_WANTED], _groups(found[:LINES_WANTED]))


def _groups(lines: list[RedactedRecord]) -> dict[str, str]:
    """The groups of keys whose lines do not say it: what was refused at the door is logged without."""
    unknown = {line.key_fingerprint for line in lines if line.key_fingerprint and not line.group}
    return keys.groups_of(sorted(unknown))


def hours_before(now: datetime, back: int) -> datetime:
    """The begin of the whole hour that many hours ago."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - back * HOUR
