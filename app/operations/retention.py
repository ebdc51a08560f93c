"""Forget log records whose time is over; the roll-ups stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.store.logs import LogStore


def purge_log(log_store: LogStore, keep_ok_days: int, keep_problem_days: int, now: datetime) -> int:
    """Forget successes and problems older than so many days (0: never). Returns how many. Raises LogStoreBusy."""
    return log_store.purge(_before(keep_ok_days, now), _before(keep_problem_days, now))


def _before(days: int, now: datetime) -> datetime | None:
    return now - timedelta(days=days) if days else None
