"""What facts are read from, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.core.clients import Client
from app.core.evidence import Evidence
from app.core.log_context import KeyActivity, Neighbours
from app.core.record import RedactedRecord

Value = str | int | timedelta | datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is known about a ticket: the report, the record it is about (when one is likely), and what surrounds it."""

    evidence: Evidence = field(default_factory=Evidence)
    record: RedactedRecord | None = None
    attempts: tuple[RedactedRecord, ...] = ()
    key: KeyActivity | None = None
    neighbours: Neighbours | None = None
    client: Client | None = None
    searched: bool = True  # whether the log was looked through at all


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fact says: one of its known answers, and the values its sentence names."""

    answer: str
    values: Mapping[str, Value] = field(default_factory=dict)


def moment(milliseconds: int) -> datetime:
    """Read a log time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
