"""One regular expression for many literals, built as a tree of prefixes so that a scan costs nearly the same for ten or for hundreds."""

from __future__ import annotations

import re
from collections.abc import Iterable


class _Node(dict[str, "_Node"]):
    """What may follow a prefix; `ends` when a literal is complete here."""

    ends = False


def any_of(literals: Iterable[str]) -> str:
    """A pattern for the longest of `literals` at a place."""
    root = _Node()
    for literal in literals:
        node = root
        for char in literal:
            node = node.setdefault(char, _Node())
        node.ends = True
    return _pattern(root)


def _pattern(node: _Node) -> str:
    branches = [re.escape(char) + _pattern(child) for char, child in sorted(node.items())]
    if not branches:
        return ""
    if node.ends:
        return f"(?:{'|'.join(branches)})?"
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
