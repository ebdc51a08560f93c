"""Who uses what: requests read for the ways of spending that nobody meant. What is worth a warning: rules/warnings.toml."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.core.keys import identity
from app.core.record import RedactedRecord
from app.core.rollups import client_value
from app.core.warning import Finding, WarningBook, WarningRule

EXAMPLES = 5
MIXED, TEST_KEY, SHARED, OWNERLESS = "mixed-group", "test-key-in-production", "shared-key", "ownerless-key"
CHAT = "chat"
_WORDS = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")


@dataclass(slots=True)
class Use:
    """What one key, or one group, did."""

    name: str
    requests: int = 0
    charged: int = 0
    money: int = 0
    money_by_kind: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    clients: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)
    environments: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, record: RedactedRecord) -> None:
        """One request more."""
        cost = record.cost_micros or 0
        self.requests += 1
        self.charged += cost > 0
        self.money += cost
        self.kinds[record.request_type] += 1
        self.money_by_kind[record.request_type] += cost
        self.clients |= {client_value(record.client)} - {""}
        self.owners |= {record.owner} if record.owner else set()
        self.environments[record.environment or ""] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(record.record_id)


@dataclass(frozen=True, slots=True)
class Usage:
    """A day's requests by key and by group; owners: of keys, as the registry knows them."""

    keys: Mapping[str, Use]
    groups: Mapping[str, Use]
    owners: Mapping[str, str]

    @property
    def money(self) -> int:
        """What all of it cost."""
        return sum(use.money for use in self.keys.values())


def read_usage(records: Iterable[RedactedRecord], owners: Mapping[str, str]) -> Usage:
    """Add the requests up; those that name no key count under the empty one."""
    keys: dict[str, Use] = {}
    groups: dict[str, Use] = {}
    for record in records:
        key = identity(record.source, record.key_fingerprint, record.key_alias, record.key_last4) or ""
        name = record.key_alias or (f"…{record.key_last4}" if record.key_last4 else "")
        known = keys.setdefault(key, Use(name))
        known.name = known.name or name
        known.add(record)
        if record.group:
            groups.setdefault(record.group, Use(record.group)).add(record)
    return Usage(keys, groups, owners)


def find_waste(usage: Usage, book: WarningBook) -> Iterator[Finding]:
    """Everything there is to say; whether it is worth saying, the limits of its rule decide."""
    for group, use in usage.groups.items():
        yield _mixed(group, use, book.kinds[MIXED])
    for key, use in usage.keys.items():
        if key:
            yield from _of_key(key, use, usage, book)


def _mixed(group: str, use: Use, rule: WarningRule) -> Finding:
    """Costly kinds beside chat, under one budget."""
    costly = {kind: count for kind, count in use.kinds.items() if kind in rule.lists["kinds"]}
    money = sum(use.money_by_kind[kind] for kind in costly)
    share = round(100 * money / use.money) if use.money > 0 else 0
    facts = {
        "value": group, "costly": sum(costly.values()), "chat": use.kinds[CHAT], "share": share, "kinds": ", ".join(sorted(costly)),
        "count": sum(costly.values()),
    }  # fmt: skip
    return Finding(MIXED, group, group, facts, tuple(use.examples), money)


def _of_key(key: str, use: Use, usage: Usage, book: WarningBook) -> Iterator[Finding]:
    """What one key does that it should not."""
    facts = {"value": use.name or key[:8], "clients": len(use.clients), "owners": len(use.owners), "count": use.requests}
    name = str(facts["value"])
    yield Finding(SHARED, name, key, facts, tuple(use.examples), use.money)
    place = _production(use, book.kinds[TEST_KEY])
    if place and _is_test_name(use.name, book.kinds[TEST_KEY]):
        there = {**facts, "environment": place, "count": use.environments[place]}
        yield Finding(TEST_KEY, name, key, there, tuple(use.examples), use.money)
    if not use.owners and not usage.owners.get(key) and usage.money > 0:
        spent = {**facts, "count": use.charged, "share": round(100 * use.money / usage.money)}
        yield Finding(OWNERLESS, name, key, spent, tuple(use.examples), use.money)


def _production(use: Use, rule: WarningRule) -> str | None:
    """The production environment the key was used in most; None when it was not."""
    there = [name for name, _count in use.environments.most_common() if name.lower() in rule.lists["environments"]]
    return there[0] if there else None


def _is_test_name(name: str, rule: WarningRule) -> bool:
    """Whether a word of the name says that it is for trying things out."""
    words = _WORDS.findall(name.lower())
    return any(word == wanted or (not wanted.isascii() and wanted in word) for word in words for wanted in rule.lists["names"])
