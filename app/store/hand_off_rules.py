"""Checklists, queue fields and trackers, read once."""

from __future__ import annotations

from functools import cache

from app.core.hand_off_sheet import HandOffBook
from app.store.rulebook import RULES_DIR, read_rules


@cache
def hand_off_book() -> HandOffBook:
    """What rules/hand_off.toml says."""
    return HandOffBook(read_rules(RULES_DIR, "hand_off"))
