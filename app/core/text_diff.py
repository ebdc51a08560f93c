"""Two versions of a text, line by line."""

from __future__ import annotations

import difflib

FOLD = ("same", "⋯")


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


def folded(lines: list[tuple[str, str]], context: int = 3) -> list[tuple[str, str]]:
    """The changed lines with `context` lines around them; what is left out shows as an ellipsis."""
    changed = [place for place, (kind, _) in enumerate(lines) if kind != "same"]
    near = {place for change in changed for place in range(change - context, change + context + 1)}
    kept: list[tuple[str, str]] = []
    for place, line in enumerate(lines):
        if place in near:
            kept.append(line)
        elif not kept or kept[-1] != FOLD:
            kept.append(FOLD)
    return kept
