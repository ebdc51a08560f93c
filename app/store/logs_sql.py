"""The log store over SQLite and PostgreSQL."""

from __future__ import annotations


class SqlLogStore:
    """Stub replaced below."""

    def __init__(self, url: str) -> None:
        self.url = url
