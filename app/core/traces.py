"""The records of a trace, which come in several posts and children first, joined: a later span fills what an earlier one lacked.

There are two kinds. A call to a model is an attempt with an identity of its own. What is about the request as a whole, the
server's span or a refusal before any model was called, shares one identity, and is kept only while no attempt is known.
Filling never overwrites, so that whatever comes again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from app.core.record import Origin, Outcome, RedactedRecord, record_identity

SOURCE = "otlp"
# of the whole request, what an attempt may lack
FROM_REQUEST = ("endpoint", "client", "environment", "status_code", "owner", "group", "key_alias", "key_fingerprint")
_EMPTY = (None, "", (), Origin.UNKNOWN, "other")


@dataclass(frozen=True, slots=True)
class Trace:
    """What one post says of a trace: attempts, and the request as a whole when it tells of it."""

    attempts: tuple[RedactedRecord, ...]
    request: RedactedRecord | None


def request_identity(trace_id: str) -> str:
    """Give the identity of a trace's request as a whole."""
    return record_identity(SOURCE, trace_id, "request")


def is_request(record: RedactedRecord) -> bool:
    """Whether a record is about its trace's request as a whole."""
    return record.record_id == request_identity(record.action_id)


def traces_of(records: Iterable[RedactedRecord]) -> dict[str, Trace]:
    """Gather records by trace."""
    attempts: dict[str, dict[str, RedactedRecord]] = defaultdict(dict)
    requests: dict[str, RedactedRecord] = {}
    for record in records:
        known = requests if is_request(record) else attempts[record.action_id]
        key = record.action_id if is_request(record) else record.record_id
        known[key] = filled(known[key], record) if key in known else record
    return {name: Trace(tuple(attempts[name].values()), requests.get(name)) for name in dict.fromkeys((*attempts, *requests))}


def with_request(attempts: Sequence[RedactedRecord], request: RedactedRecord) -> tuple[RedactedRecord, ...]:
    """Tell attempts what the request as a whole knows; its status is that of the last one, when that one failed."""
    last = max(range(len(attempts)), key=lambda at: (attempts[at].started_at + (attempts[at].latency_ms or 0), at))
    return tuple(filled(attempt, _for_attempt(request, attempt, at == last), FROM_REQUEST) for at, attempt in enumerate(attempts))


def filled(record: RedactedRecord, other: RedactedRecord, names: Sequence[str] = RedactedRecord.__struct_fields__) -> RedactedRecord:
    """Fill what the record lacks from the other; what it says stays."""
    lacking = {name: theirs for name in names if getattr(record, name) in _EMPTY and (theirs := getattr(other, name)) not in _EMPTY}
    return msgspec.structs.replace(record, **lacking) if lacking else record


def as_request(attempt: RedactedRecord, stored: RedactedRecord) -> RedactedRecord:
    """Put an attempt in the place of the request as a whole that was stored before it came: same identity, same beginning."""
    return msgspec.structs.replace(filled(attempt, stored), record_id=stored.record_id, started_at=stored.started_at)


def _for_attempt(request: RedactedRecord, attempt: RedactedRecord, is_last: bool) -> RedactedRecord:
    """Keep the request's status from attempts it is not about: earlier ones, and successes."""
    speaks = is_last and attempt.outcome is Outcome.ERROR and request.outcome is Outcome.ERROR
    return request if speaks else msgspec.structs.replace(request, status_code=None)
