"""Requests around one in the log that look like tries of the same action."""

from __future__ import annotations

from app.core.attempts import likely_retries
from app.core.log_filter import LogFilter, Shown
from app.core.record import RedactedRecord
from app.web.context import log_store, rulebook

REACH_MS = 15 * 60_000
MOST_READ = 100


def suggested(record: RedactedRecord) -> tuple[RedactedRecord, ...]:
    """Other actions of this key, client and model that a retry would explain; one bounded query."""
    word = record.key_alias or record.key_last4
    if not word:
        return ()
    since, until = record.started_at - REACH_MS, record.started_at + REACH_MS
    around = LogFilter(shown=Shown.ALL, since=since, until=until, key=word, model=record.model_requested or record.model_served)
    return likely_retries(record, log_store().find(around, MOST_READ).records, rulebook().matching.retries)
