"""Fill an empty desk with a generated week, so that every page has something true-to-life to show."""

from __future__ import annotations

from datetime import datetime

from app.core.roles import Role
from app.core.rulebook import Rulebook
from app.operations import accounts
from app.settings import Settings
from app.store import users
from app.store.logs import LogStore

DEMO_ACCOUNTS = (
    ("mia", "Mia", Role.USER, "en"),
    ("li.wei", "李伟", Role.USER, "zh"),
    ("alex", "Alex", Role.AGENT, "en"),
    ("zhang.min", "张敏", Role.AGENT, "zh"),
    ("nora", "Nora", Role.EDITOR, "en"),
    ("sam", "Sam", Role.MANAGER, "en"),
    ("olivia", "Olivia", Role.OWNER, "en"),
)


def desk_is_empty() -> bool:
    """Whether nobody has an account yet."""
    return not users.everyone()
