"""The hours counted by key, as slots: written with each hour, read for any span of whole hours in two queries.

A day is kept once all its hours are counted, and goes when one of them is counted again; then its hours are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.core.key_slots import COUNTS, MONEY, SETS, KeyCounts, Slot, from_bytes, slot_of, to_bytes, united
from app.core.key_tally import FailurePlace, KeyPlace, KeyUse
from app.store.database import db
from app.store.models_tallies import FailingKey, KeyHour, TalliedHour, TalliedKey, TallySlot

HOUR_LEVEL, DAY_LEVEL = 0, 1
HOURS_A_DAY = 24
EVERY_PART = (*sorted(SETS), *COUNTS, *MONEY)
MOST_NAMES = 500  # of one query


def counted(start: datetime, end: datetime, parts: Collection[str] = EVERY_PART) -> KeyCounts:
    """These parts of everything from `start` to before `end`. The days first: one that goes meanwhile was right."""
    hours = range(int(start.timestamp()) // 3600, -(-int(end.timestamp()) // 3600))
    days = _stored(DAY_LEVEL, range(-(-hours.start // HOURS_A_DAY), hours.stop // HOURS_A_DAY), {*parts, "requests"})
    single = {hour for hour in hours if hour // HOURS_A_DAY not in days}
    return KeyCounts(united([*days.values(), *_stored(HOUR_LEVEL, single, parts).values()]))


def put(hour: int, uses: Mapping[KeyPlace, KeyUse], failing: Mapping[FailurePlace, int], requests: int) -> None:
    """Write an hour's slot over what was there, in the current transaction."""
    forget({hour})
    names = {place.identity for place in uses} | {place.identity for place in failing}
    _write(HOUR_LEVEL, hour, slot_of(uses, failing, requests, _numbers(names - {""})))


def forget(hours: Collection[int]) -> None:
    """These hours have no slot any more, nor have their days; in the current transaction."""
    days = {hour // HOURS_A_DAY for hour in hours}
    for level, slots in ((HOUR_LEVEL, hours), (DAY_LEVEL, days)):
        db.session.execute(delete(TallySlot).where(TallySlot.level == level, TallySlot.part.in_(EVERY_PART), TallySlot.slot.in_(slots)))


def fill(limit: int) -> int:
    """Make slots of hours that an earlier release counted, in the current transaction. Returns how many."""
    have = select(TallySlot.slot).where(TallySlot.level == HOUR_LEVEL, TallySlot.part == "requests")
    missing = select(TalliedHour.hour, TalliedHour.requests).where(TalliedHour.hour.not_in(have))
    hours = db.session.execute(missing.order_by(TalliedHour.hour.desc()).limit(limit)).all()
    for hour, requests in hours:
        put(hour, _uses(hour), _failing(hour), requests)
    return len(hours)


def keep_days() -> int:
    """Add up days whose slot is missing, in the current transaction. Returns how many."""
    hours = db.session.scalars(select(TallySlot.slot).where(TallySlot.level == HOUR_LEVEL, TallySlot.part == "requests"))
    kept = db.session.scalars(select(TallySlot.slot).where(TallySlot.level == DAY_LEVEL, TallySlot.part == "requests"))
    missing = {hour // HOURS_A_DAY for hour in hours} - set(kept)
    for day in missing:
        _write(DAY_LEVEL, day, united(_stored(HOUR_LEVEL, range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY), EVERY_PART).values()))
    return len(missing)


def identities(numbers: Iterable[int]) -> dict[int, str]:
    """Number of a key → its identity."""
    return {row.id: row.identity for row in db.session.scalars(select(TalliedKey).where(TalliedKey.id.in_(list(numbers))))}


def _stored(level: int, slots: Collection[int], parts: Collection[str]) -> dict[int, Slot]:
    if not slots:
        return {}
    wanted, found = set(slots), dict[int, Slot]()
    query = select(TallySlot.slot, TallySlot.part, TallySlot.content).where(
        TallySlot.level == level, TallySlot.part.in_(sorted(parts)), TallySlot.slot.between(min(wanted), max(wanted))
    )
    for slot, part, content in db.session.execute(query):
        if slot in wanted:
            found.setdefault(slot, {})[part] = from_bytes(content)
    return found


def _write(level: int, slot: int, parts: Slot) -> None:
    rows = [{"level": level, "part": part, "slot": slot, "content": to_bytes(values)} for part, values in parts.items()]
    db.session.execute(insert(TallySlot), rows)


def _numbers(names: Collection[str]) -> dict[str, int]:
    """Identity → number; new keys get one."""
    known = _known(names)
    new = [{"identity": name} for name in sorted(set(names) - known.keys())]
    if new:
        db.session.execute(insert(TalliedKey), new)
        known |= _known([row["identity"] for row in new])
    return known


def _known(names: Collection[str]) -> dict[str, int]:
    found, ordered = dict[str, int](), sorted(names)
    for place in range(0, len(ordered), MOST_NAMES):
        query = select(TalliedKey.identity, TalliedKey.id).where(TalliedKey.identity.in_(ordered[place : place + MOST_NAMES]))
        found |= {row[0]: row[1] for row in db.session.execute(query)}
    return found


def _uses(hour: int) -> dict[KeyPlace, KeyUse]:
    return {
        KeyPlace(row.identity, row.model): KeyUse(
            row.requests, row.failures, row.again, row.again_failed, row.cost_micros, row.refund_micros
        )
        for row in db.session.scalars(select(KeyHour).where(KeyHour.hour == hour))
    }


def _failing(hour: int) -> dict[FailurePlace, int]:
    columns = [getattr(FailingKey, name) for name in FailurePlace._fields]
    return {
        FailurePlace(*row[:-1]): row[-1] for row in db.session.execute(select(*columns, FailingKey.failures).where(FailingKey.hour == hour))
    }
