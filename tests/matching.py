"""The matcher with the rules in force, and reports to try it with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from app.core.clients import ClientBook
from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.log_context import Match, Ranking
from app.core.matching import MatchWeights, rank, sentences
from app.core.model_names import ModelNames
from app.core.record import Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.store.rulebook import RULES_DIR, read_rules
from tests.conftest import NOW
from tests.log_records import START, a_record

DATA = read_rules(RULES_DIR, "matching")
WEIGHTS = MatchWeights(DATA)
CLIENTS = ClientBook(read_rules(RULES_DIR, "clients"))
MODELS = ModelNames(read_rules(RULES_DIR, "models"))
FINGERPRINT = "0123456789abcdef" * 2
LIMIT = "Rate limit reached for gpt-4o in organization on requests per min (RPM): Limit 500, Used 500, Requested 1."


def a_failure(request_id: str = "call-1", *, minutes: float = 0, **changes: Any) -> RedactedRecord:
    """A rate-limited request, `minutes` after the moment every test happens at."""
    fields: dict[str, Any] = {
        "started_at": START + int(minutes * 60_000),
        "status_code": 429,
        "outcome": Outcome.ERROR,
        "model_requested": "gpt-4o",
        "client": "CherryStudio/1.6.2 Electron/37.2",
        "error_message": LIMIT,
        "key_last4": "9f3c",
        "key_fingerprint": FINGERPRINT,
    }
    return a_record(request_id, **(fields | changes))


def a_report(*, minutes: float | None = 0, error_text: str | None = LIMIT, key: KeyRef | None = None, **changes: Any) -> Evidence:
    """A report of that request, without a key unless one is given."""
    fields: dict[str, Any] = {
        "client": "cherry-studio",
        "model": "GPT-4o",
        "status_code": 429,
        "error_text": seal(error_text) if error_text else None,
        "key": key or KeyRef(),
        "request_time": None if minutes is None else NOW + timedelta(minutes=minutes),
    }
    return Evidence(**(fields | changes))


def strangers(count: int = 40, **changes: Any) -> list[RedactedRecord]:
    """Other people's failures of another kind in the same half hour."""
    fields: dict[str, Any] = {
        "model_requested": "claude-sonnet-4-5",
        "status_code": 503,
        "error_message": "The engine is currently overloaded, please try again later",
        "client": "claude-cli/2.0.31",
        "key_last4": "zzzz",
        "key_fingerprint": "f" * 32,
    }
    return [a_failure(f"other-{n}", minutes=n % 30 - 15, **(fields | changes)) for n in range(count)]


def ranked(evidence: Evidence, records: Iterable[RedactedRecord]) -> Ranking:
    """The ranking by the rules in force."""
    return rank(evidence, list(records), WEIGHTS, CLIENTS, MODELS)


def signal_ids(match: Match) -> set[str]:
    """Which signals spoke."""
    return {signal.id for signal in match.signals}


def said(match: Match, language: str = "en") -> list[str]:
    """The reasons as people read them."""
    return sentences(match, WEIGHTS, language)
