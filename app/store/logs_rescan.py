"""Read the whole log again in bounded pages, and put corrected records in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Engine, null, select, update

from app.core.record import RedactedRecord
from app.store.logs_engine import write
from app.store.logs_rows import INSERT_COLUMNS, record_to_row, row_to_record
from app.store.logs_schema import log_record


def walk(engine: Engine, size: int) -> Iterator[tuple[RedactedRecord, ...]]:
    """Every record, in the order they were stored, `size` at a time; no transaction stays open in between."""
    after = 0
    while True:
        query = select(log_record).where(log_record.c.id > after).order_by(log_record.c.id).limit(size)
        with engine.connect() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        after = rows[-1].id
        yield tuple(map(row_to_record, rows))


def replace(engine: Engine, record: RedactedRecord) -> None:
    """Write `record` over the stored one of the same identity. Raises LogStoreBusy."""
    values: dict[str, Any] = dict(zip(INSERT_COLUMNS, record_to_row(record, 0), strict=True))
    identity = values.pop("record_id")
    del values["batch_id"]
    values["tags"] = list(record.tags) or null()
    with write(engine) as connection:
        connection.execute(update(log_record).where(log_record.c.record_id == identity).values(values))
