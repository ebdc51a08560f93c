"""The gateway's keys as the desk knows them: what the log and the gateway's own lists say, never the key itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from app.core.record import Outcome, RedactedRecord

IDLE_AFTER = timedelta(days=30)
LOW_SHARE = 0.1  # of the quota


class KeyState(StrEnum):
    """How a key stands; the first that holds, in this order."""

    BLOCKED = "blocked"
    EXPIRED = "expired"
    USED_UP = "used_up"
    UNUSED = "unused"
    IDLE = "idle"
    FAILING = "failing"
    ACTIVE = "active"


class Level(StrEnum):
    """What is left of a quota, for those who may not see amounts."""

    UNKNOWN = "unknown"
    UNLIMITED = "unlimited"
    NOTHING = "nothing"
    LITTLE = "little"
    ENOUGH = "enough"


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What one source says of a key; None: it does not say. Times are UTC epoch milliseconds, money is micro-USD.

    identity: the fingerprint where one is known, else a digest of source, alias and tail. Neither proves whose key it is.
    """

    identity: str
    source: str
    prefix: str = ""
    last4: str | None = None
    fingerprint: str | None = None
    alias: str | None = None
    owner: str | None = None
    group: str | None = None
    environment: str | None = None
    quota_micros: int | None = None
    spent_micros: int | None = None
    unlimited: bool | None = None
    blocked: bool | None = None
    expires_at: int | None = None
    first_seen: int | None = None
    last_seen: int | None = None
    last_ok: int | None = None
    last_status: int | None = None


def identity(source: str, fingerprint: str | None, alias: str | None, last4: str | None) -> str | None:
    """What tells a key from others as well as its source allows; None when nothing does."""
    if fingerprint:
        return fingerprint
    if not alias and not last4:
        return None
    text = "\0".join((source, alias or "", last4 or ""))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def observe(records: Iterable[RedactedRecord]) -> dict[str, KeyFacts]:
    """What these records say of their keys, by identity; the newest record that has a name has it right."""
    known: dict[str, KeyFacts] = {}
    for record in sorted(records, key=lambda each: each.started_at):
        name = identity(record.source, record.key_fingerprint, record.key_alias, record.key_last4)
        if name:
            known[name] = _seen_in(record, known.get(name) or KeyFacts(name, record.source, first_seen=record.started_at))
    return known


def key_state(facts: KeyFacts, now: datetime) -> KeyState:
    """How the key stands at `now`."""
    moment = int(now.timestamp() * 1000)
    checks = (
        (KeyState.BLOCKED, bool(facts.blocked)),
        (KeyState.EXPIRED, facts.expires_at is not None and facts.expires_at <= moment),
        (KeyState.USED_UP, level(facts) is Level.NOTHING),
        (KeyState.UNUSED, facts.last_seen is None),
        (KeyState.IDLE, (facts.last_seen or 0) < moment - IDLE_AFTER / timedelta(milliseconds=1)),
        (KeyState.FAILING, (facts.last_ok or 0) < (facts.last_seen or 0)),
    )
    return next((state for state, holds in checks if holds), KeyState.ACTIVE)


def level(facts: KeyFacts) -> Level:
    """What is left of the key's quota, in a word."""
    if facts.unlimited:
        return Level.UNLIMITED
    if facts.quota_micros is None or facts.spent_micros is None:
        return Level.UNKNOWN
    left = facts.quota_micros - facts.spent_micros
    if left <= 0:
        return Level.NOTHING
    return Level.LITTLE if left < LOW_SHARE * facts.quota_micros else Level.ENOUGH


def _seen_in(record: RedactedRecord, facts: KeyFacts) -> KeyFacts:
    """A key's facts with one more, later record."""
    is_ok = record.outcome is Outcome.OK
    return replace(
        facts,
        prefix=record.key_prefix or facts.prefix,
        last4=record.key_last4 or facts.last4,
        fingerprint=record.key_fingerprint or facts.fingerprint,
        alias=record.key_alias or facts.alias,
        owner=record.owner or facts.owner,
        group=record.group or facts.group,
        environment=record.environment or facts.environment,
        last_seen=record.started_at,
        last_ok=record.started_at if is_ok else facts.last_ok,
        last_status=record.status_code if record.status_code is not None else facts.last_status,
    )
