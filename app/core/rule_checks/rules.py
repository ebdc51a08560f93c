"""What the checks read: the rulebook in force, its files as they stand, and the articles there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.rulebook import Rulebook

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class Rules:
    """data: file name → its parsed content."""

    book: Rulebook
    data: Mapping[str, Mapping[str, Any]]
    article_slugs: frozenset[str]


def missing_languages(where: str, texts: Mapping[str, Any]) -> Iterator[str]:
    """Name the languages in which a text is empty."""
    return (f"{where} has no text in {language}" for language in LANGUAGES if not texts.get(language))


def repeated(items: list[str], what: str) -> Iterator[str]:
    """Name what stands twice."""
    seen: set[str] = set()
    for item in items:
        if item in seen:
            yield f"{item}: {what} is used twice"
        seen.add(item)
