"""Who caused the traffic, from the hours counted by key: keys by cost, keys behind failures, tries after failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, distinct, func, insert, select

from app.core.key_tally import Side, Tally
from app.core.rollups import Dimension
from app.store.database import db
from app.store.models_keys import GatewayKey
from app.store.models_tallies import FailingKey, KeyHour, TalliedHour

_COLUMN: Mapping[Dimension, Any] = {
    Dimension.MODEL: FailingKey.model,
    Dimension.GROUP: FailingKey.group,
    Dimension.ENVIRONMENT: FailingKey.environment,
    Dimension.REQUEST_TYPE: FailingKey.request_type,
    Dimension.PROVIDER: FailingKey.provider,
    Dimension.CLIENT: FailingKey.client,
    Dimension.OWNER: FailingKey.owner,
}


@dataclass(frozen=True, slots=True)
class Tries:
    """Requests that followed a failure of the same key and model, and how many of those failed too."""

    again: int
    failed: int


@dataclass(frozen=True, slots=True)
class KeyCost:
    """What a key spent in a span, in micro-USD less refunds."""

    identity: str
    number: int | None  # of the registry, where it is known
    name: str
    requests: int
    failures: int
    cost_micros: int


def put(hour: int, counted: Tally, requests: int, now: datetime) -> None:
    """Write an hour's counts over what was there, in the current transaction."""
    for table in (KeyHour, FailingKey, TalliedHour):
        db.session.execute(delete(table).where(table.hour == hour))
    uses = [{"hour": hour, **place._asdict(), **asdict(use)} for place, use in counted.uses.items()]
    failing = [{"hour": hour, **place._asdict(), "failures": failures} for place, failures in counted.failing.items()]
    if uses:
        db.session.execute(insert(KeyHour), uses)
    if failing:
        db.session.execute(insert(FailingKey), failing)
    db.session.add(TalliedHour(hour=hour, requests=requests, tallied_at=now))


def tallied(first: int, last: int) -> Mapping[int, int]:
    """Hour → the requests it was counted with, from `first` to `last`, both included."""
    rows = db.session.execute(select(TalliedHour.hour, TalliedHour.requests).where(TalliedHour.hour.between(first, last)))
    return {row[0]: row[1] for row in rows}


def forget(hours: Iterable[int]) -> None:
    """These hours have no request any more; in the current transaction."""
    gone = list(hours)
    for table in (KeyHour, FailingKey, TalliedHour):
        db.session.execute(delete(table).where(table.hour.in_(gone)))


def requests_tallied(start: datetime, end: datetime) -> int:
    """How many requests of the span are counted by key so far."""
    query = select(func.sum(TalliedHour.requests)).where(_within(TalliedHour.hour, start, end))
    return int(db.session.scalar(query) or 0)


def keys_behind(dimension: Dimension, start: datetime, end: datetime) -> dict[str, int]:
    """Value of the dimension → distinct keys that failed there; requests without a key fact are none of them."""
    return _distinct(_COLUMN[dimension], start, end)


def keys_by_class(start: datetime, end: datetime) -> dict[str, int]:
    """Class of failures → distinct keys."""
    return _distinct(FailingKey.failure, start, end)


def failing_keys(start: datetime, end: datetime) -> int:
    """Distinct keys that failed at all."""
    query = select(func.count(distinct(FailingKey.identity))).where(_named(), _within(FailingKey.hour, start, end))
    return db.session.scalar(query) or 0


def failures_by_side(start: datetime, end: datetime) -> dict[Side, tuple[int, int]]:
    """Side → (failures, distinct keys)."""
    query = select(FailingKey.side, func.sum(FailingKey.failures)).where(_within(FailingKey.hour, start, end)).group_by(FailingKey.side)
    keys = _distinct(FailingKey.side, start, end)
    return {Side(side): (int(failures), keys.get(side, 0)) for side, failures in db.session.execute(query)}


def active_keys(start: datetime, end: datetime) -> int:
    """Distinct keys that asked for anything."""
    query = select(func.count(distinct(KeyHour.identity))).where(KeyHour.identity != "", _within(KeyHour.hour, start, end))
    return db.session.scalar(query) or 0


def tries(start: datetime, end: datetime) -> Tries:
    """Requests that followed a failure, over all keys."""
    query = select(func.sum(KeyHour.again), func.sum(KeyHour.again_failed)).where(_within(KeyHour.hour, start, end))
    again, failed = db.session.execute(query).one()
    return Tries(int(again or 0), int(failed or 0))


def tries_by_model(start: datetime, end: datetime) -> dict[str, Tries]:
    """Model → requests that followed a failure."""
    query = select(KeyHour.model, func.sum(KeyHour.again), func.sum(KeyHour.again_failed)).where(_within(KeyHour.hour, start, end))
    return {model: Tries(int(again), int(failed)) for model, again, failed in db.session.execute(query.group_by(KeyHour.model))}


def costs(start: datetime, end: datetime) -> dict[str, int]:
    """Identity → micro-USD less refunds, of the span; keys without a fact left out."""
    return {key.identity: key.cost_micros for key in _key_costs(start, end)}


def costliest(start: datetime, end: datetime, limit: int) -> Sequence[KeyCost]:
    """The keys that cost most, with what the registry calls them."""
    ranked = sorted(_key_costs(start, end), key=lambda key: (-key.cost_micros, key.identity))
    top = [key for key in ranked if key.cost_micros > 0][:limit]
    known = {row.identity: row for row in db.session.scalars(select(GatewayKey).where(GatewayKey.identity.in_([k.identity for k in top])))}
    return [_with_name(key, known.get(key.identity)) for key in top]


def _key_costs(start: datetime, end: datetime) -> list[KeyCost]:
    sums: list[Any] = [func.sum(column) for column in (KeyHour.requests, KeyHour.failures, KeyHour.cost_micros, KeyHour.refund_micros)]
    query = select(KeyHour.identity, *sums).where(KeyHour.identity != "", _within(KeyHour.hour, start, end)).group_by(KeyHour.identity)
    return [
        KeyCost(identity, None, "", int(requests), int(failures), int(cost) - int(refund))
        for identity, requests, failures, cost, refund in db.session.execute(query)
    ]


def _with_name(key: KeyCost, row: GatewayKey | None) -> KeyCost:
    if row is None:
        return key
    name = str(row.alias) if row.alias else f"{row.prefix}…{row.last4}" if row.last4 else f"#{row.id}"
    return KeyCost(key.identity, row.id, name, key.requests, key.failures, key.cost_micros)


def _distinct(column: Any, start: datetime, end: datetime) -> dict[str, int]:
    query = select(column, func.count(distinct(FailingKey.identity))).where(_named(), _within(FailingKey.hour, start, end))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(column))}


def _named() -> ColumnElement[bool]:
    return FailingKey.identity != ""


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    """Whole hours from `start` to before `end`."""
    first, last = int(start.timestamp()) // 3600, -(-int(end.timestamp()) // 3600)
    return and_(column >= first, column < last)
