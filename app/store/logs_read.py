"""Records by id, and the newest ones. A statement is built once for each way it can read: building takes longer than running."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Row, Select, and_, bindparam, or_, select

from app.core.attempts import join_attempts
from app.core.record import RedactedRecord
from app.store.logs_places import Reading
from app.store.logs_rows import row_to_record
from app.store.logs_schema import IS_ONE_OF_SEVERAL, log_record

Statement: TypeAlias = Select[*tuple[Any, ...]]

MOST_ATTEMPTS = 200
IDS_PER_QUERY = 512
HEX_LENGTH = 32
_COLUMNS = log_record.c


def request(log: Reading, request_id: str) -> tuple[RedactedRecord, ...]:
    """Every attempt of the action this id belongs to, joined, oldest first. The action's own id will do."""
    rows = _oldest_first(log, _NAMED, {"name": request_id})
    actions = {request_id, *(row.action_id for row in rows)}
    if len(rows) >= MOST_ATTEMPTS:  # not all of them were read
        actions |= {action for connection in log.everywhere() for action in connection.scalars(_ACTIONS, {"name": request_id})}
    if len(actions) > 1:  # the request's own name is not its action's, whose other attempts are still to be read
        rows = _oldest_first(log, _OF_ACTIONS, {"actions": list(actions)})
    return join_attempts(map(row_to_record, rows[:MOST_ATTEMPTS]))


def records(log: Reading, record_ids: Sequence[str]) -> tuple[RedactedRecord, ...]:
    """Give records by identity, in the order asked; unknown ones left out."""
    known: dict[str, RedactedRecord] = {}
    wanted = {record_id for record_id in record_ids if _is_identity(record_id)}
    for connection in log.in_turn() if wanted else ():
        for statement, values in _of_identities(wanted - known.keys()):
            known.update((record.record_id, record) for record in map(row_to_record, connection.execute(statement, values).all()))
        if len(known) == len(wanted):
            break
    return tuple(known[record_id] for record_id in record_ids if record_id in known)


def _oldest_first(log: Reading, statement: Statement, values: Mapping[str, Any]) -> list[Row[*tuple[Any, ...]]]:
    """The rows of every period, each period's up to the bound."""
    return [row for connection in reversed(log.everywhere()) for row in connection.execute(statement, values).all()]


def _of_identities(missing: Collection[str]) -> Iterator[tuple[Statement, dict[str, bytes]]]:
    """What asks for these records. The last of them fills the places that are left, so that there are few statements."""
    ids = [bytes.fromhex(record_id) for record_id in missing]
    for start in range(0, len(ids), IDS_PER_QUERY):
        part = ids[start : start + IDS_PER_QUERY]
        places = 1 << (len(part) - 1).bit_length()
        part += part[-1:] * (places - len(part))
        yield _with_identities(places), {f"id_{number}": identity for number, identity in enumerate(part)}


@lru_cache
def _with_identities(places: int) -> Statement:
    return select(log_record).where(_COLUMNS.record_id.in_([bindparam(f"id_{number}") for number in range(places)]))


def _of_the_first_attempts(*conditions: Any) -> Statement:
    return select(log_record).where(*conditions).order_by(_COLUMNS.started_at, _COLUMNS.id).limit(MOST_ATTEMPTS)


def _is_identity(record_id: str) -> bool:
    """Whether this can be a record's identity at all."""
    return len(record_id) == HEX_LENGTH and all(digit in "0123456789abcdef" for digit in record_id)


_NAME = bindparam("name", type_=_COLUMNS.request_id.type)
_ANY = bindparam("actions", type_=_COLUMNS.request_id.type, expanding=True)
# the two ways to have an id, each by its index
_NAMED = _of_the_first_attempts(or_(_COLUMNS.request_id == _NAME, and_(_COLUMNS.action_id == _NAME, IS_ONE_OF_SEVERAL)))
_OF_ACTIONS = _of_the_first_attempts(
    or_(_COLUMNS.request_id.in_(_ANY), and_(_COLUMNS.action_id.in_(_ANY), IS_ONE_OF_SEVERAL)), _COLUMNS.action_id.in_(_ANY)
)
_ACTIONS = select(_COLUMNS.action_id).where(_COLUMNS.request_id == _NAME).limit(MOST_ATTEMPTS)
