"""Tables of the interface's words, translated once for each language instead of once for each page."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps

from flask_babel import get_locale


def said_once(words: Callable[[], dict[str, str]]) -> Callable[[], dict[str, str]]:
    """Keep what a function says in each language. It says nothing but words of ours, and the same every time."""
    kept = lru_cache(maxsize=8)(lambda _locale: words())

    @wraps(words)
    def table() -> dict[str, str]:
        return dict(kept(str(get_locale())))  # a table of the caller's own

    return table
