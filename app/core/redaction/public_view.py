"""The requester's view of redacted text: without what gateways print about accounts, routes and money."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core.redacted_text import RedactedText, seal


@dataclass(frozen=True, slots=True)
class Fact:
    """A kind of gateway fact, where it stands and what is shown instead."""

    id: str
    label: str
    find: re.Pattern[str]
    shown: str


@dataclass(frozen=True, slots=True)
class PublicView:
    """All gateway facts; built from the `fact` entries of the redaction rules."""

    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> PublicView:
        """The view for a parsed rule file."""
        return cls(tuple(Fact(e["id"], e["label"]["en"], re.compile(e["find"]), e["shown"]) for e in rules["fact"]))

    def of_text(self, text: RedactedText) -> RedactedText:
        """`text` without gateway facts."""
        shown: str = text
        for fact in self.facts:
            shown = _hide(fact, shown)
        return seal(shown)


def _hide(fact: Fact, text: str) -> str:
    """Replace the telling group of every match."""
    pieces: list[str] = []
    at = 0
    for found in fact.find.finditer(text):
        group = "secret" if found["secret"] is not None else "other"
        pieces += (text[at : found.start(group)], fact.shown)
        at = found.end(group)
    return "".join((*pieces, text[at:]))
