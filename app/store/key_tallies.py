"""Who caused the traffic, hour by hour: rows by key and place, and the slots that reports add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.core.key_tally import Tally
from app.store import key_slots
from app.store.database import db
from app.store.models_keys import GatewayKey
from app.store.models_tallies import FailingKey, KeyHour, TalliedHour


@dataclass(frozen=True, slots=True)
class KeyCost:
    """What a key spent in a span, in micro-USD less refunds."""

    number: int  # in the slots
    registered: int | None  # its number in the registry, where it is known
    name: str
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
    key_slots.put(hour, counted.uses, counted.failing, requests)


def tallied(first: int, last: int) -> Mapping[int, int]:
    """Hour → the requests it was counted with, from `first` to `last`, both included."""
    rows = db.session.execute(select(TalliedHour.hour, TalliedHour.requests).where(TalliedHour.hour.between(first, last)))
    return {row[0]: row[1] for row in rows}


def forget(hours: Iterable[int]) -> None:
    """These hours have no request any more; in the current transaction."""
    gone = list(hours)
    key_slots.forget(gone)
    for table in (KeyHour, FailingKey, TalliedHour):
        db.session.execute(delete(table).where(table.hour.in_(gone)))


def costliest(costs: Mapping[int, int], limit: int) -> Sequence[KeyCost]:
    """The keys that cost most, with what the registry calls them. costs: number of a key → micro-USD less refunds."""
    top = sorted((number for number, micros in costs.items() if micros > 0), key=lambda number: (-costs[number], number))[:limit]
    identity = key_slots.identities(top)
    rows = db.session.scalars(select(GatewayKey).where(GatewayKey.identity.in_(list(identity.values()))))
    known = {row.identity: row for row in rows}
    return [_with_name(number, costs[number], known.get(identity[number])) for number in top]


def _with_name(number: int, micros: int, row: GatewayKey | None) -> KeyCost:
    if row is None:
        return KeyCost(number, None, "", micros)
    name = str(row.alias) if row.alias else f"{row.prefix}…{row.last4}" if row.last4 else f"#{row.id}"
    return KeyCost(number, row.id, name, micros)
