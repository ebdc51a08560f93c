"""The macros, read once."""

from __future__ import annotations

from functools import cache

from app.core.macros import MacroBook
from app.store.rulebook import RULES_DIR, read_rules


@cache
def macro_book() -> MacroBook:
    """What rules/macros.toml says."""
    return MacroBook(read_rules(RULES_DIR, "macros"))
