"""The key registry: what is known of the gateway's keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Text, delete, func, or_, select, type_coerce

from app.core.keys import KeyFacts
from app.core.redaction import Redactor
from app.store.database import db
from app.store.models_keys import GatewayKey, ServedModel

AT_ONCE = 400
_PLAIN = ("prefix", "last4", "fingerprint", "quota_micros", "spent_micros", "unlimited", "blocked")
_TEXTS = ("alias", "owner", "group", "environment")
_TIMES = ("expires_at", "first_seen", "last_seen", "last_ok")
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Keys found, how many there are in all, and how many of those have no owner."""

    keys: Sequence[GatewayKey]
    total: int
    ownerless: int


def search(words: str = "", *, ownerless: bool = False, limit: int = 50, offset: int = 0) -> KeyPage:
    """Keys whose tail, alias, owner, group or environment holds the words, the last seen first. Two queries."""
    wanted = [_holds(words.strip())] if words.strip() else []
    total, without = db.session.execute(
        select(func.count(), func.count().filter(GatewayKey.owner.is_(None))).select_from(GatewayKey).where(*wanted)
    ).one()
    shown = [*wanted, GatewayKey.owner.is_(None)] if ownerless else wanted
    order = (GatewayKey.last_seen.is_(None), GatewayKey.last_seen.desc(), GatewayKey.id.desc())
    keys = db.session.scalars(select(GatewayKey).where(*shown).order_by(*order).limit(limit).offset(offset)).all()
    return KeyPage(keys, without if ownerless else total, without)


def by_id(number: int) -> GatewayKey | None:
    """One key."""
    return db.session.get(GatewayKey, number)


def by_fingerprint(fingerprint: str) -> GatewayKey | None:
    """The key of this fingerprint, for the ticket's page."""
    return db.session.scalar(select(GatewayKey).where(GatewayKey.identity == fingerprint))


def of_tail(last4: str, limit: int = 20) -> Sequence[GatewayKey]:
    """Every key with this ending: several people's, as a rule."""
    return db.session.scalars(select(GatewayKey).where(GatewayKey.last4 == last4).order_by(GatewayKey.id).limit(limit)).all()


def groups_of(fingerprints: Sequence[str]) -> dict[str, str]:
    """The groups of these keys, as far as they are known, by fingerprint."""
    found: dict[str, str] = {}
    for start in range(0, len(fingerprints), AT_ONCE):
        part = fingerprints[start : start + AT_ONCE]
        query = select(GatewayKey.fingerprint, GatewayKey.group).where(GatewayKey.identity.in_(part), GatewayKey.group.is_not(None))
        found |= {row.fingerprint: str(row.group) for row in db.session.execute(query)}
    return found


def owners() -> dict[str, str]:
    """The owner of each key that has one, by identity."""
    rows = db.session.execute(select(GatewayKey.identity, GatewayKey.owner).where(GatewayKey.owner.is_not(None)))
    return {row.identity: str(row.owner) for row in rows}


def last_seen() -> datetime | None:
    """How far the log has been read for keys."""
    return db.session.scalar(select(func.max(GatewayKey.last_seen)))


def keep(facts: Iterable[KeyFacts], redactor: Redactor, snapshot_at: datetime | None = None) -> int:
    """Add what is said of keys to what is known of them, in the current transaction. Returns how many are new."""
    told = {each.identity: each for each in facts}
    new = 0
    names = sorted(told)
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        known = {row.identity: row for row in db.session.scalars(select(GatewayKey).where(GatewayKey.identity.in_(part)))}
        for name in part:
            row = known.get(name)
            if row is None:
                row, new = GatewayKey(identity=name, source=told[name].source), new + 1
                db.session.add(row)
            _tell(row, told[name], redactor, snapshot_at)
    return new


def replace_models(source: str, names: Iterable[str], redactor: Redactor, now: datetime) -> None:
    """The models one gateway serves today, in the current transaction."""
    db.session.execute(delete(ServedModel).where(ServedModel.source == source))
    db.session.add_all(ServedModel(source=source, name=redactor.clean(name), snapshot_at=now) for name in names)


def served_models() -> Sequence[ServedModel]:
    """The models the gateways say they serve, by name."""
    return db.session.scalars(select(ServedModel).order_by(ServedModel.name)).all()


def facts_of(row: GatewayKey) -> KeyFacts:
    """A row as the core reasons with it."""
    values = {field.name: getattr(row, field.name) for field in fields(KeyFacts)}
    return KeyFacts(**(values | {name: _epoch_ms(values[name]) for name in _TIMES}))


def _tell(row: GatewayKey, facts: KeyFacts, redactor: Redactor, snapshot_at: datetime | None) -> None:
    """Write what the source says over what was known; what it does not say stays."""
    last = _moment(facts.last_seen)
    is_news = snapshot_at is not None or row.last_seen is None or (last is not None and last >= row.last_seen)
    for name in (*_PLAIN, *_TEXTS):
        value = getattr(facts, name)
        if value not in (None, "") and (is_news or getattr(row, name) in (None, "")):
            setattr(row, name, redactor.clean(value) if name in _TEXTS else value)
    if snapshot_at is not None:
        row.snapshot_at, row.expires_at = snapshot_at, _moment(facts.expires_at)
        if facts.unlimited:
            row.quota_micros = None
    _tell_times(row, facts)


def _tell_times(row: GatewayKey, facts: KeyFacts) -> None:
    """The first time only goes back, the last ones only forward: logs may come late."""
    first, last, good = (_moment(value) for value in (facts.first_seen, facts.last_seen, facts.last_ok))
    if first is not None:
        row.first_seen = min(row.first_seen or first, first)
    if last is not None and (row.last_seen is None or last >= row.last_seen):
        row.last_seen = last
        row.last_status = facts.last_status if facts.last_status is not None else row.last_status
    if good is not None:
        row.last_ok = max(row.last_ok or good, good)


def _holds(words: str) -> ColumnElement[bool]:
    """The words in any of the fields a person knows a key by; the tail from its last four characters."""
    text = f"%{words.replace(_ESCAPE, _ESCAPE * 2).replace('%', f'{_ESCAPE}%').replace('_', f'{_ESCAPE}_')}%"
    columns = (GatewayKey.alias, GatewayKey.owner, GatewayKey.group, GatewayKey.environment)
    return or_(GatewayKey.last4 == words[-4:], *(type_coerce(column, Text).ilike(text, escape=_ESCAPE) for column in columns))


def _moment(epoch_ms: int | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)


def _epoch_ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
