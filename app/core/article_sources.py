"""What an article rests on: addresses with the day somebody read them, and which of them are well formed and fresh."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.core.article_problem import Problem

WRITTEN = re.compile(r"^(https?://[^\s<>\"]{3,500})(?:\s+(\d{4}-\d{2}-\d{2}))?$")
OUTSIDE = re.compile(r"\]\((https?://[^\s)]{3,500})\)")


@dataclass(frozen=True, slots=True)
class Source:
    """An address, and the ISO day it was read."""

    url: str
    checked_on: str


def sources_of(lines: Iterable[str]) -> tuple[Source, ...]:
    """The sources that are well formed."""
    return tuple(source for line in lines if (source := read_source(line)))


def read_source(line: str) -> Source | None:
    """`https://… 2026-11-20`; None for anything else."""
    found = WRITTEN.match(line.strip())
    return Source(found[1], found[2]) if found and found[2] and _is_day(found[2]) else None


def source_problems(lines: Iterable[str]) -> list[Problem]:
    """What is not a source: no address, or no day."""
    return [Problem("source-malformed", "facts", names={"source": line[:80]}) for line in lines if read_source(line) is None]


def outside_links(body: str) -> list[str]:
    """The addresses elsewhere that a text links to, each once."""
    return list(dict.fromkeys(found[1] for found in OUTSIDE.finditer(body)))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
