"""What the gateway's log adds to a report: matches, the key's recent state, and who else fails alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.core.record import RedactedRecord


@dataclass(frozen=True, slots=True)
class MatchSignal:
    """One reason for or against a match: id in rules/matching.toml, its weight in bits, facts for the sentence."""

    id: str
    weight: float
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """A log record that may be the one a ticket is about. The score is the sum of its signals."""

    record: RedactedRecord
    probability: float
    score: float
    signals: tuple[MatchSignal, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first, and the probability that none of them is the one."""

    matches: tuple[Match, ...]
    none_probability: float
    candidates: int = 0
    capped: bool = False


@dataclass(frozen=True, slots=True)
class KeyActivity:
    """A key's recent requests around the ticket's time."""

    total: int
    ok: int
    by_status: dict[int, int]
    last_ok_at: int | None  # epoch ms
    alias: str | None = None
    owner: str | None = None
    group: str | None = None
    environment: str | None = None
    recent: tuple[RedactedRecord, ...] = ()  # newest first


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who else failed with the same status and model in the window."""

    window_minutes: int
    failures: int
    distinct_keys: int
    requests: int


@dataclass(frozen=True, slots=True)
class LogContext:
    """Everything the log says about a report; empty when nothing was looked up."""

    ranking: Ranking | None = None
    key: KeyActivity | None = None
    neighbours: Neighbours | None = None
    log_has_records: bool = False  # whether the log covers the ticket's time at all
