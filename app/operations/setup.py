"""Fill an empty desk with a generated week, so that every page has something true-to-life to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec

from app.core.roles import Role
from app.core.rulebook import Rulebook
from app.operations import accounts
from app.operations.demo import demo_traffic
from app.operations.ingest import accept_batch
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
DEMO_SEED = 20
RECORDS_PER_POST = 500


def desk_is_empty() -> bool:
    """Whether nobody has an account yet."""
    return not users.everyone()


def fill_demo(settings: Settings, rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """One account per role, a week of gateway traffic taken in as a gateway would send it, and the tickets about it."""
    for name, display_name, role, language in DEMO_ACCOUNTS:
        accounts.create_account(name, display_name, role, rulebook.redactor, now).language = language
    for records in _chunks(demo_traffic(DEMO_SEED, now), RECORDS_PER_POST):
        accept_batch(msgspec.json.encode(records), "litellm", rulebook.redactor, settings.pepper, log_store, now)


def _chunks(records: Iterator[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    """Lists of at most `size` records."""
    while chunk := list(islice(records, size)):
        yield chunk
