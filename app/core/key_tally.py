"""The log counted by key: which keys cost, which fail and on whose side, which try again after a failure. Pure: records in, rows out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from app.core.failure_class import FailureClass, failure_class
from app.core.keys import identity
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.rollups import HOUR_MS, client_value

AGAIN_WITHIN = 10 * 60_000  # ms: a request of the same key for the same model so soon after a failure is another try
FAILED = frozenset({Outcome.ERROR, Outcome.PARTIAL})


class Side(StrEnum):
    """Whose side a failure lies on, as reports tell it."""

    USER = "user"
    QUOTA = "quota"  # no money, or too many requests
    GATEWAY = "gateway"
    PROVIDER = "provider"
    UNKNOWN = "unknown"


_SIDES = {
    Origin.USER: Side.USER,
    Origin.KEY_OWNER: Side.USER,
    Origin.CLIENT: Side.USER,
    Origin.GATEWAY: Side.GATEWAY,
    Origin.NETWORK: Side.GATEWAY,
    Origin.PROVIDER: Side.PROVIDER,
    Origin.UNKNOWN: Side.UNKNOWN,
}


class KeyPlace(NamedTuple):
    """One key and one model."""

    identity: str
    model: str


class FailurePlace(NamedTuple):
    """One key, one way to fail, one place."""

    identity: str
    failure: FailureClass
    status: int | None
    side: Side
    model: str
    group: str
    environment: str
    request_type: str
    provider: str
    client: str
    owner: str


@dataclass(slots=True)
class KeyUse:
    """What a key did with a model in an hour."""

    requests: int = 0
    failures: int = 0
    again: int = 0
    again_failed: int = 0
    cost_micros: int = 0
    refund_micros: int = 0


@dataclass(frozen=True, slots=True)
class Tally:
    """An hour's counts."""

    uses: Mapping[KeyPlace, KeyUse]
    failing: Mapping[FailurePlace, int]


def tally(records: Iterable[RedactedRecord], hour: int) -> Tally:
    """Count an hour. The records of ten minutes before belong in it too: they say which requests are another try."""
    uses: dict[KeyPlace, KeyUse] = {}
    failing: dict[FailurePlace, int] = {}
    failed_at: dict[KeyPlace, int] = {}
    for record in sorted(records, key=lambda each: (each.started_at, each.record_id)):
        place, failed = KeyPlace(mark(record), record.model_requested or ""), record.outcome in FAILED
        if record.started_at // HOUR_MS == hour:
            _count(uses.setdefault(place, KeyUse()), record, failed, failed_at.get(place))
            if failed:
                where = failure_place(record)
                failing[where] = failing.get(where, 0) + 1
        if failed and place.identity:
            failed_at[place] = record.started_at
    return Tally(uses, failing)


def mark(record: RedactedRecord) -> str:
    """What tells the record's key from others; empty when nothing does."""
    return identity(record.source, record.key_fingerprint, record.key_alias, record.key_last4) or ""


def failure_place(record: RedactedRecord) -> FailurePlace:
    """Where a failure counts."""
    failure = failure_class(record) or FailureClass.OTHER
    return FailurePlace(
        identity=mark(record),
        failure=failure,
        status=record.status_code,
        side=side(failure, record.origin),
        model=record.model_requested or "",
        group=record.group or "",
        environment=record.environment or "",
        request_type=record.request_type,
        provider=record.provider or "",
        client=client_value(record.client),
        owner=record.owner or "",
    )


def side(failure: FailureClass, origin: Origin) -> Side:
    """Whose side: no money and too many requests are their own, whoever sent the refusal."""
    return Side.QUOTA if failure in {FailureClass.BALANCE, FailureClass.RATE_LIMIT} else _SIDES[origin]


def _count(use: KeyUse, record: RedactedRecord, failed: bool, last_failure: int | None) -> None:
    is_again = last_failure is not None and 0 <= record.started_at - last_failure <= AGAIN_WITHIN
    use.requests += 1
    use.failures += failed
    use.again += is_again
    use.again_failed += is_again and failed
    cost = record.cost_micros or 0
    use.cost_micros += max(cost, 0)
    use.refund_micros += max(-cost, 0)
