"""Records by id, and the newest ones."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, and_, or_, select

from app.core.attempts import join_attempts
from app.core.record import RedactedRecord
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import IS_ONE_OF_SEVERAL, NOT_OK, log_record

MOST_ATTEMPTS = 200
IDS_PER_QUERY = 500
HEX_LENGTH = 32
_COLUMNS = log_record.c


def request(log: Reading, request_id: str) -> tuple[RedactedRecord, ...]:
    """Every attempt of the action this id belongs to, joined, oldest first. The action's own id will do."""
    actions = {request_id} | {
        action
        for connection in log.everywhere()
        for action in connection.scalars(select(_COLUMNS.action_id).where(_COLUMNS.request_id == request_id).limit(MOST_ATTEMPTS))
    }
    # the two ways to have an action's id, each by its index
    of_actions = or_(_COLUMNS.request_id.in_(actions), and_(_COLUMNS.action_id.in_(actions), IS_ONE_OF_SEVERAL))
    query = select(log_record).where(of_actions, _COLUMNS.action_id.in_(actions)).order_by(_COLUMNS.started_at, _COLUMNS.id)
    rows = [row for connection in reversed(log.everywhere()) for row in connection.execute(query.limit(MOST_ATTEMPTS))]
    return join_attempts(map(row_to_record, rows[:MOST_ATTEMPTS]))


def records(log: Reading, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
    """Give records by identity, in the order asked; unknown ones left out."""
    known: dict[str, RedactedRecord] = {}
    wanted = {record_id for record_id in record_ids if _is_identity(record_id)}
    for connection in log.everywhere():
        missing = [bytes.fromhex(record_id) for record_id in wanted - known.keys()]
        for start in range(0, len(missing), IDS_PER_QUERY):
            query = select(log_record).where(_COLUMNS.record_id.in_(missing[start : start + IDS_PER_QUERY]))
            known.update((record.record_id, record) for record in map(row_to_record, connection.execute(query)))
    return tuple(known[record_id] for record_id in record_ids if record_id in known)


def recent(log: Reading, limit: int, before: int | None, problems_only: bool) -> tuple[RedactedRecord, ...]:
    """Newest records, keyset-paged by started_at (epoch ms)."""
    query = _newest(before, problems_only)
    found: list[RedactedRecord] = []
    for connection in log.everywhere() if before is None else log.between(0, before):
        found += map(row_to_record, connection.execute(query.limit(limit - len(found))))
        if len(found) >= limit:
            break
    return tuple(found)


def _newest(before: int | None, problems_only: bool) -> Select[tuple[object, ...]]:
    query = select(log_record).order_by(_COLUMNS.started_at.desc(), _COLUMNS.id.desc())
    if problems_only:
        query = query.where(NOT_OK)
    return query if before is None else query.where(_COLUMNS.started_at < before)


def _is_identity(record_id: str) -> bool:
    """Whether this can be a record's identity at all."""
    return len(record_id) == HEX_LENGTH and all(digit in "0123456789abcdef" for digit in record_id)
