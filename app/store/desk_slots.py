"""The desk's figures of any span of whole hours: from hours and days counted before, and from the rows where something changed since.

The marks are read first: an hour without one stands in its slot as it was then, or newer; an hour with one is counted now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, text

from app.core.business_waits import calendars_digest
from app.core.desk_cells import DeskCell, add_up, from_bytes, to_bytes
from app.store.database import db
from app.store.desk_rows import count_hours
from app.store.models_figures import DAY_LEVEL, HOUR_LEVEL, DeskMark, DeskSlot, hours_statement
from app.store.service_rules import service_book

HOURS_A_DAY = 24


def desk_cell(start: datetime, end: datetime) -> DeskCell:
    """Everything counted from `start` to before `end`, both whole hours; a fixed number of queries."""
    hours = range(int(start.timestamp()) // 3600, -(-int(end.timestamp()) // 3600))
    changed = _marked(hours)
    whole_days = set(_whole_days(hours)) - {hour // HOURS_A_DAY for hour in changed}
    days, old_days = _stored(DAY_LEVEL, whole_days)
    single = {hour for hour in hours if hour // HOURS_A_DAY not in whole_days} - changed
    kept, old_hours = _stored(HOUR_LEVEL, single)
    now = count_hours({*changed, *old_hours, *(hour for day in old_days for hour in _hours_of(day))})
    return add_up([*days.values(), *kept.values(), *now.values()])


def count_marked(limit: int) -> int:
    """Count the newest hours with a mark again, and their days, in the current transaction. Returns how many hours."""
    marks = db.session.execute(select(DeskMark.id, DeskMark.hour)).all()
    hours = set(sorted({hour for _id, hour in marks}, reverse=True)[:limit])
    rules = rules_digest()
    _put(HOUR_LEVEL, hours, count_hours(hours), rules)
    for day in sorted({hour // HOURS_A_DAY for hour in hours}):
        _put(DAY_LEVEL, {day}, {day: add_up(_stored(HOUR_LEVEL, _hours_of(day))[0].values())}, rules)
    seen = [number for number, hour in marks if hour in hours]
    for place in range(0, len(seen), 500):
        db.session.execute(delete(DeskMark).where(DeskMark.id.in_(seen[place : place + 500])))
    return len(hours)


def mark_outdated() -> None:
    """Mark every hour that was counted by other business hours; in the current transaction."""
    hours = select(DeskSlot.slot).where(DeskSlot.level == HOUR_LEVEL, DeskSlot.rules != rules_digest())
    db.session.execute(insert(DeskMark).from_select(["hour"], hours))


def mark_everything() -> None:
    """Forget every slot and mark every hour that has rows; in the current transaction."""
    db.session.execute(delete(DeskSlot))
    db.session.execute(text(hours_statement(db.engine.dialect.name)))


def rules_digest() -> str:
    """What the business hours of a slot depend on."""
    return calendars_digest({queue.id: queue.targets.calendar for queue in service_book()})


def _marked(hours: range) -> set[int]:
    query = select(DeskMark.hour).where(DeskMark.hour >= hours.start, DeskMark.hour < hours.stop).distinct()
    return set(db.session.scalars(query))


def _whole_days(hours: range) -> range:
    return range(-(-hours.start // HOURS_A_DAY), hours.stop // HOURS_A_DAY)


def _hours_of(day: int) -> range:
    return range(day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY)


def _stored(level: int, slots: Collection[int]) -> tuple[dict[int, DeskCell], set[int]]:
    """The slots of these that are there, and those of them that were counted by other business hours. A slot that is not there is empty."""
    if not slots:
        return {}, set()
    rules, wanted = rules_digest(), set(slots)
    query = select(DeskSlot.slot, DeskSlot.rules, DeskSlot.content).where(
        DeskSlot.level == level, DeskSlot.slot.between(min(wanted), max(wanted))
    )
    found = [row for row in db.session.execute(query) if row[0] in wanted]
    return {slot: from_bytes(content) for slot, by, content in found if by == rules}, {slot for slot, by, _content in found if by != rules}


def _put(level: int, slots: Collection[int], cells: Mapping[int, DeskCell], rules: str) -> None:
    """Write cells over what was there; an empty slot goes."""
    db.session.execute(delete(DeskSlot).where(DeskSlot.level == level, DeskSlot.slot.in_(slots)))
    rows = [{"level": level, "slot": slot, "rules": rules, "content": to_bytes(cell)} for slot, cell in cells.items() if cell != DeskCell()]
    if rows:
        db.session.execute(insert(DeskSlot), rows)
