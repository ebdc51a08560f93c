"""The attempts of one user action, joined: which model was asked for first, and what the gateway fell back from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from app.core.record import Outcome, RedactedRecord

CLOCKS_DIFFER_MS = 1000  # a try does not begin before the one before it has failed, but for this


@dataclass(frozen=True, slots=True)
class RetryRules:
    """How clients try again, from app/rules/matching.toml: after which statuses, how soon, how often."""

    statuses: frozenset[int]
    gap_seconds: float
    most: int


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


def likely_retries(record: RedactedRecord, others: Iterable[RedactedRecord], rules: RetryRules) -> tuple[RedactedRecord, ...]:
    """Other actions that look like tries of the same one, oldest first: a suggestion, for a gateway that joins none.

    Each begins soon after a failure worth trying again, with the same key, client and model. A client that sends the
    same request over and over by design looks like this too.
    """
    alike = {other.record_id: other for other in others if _same_caller(record, other)} | {record.record_id: record}
    ordered = sorted(alike.values(), key=lambda each: (each.started_at, each.attempt, each.record_id))
    chain: list[RedactedRecord] = []
    for each in ordered:
        if chain and not _follows(chain[-1], each, rules):
            if record in chain:
                break
            chain = []
        chain.append(each)
    place = chain.index(record)
    start = max(min(place, len(chain) - rules.most), 0)
    return tuple(each for each in chain[start : start + rules.most] if each.action_id != record.action_id)


def _same_caller(record: RedactedRecord, other: RedactedRecord) -> bool:
    """Whether both were sent with one key, by one client, for one model; a key nobody knows is no reason."""
    keys = [(each.key_fingerprint or (each.key_alias, each.key_last4)) for each in (record, other)]
    is_known = bool(record.key_fingerprint or record.key_alias or record.key_last4)
    return is_known and keys[0] == keys[1] and (record.client, _asked(record)) == (other.client, _asked(other))


def _follows(before: RedactedRecord, after: RedactedRecord, rules: RetryRules) -> bool:
    """Whether `after` is what a client does when `before` failed."""
    worth_trying = before.outcome is not Outcome.OK and before.status_code in rules.statuses
    gap = after.started_at - before.started_at - (before.latency_ms or 0)
    in_turn = -CLOCKS_DIFFER_MS <= gap <= rules.gap_seconds * 1000
    return before.action_id == after.action_id or (worth_trying and in_turn)


def _asked(record: RedactedRecord) -> str | None:
    return record.model_requested or record.model_served


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
