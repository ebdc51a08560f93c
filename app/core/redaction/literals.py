"""One regular expression for many literals, built as a tree of prefixes so that a scan costs nearly the same for ten or for hundreds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


class _Node(dict[str, "_Node"]):
    """What may follow a prefix. tail: the pattern that must follow when a literal is complete here."""

    tail: str | None = None


def any_of(literals: Iterable[str]) -> str:
    """A pattern for the longest of `literals` at a place."""
    return with_tails(dict.fromkeys(literals, ""))


def with_tails(tails: Mapping[str, str]) -> str:
    """The same, where each literal must be followed by its own pattern."""
    root = _Node()
    for literal, tail in tails.items():
        node = root
        for char in literal:
            node = node.setdefault(char, _Node())
        node.tail = tail
    return _pattern(root)


def _pattern(node: _Node) -> str:
    branches = [re.escape(char) + _pattern(child) for char, child in sorted(node.items())]
    if node.tail is not None:
        branches.append(node.tail)
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


COMMON = "etaino 0123456789"


def seen_anywhere(tails: Mapping[str, str]) -> str:
    """The same question, asked at the first uncommon character of each literal: a scan then passes over half of a text.

    For a first pass only: it says that some literal is there, not which and not where it begins.
    """
    groups: dict[str, dict[str, dict[str, str]]] = {}
    for literal, tail in tails.items():
        at = next((place for place, char in enumerate(literal) if char not in COMMON), 0)
        groups.setdefault(literal[at], {}).setdefault(literal[: at + 1] if at else "", {})[literal[at + 1 :]] = tail
    return "|".join(f"{re.escape(pivot)}(?:{_around(befores)})" for pivot, befores in sorted(groups.items()))


def merged(*maps: Mapping[str, str]) -> dict[str, str]:
    """One map of several; a literal in more than one may be followed by what any of them wants."""
    tails: dict[str, str] = {}
    for literal, tail in (pair for each in maps for pair in each.items()):
        known = tails.get(literal)
        tails[literal] = tail if known is None or known == tail else f"(?:{known}|{tail})" if known and tail else ""
    return tails


def at_boundary(tails: Mapping[str, str]) -> str:
    """A pattern for any of the literals where a word begins; the character before the word is part of the match."""
    starts: dict[str, str] = {}
    for literal, tail in tails.items():
        start = literal if literal[0].isalnum() else literal[1:]
        starts = merged(starts, {start: tail})
    return f"[^a-z0-9](?:{with_tails(starts)})"


def _around(befores: Mapping[str, Mapping[str, str]]) -> str:
    """What may stand before a pivot, and behind it."""
    return "|".join((f"(?<={re.escape(before)})" if before else "") + with_tails(afters) for before, afters in sorted(befores.items()))
