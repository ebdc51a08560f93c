"""Warnings: what needs a person though it is no incident. Their words and limits are in rules/warnings.toml."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class WarningRule:
    """One kind of warning: its words, and from when on it is told."""

    id: str
    title: Mapping[str, str]
    sentence: Mapping[str, str]
    advice: Mapping[str, str]
    costs: bool  # about money; else about failures
    limits: Sequence[Mapping[str, float]]  # any of these, each as a whole
    lists: Mapping[str, tuple[str, ...]]
    hits: Sequence[Mapping[str, float]]
    misses: Sequence[Mapping[str, float]]

    def said(self, facts: Mapping[str, Any], language: str) -> str:
        """The sentence with its facts."""
        return self.sentence[language].format_map(_Known(facts))


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: of which kind, about what, with which facts; `money` in micro-USD, for those who may see amounts."""

    rule: str
    value: str  # what it is about, as people know it
    identity: str  # what tells it from others of its kind
    facts: Mapping[str, Any]
    examples: tuple[str, ...] = ()
    money: int | None = None

    @property
    def subject(self) -> str:
        """A digest of what it is about."""
        return hashlib.blake2b(self.identity.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class WarningBook:
    """Every kind of warning, by id."""

    rules: Mapping[str, Any]
    kinds: Mapping[str, WarningRule] = field(init=False)

    def __post_init__(self) -> None:
        kinds = (_rule(data) for data in self.rules.get("warning", ()))
        object.__setattr__(self, "kinds", {kind.id: kind for kind in kinds})


def is_reached(rule: WarningRule, facts: Mapping[str, Any]) -> bool:
    """Whether the facts reach one of the rule's sets of limits."""
    return any(all(facts.get(name, 0) >= limit for name, limit in limits.items()) for limits in rule.limits)


def check_warnings(book: WarningBook) -> list[str]:
    """List warnings without words in a language, without examples, and examples that their limits do not tell right."""
    return [fault for rule in book.kinds.values() for fault in _faults(rule)]


def _faults(rule: WarningRule) -> Iterator[str]:
    for name in ("title", "sentence", "advice"):
        yield from (f"{rule.id}: no {name} in {language}" for language in LANGUAGES if not getattr(rule, name).get(language))
    if not rule.hits or not rule.misses:
        yield f"{rule.id}: needs hits and misses"
    yield from (f"{rule.id}: the hit {dict(facts)} is not told" for facts in rule.hits if not is_reached(rule, facts))
    yield from (f"{rule.id}: the miss {dict(facts)} is told" for facts in rule.misses if is_reached(rule, facts))


def _rule(data: Mapping[str, Any]) -> WarningRule:
    lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list) and isinstance(value[0], str)}
    return WarningRule(
        data["id"], data["title"], data["sentence"], data["advice"], data["costs"], data["limits"], lists, data["hit"], data["miss"]
    )


class _Known(dict[str, Any]):
    """Facts of which some may be missing."""

    def __missing__(self, key: str) -> str:
        return "–"
