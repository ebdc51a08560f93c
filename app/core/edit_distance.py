"""How far two words are apart in single slips: a letter missing, added, changed, or two swapped."""

from __future__ import annotations


def distance(left: str, right: str, limit: int) -> int:
    """Slips from `left` to `right` (optimal string alignment); any value above `limit` means "more than that"."""
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        above, before, row = before, row, [i]
        for j, other in enumerate(right, 1):
            best = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == right[j - 2] and left[i - 2] == other:
                best = min(best, above[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
    return row[-1]


def similarity(left: str, right: str) -> float:
    """1.0 for equal words, 0.0 for words with nothing in common."""
    longest = max(len(left), len(right))
    return 1.0 - distance(left, right, longest) / longest if longest else 1.0
