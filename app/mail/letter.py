"""A letter: what an e-mail says, before it is plain text and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LetterList:
    """A heading with lines, each perhaps a link."""

    title: str
    lines: Sequence[tuple[str, str]]  # (words, address or "")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is said: subject, a few sentences, perhaps somebody's words, one button, and small print."""

    subject: str
    lines: Sequence[str]
    button: tuple[str, str]  # (words, address)
    words: str = ""  # Markdown, redacted
    lists: Sequence[LetterList] = field(default=())
    foot: Sequence[str] = field(default=())
    mark: str = ""  # the line above which one may answer by e-mail
