"""Read the whole log again in bounded pages, and put corrected records in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import null, select, update

from app.core.record import RedactedRecord
from app.core.rollups import roll_up
from app.store.logs_cells import add_cells
from app.store.logs_places import Places, month_of
from app.store.logs_rows import INSERT_COLUMNS, record_to_row, row_to_record
from app.store.logs_schema import log_record


def walk(places: Places, size: int) -> Iterator[tuple[RedactedRecord, ...]]:
    """Every record, the oldest period first, `size` at a time; no transaction stays open in between."""
    for low in places.periods():
        yield from _walk_period(places, low, size)


def replace(places: Places, record: RedactedRecord) -> None:
    """Write `record` over the stored one of the same identity, and count it under its new names. Raises LogStoreBusy."""
    values: dict[str, Any] = dict(zip(INSERT_COLUMNS[1:], record_to_row(record), strict=True))
    identity = values.pop("record_id")
    values |= {"tags": list(record.tags) or null(), "request_id": record.request_id, "action_id": record.action_id}
    of_record = log_record.c.record_id == identity, log_record.c.started_at == record.started_at
    with places.writing(record.started_at) as connection:
        row = connection.execute(select(log_record).where(*of_record)).first()
        if row is None:
            return
        connection.execute(update(log_record).where(*of_record).values(values))
        before, after = roll_up([row_to_record(row)]), roll_up([record])
        if before != after:
            add_cells(connection, before, sign=-1)
            add_cells(connection, after)


def _walk_period(places: Places, low: int, size: int) -> Iterator[tuple[RedactedRecord, ...]]:
    start, following = month_of(low)
    after = 0
    while True:
        query = select(log_record).where(log_record.c.id > after, log_record.c.started_at.between(start, following - 1))
        with places.reading() as log:
            found = [connection.execute(query.order_by(log_record.c.id).limit(size)).all() for connection in log.between(low, low)]
        rows = found[0] if found else ()
        if not rows:
            return
        after = rows[-1].id
        yield tuple(map(row_to_record, rows))
