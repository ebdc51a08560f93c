"""What a public reply must not tell: group names, owners, routes, amounts, other people's ids; found with their places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core.article_gate import PrivateClass
from app.core.record import RedactedRecord

SHORTEST_NAME = 3
IN_REPLIES = {"balances": "amount", "payment_records": "amount", "routing": "route", "prompts": "prompt"}
ID = re.compile(
    r"(?<![A-Za-z0-9_-])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:req|task|batch|cgt)[_-][A-Za-z0-9_-]{8,64}"
    r"|[0-9a-f]{24,64}|[0-9]{20,40})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A private fact in a text: what kind, and where."""

    kind: str  # group, owner, alias, route, amount, prompt, id
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text; kind: of the private fact it is, empty for the rest."""

    text: str
    kind: str


def names_of(records: Iterable[RedactedRecord]) -> dict[str, str]:
    """Names in log records that are nobody else's business: value → kind."""
    found: dict[str, str] = {}
    for record in records:
        route = record.model_served if record.model_served != record.model_requested else None
        named = (("group", record.group), ("owner", record.owner), ("alias", record.key_alias), ("route", route))
        found |= {value: kind for kind, value in named if value and len(value) >= SHORTEST_NAME}
    return found


def find_private(
    text: str, names: Mapping[str, str], classes: Iterable[PrivateClass], own_ids: Iterable[str], said: str = ""
) -> tuple[Mark, ...]:
    """Every private fact of a public text. What the requester said themselves, and their own ids, may be repeated."""
    own = {each.casefold() for each in own_ids}
    marks = [*_names(text, names), *_classes(text, classes), *_foreign_ids(text, own)]
    told = said.casefold()
    fresh = [mark for mark in marks if text[mark.start : mark.end].casefold() not in told]
    return tuple(sorted(set(fresh), key=lambda mark: (mark.start, mark.end)))


def segments(text: str, marks: Iterable[Mark]) -> tuple[Segment, ...]:
    """The text cut at the marks, to be shown with them."""
    parts: list[Segment] = []
    at = 0
    for mark in marks:
        if mark.start >= at:
            parts += [Segment(text[at : mark.start], ""), Segment(text[mark.start : mark.end], mark.kind)]
            at = mark.end
    return tuple(part for part in (*parts, Segment(text[at:], "")) if part.text)


def _names(text: str, names: Mapping[str, str]) -> Iterator[Mark]:
    for name, kind in names.items():
        for hit in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text, re.IGNORECASE):
            yield Mark(kind, hit.start(), hit.end())


def _classes(text: str, classes: Iterable[PrivateClass]) -> Iterator[Mark]:
    for private in classes:
        for pattern in private.patterns if private.id in IN_REPLIES else ():
            for hit in pattern.finditer(text):
                yield Mark(IN_REPLIES[private.id], hit.start(), hit.end())


def _foreign_ids(text: str, own: set[str]) -> Iterator[Mark]:
    for hit in ID.finditer(text):
        if hit[0].casefold() not in own:
            yield Mark("id", hit.start(), hit.end())
