"""The part of an error that stays the same from request to request, so that the same failure is told once however often it came."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.core.record import RedactedRecord

LONGEST = 200
_CHANGES = re.compile(r"[0-9a-f]{8,64}|[0-9]+(?:[.:][0-9]+)*", re.IGNORECASE)  # ids, amounts, times, counts


@dataclass(frozen=True, slots=True)
class ErrorPlace:
    """One error and where it occurred among the records looked at: its newest record, how often, on which models."""

    newest: RedactedRecord
    count: int
    models: tuple[str, ...]


def outline(text: str) -> str:
    """An error's text without what changes from one time to the next."""
    return _CHANGES.sub("#", text[:LONGEST]).lower()


def error_places(records: Iterable[RedactedRecord]) -> list[ErrorPlace]:
    """Records (newest first) told by error: the most frequent first, then the newest."""
    groups: dict[tuple[int | None, str | None, str], list[RedactedRecord]] = {}
    for record in records:
        groups.setdefault((record.status_code, record.error_code, outline(record.error_message or "")), []).append(record)
    places = [ErrorPlace(found[0], len(found), _models(found)) for found in groups.values()]
    return sorted(places, key=lambda place: (-place.count, -place.newest.started_at))


def _models(records: Iterable[RedactedRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(record.model_requested for record in records if record.model_requested))
