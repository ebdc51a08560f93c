"""What to change at a gateway so that its log says what it never said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.record import RedactedRecord


@dataclass(frozen=True, slots=True)
class SourceHint:
    """Advice for one source: which fields it would fill, and the advice in both languages."""

    id: str
    source: str
    fields: tuple[str, ...]
    en: str
    zh: str

    def text(self, language: str) -> str:
        """Give the advice in Chinese or English."""
        return self.zh if language.startswith("zh") else self.en


class SourceHints:
    """All advice, by source."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.hints = tuple(
            SourceHint(hint["id"], hint["source"], tuple(hint["fields"]), hint["en"], hint["zh"]) for hint in data.get("hint", ())
        )

    def for_source(self, source: str, never_filled: Collection[str]) -> tuple[SourceHint, ...]:
        """Give the advice for a source none of whose records ever had any of the fields it is about."""
        return tuple(hint for hint in self.hints if hint.source == source and set(hint.fields) <= set(never_filled))


def check_hints(hints: SourceHints, sources: Collection[str], watched: Collection[str]) -> list[str]:
    """Name what does not hold: unknown sources and fields, fields nobody watches, ids used twice, missing languages."""
    problems = [f"{hint.id}: {problem}" for hint in hints.hints for problem in _problems(hint, sources, watched)]
    ids = [hint.id for hint in hints.hints]
    return problems + [f"{name}: the id is used twice" for name in sorted({name for name in ids if ids.count(name) > 1})]


def _problems(hint: SourceHint, sources: Collection[str], watched: Collection[str]) -> Iterable[str]:
    if hint.source not in sources:
        yield f"there is no source {hint.source}"
    for name in hint.fields:
        if name not in RedactedRecord.__struct_fields__:
            yield f"a record has no field {name}"
        elif name not in watched:
            yield f"nobody watches the field {name}"
    if not hint.fields:
        yield "names no field"
    if not hint.en.strip() or not any("\u4e00" <= sign <= "\u9fff" for sign in hint.zh):
        yield "needs advice in both languages"
