"""What is wrong with an article, and where: said without quoting what is private."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason not to publish yet, or one piece of advice. Never carries a private value itself, only its place.

    where: title, summary, body, keywords or facts; line counts from 1 within it.
    names: what the sentence of this rule speaks about (a section, a cause), safe to show.
    """

    rule: str
    where: str
    line: int = 0
    start: int = 0
    end: int = 0
    names: Mapping[str, str] = field(default_factory=dict)
