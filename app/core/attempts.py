"""The attempts of one user action, joined: which model was asked for first, and what the gateway fell back from."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from app.core.record import Outcome, RedactedRecord


def join_attempts(records: Iterable[RedactedRecord]) -> tuple[RedactedRecord, ...]:
    """Order the records of one action and tell each later attempt what came before it.

    Gateways log an attempt alone: the record of a success after a fallback names only the model that
    answered. The model the user asked for is the earliest attempt's.
    """
    ordered = sorted(records, key=_when)
    if len(ordered) < 2:
        return tuple(ordered)
    numbered = len({record.attempt for record in ordered}) == len(ordered)
    joined = [ordered[0]]
    for number, record in enumerate(ordered[1:], 2):
        joined.append(_after(joined[-1], joined[0], record, record.attempt if numbered else number))
    return tuple(joined)


def _when(record: RedactedRecord) -> tuple[int, int, bool]:
    """Order by attempt, then by end: the success of a stream begins with the failure before it, but ends after it."""
    return record.attempt, record.started_at + (record.latency_ms or 0), record.outcome is not Outcome.ERROR


def _after(previous: RedactedRecord, first: RedactedRecord, record: RedactedRecord, number: int) -> RedactedRecord:
    """Tell a later attempt its number, the model asked for, and the fallback when another model took over."""
    fell_back = previous.outcome is not Outcome.OK and _model(record) != _model(previous)
    return msgspec.structs.replace(
        record,
        attempt=number,
        model_requested=first.model_requested or record.model_requested,
        fallback_from=record.fallback_from or (_model(previous) if fell_back else None),
        fallback_reason=record.fallback_reason or (previous.error_message if fell_back else None),
    )


def _model(record: RedactedRecord) -> str | None:
    """Name the model an attempt was made with."""
    return record.model_served or record.model_requested
