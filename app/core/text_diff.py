"""Two versions of a text, line by line."""

from __future__ import annotations

import difflib


def line_diff(before: str, after: str) -> list[tuple[str, str]]:
    """Lines as (same | add | del, text), in the order of the new text."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[tuple[str, str]] = []
    for kind, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += [("same", line) for line in new[new_start:new_end]]
        else:
            lines += [("del", line) for line in old[old_start:old_end]]
            lines += [("add", line) for line in new[new_start:new_end]]
    return lines
