"""The queues' hours and targets, read once."""

from __future__ import annotations

from functools import cache

from app.core.service import ServiceBook
from app.store.rulebook import RULES_DIR, read_rules


@cache
def service_book() -> ServiceBook:
    """What rules/service.toml says."""
    return ServiceBook(read_rules(RULES_DIR, "service"))
