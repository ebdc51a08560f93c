"""What to tell about a source that never fills a field: the field's name, and the gateway's setting that would fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Gap:
    """A field without values, in one language; the hint may be empty."""

    field: str
    name: str
    hint: str


def gaps(book: Mapping[str, Any], source: str, never_filled: Sequence[str], language: str) -> tuple[Gap, ...]:
    """The gaps worth telling, those that a setting closes first. A format that cannot have a field is not blamed for it."""
    found = [gap for field in never_filled if (gap := _gap(book["field"].get(field), field, source, language))]
    return tuple(sorted(found, key=lambda gap: not gap.hint))


def _gap(told: Mapping[str, Any] | None, field: str, source: str, language: str) -> Gap | None:
    if told is None:
        return Gap(field, field, "")
    hint = told.get(source)
    if hint is not None and not hint[language]:
        return None
    return Gap(field, told["name"][language], hint[language] if hint else "")
