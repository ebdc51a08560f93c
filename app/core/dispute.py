"""A dispute about a charge: the claim, what the log says of it, the decision, and the legal moves between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from app.core.record import Origin, Outcome, RedactedRecord

SETTLES_AFTER = 24 * 3_600_000  # ms: an amount taken in advance may come back until then


class Claim(StrEnum):
    """What the requester says is wrong."""

    CHARGED_FAILED = "charged_failed"  # it failed and was charged
    WRONG_AMOUNT = "wrong_amount"
    CHARGED_TWICE = "charged_twice"
    NO_REFUND = "no_refund"  # a refund was promised and is not there


class DisputeState(StrEnum):
    """Where a dispute stands."""

    CLAIMED = "claimed"  # nobody has looked at the log yet
    EXAMINED = "examined"  # the evidence is gathered
    WAITING = "waiting"  # for the provider
    DECIDED = "decided"
    CLOSED = "closed"


class DisputeOutcome(StrEnum):
    """What was decided."""

    REFUND_DUE = "refund_due"
    PARTIAL = "partial"
    NO_REFUND = "no_refund"
    WAIT = "wait"


LEGAL_MOVES: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.CLAIMED: frozenset({DisputeState.EXAMINED, DisputeState.CLOSED}),
    DisputeState.EXAMINED: frozenset({DisputeState.EXAMINED, DisputeState.WAITING, DisputeState.DECIDED, DisputeState.CLOSED}),
    DisputeState.WAITING: frozenset({DisputeState.EXAMINED, DisputeState.WAITING, DisputeState.DECIDED, DisputeState.CLOSED}),
    DisputeState.DECIDED: frozenset({DisputeState.EXAMINED, DisputeState.CLOSED}),
    DisputeState.CLOSED: frozenset(),
}
OPEN = frozenset(DisputeState) - {DisputeState.CLOSED}


class IllegalDisputeMove(ValueError):
    """A dispute cannot go from the one state to the other."""


def move(current: DisputeState, target: DisputeState) -> DisputeState:
    """The target state, when the move is legal. Raises IllegalDisputeMove."""
    if target not in LEGAL_MOVES[current]:
        raise IllegalDisputeMove(f"{current} → {target}")
    return target


def state_after(outcome: DisputeOutcome) -> DisputeState:
    """Where a decision leads."""
    return DisputeState.WAITING if outcome is DisputeOutcome.WAIT else DisputeState.DECIDED


class MoneyRow(msgspec.Struct, frozen=True):
    """A log row that took or gave back money."""

    record_id: str
    at: int  # epoch ms
    micros: int  # above zero


class DisputeEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the log says of a request or task: states, rows, amounts in micro-USD; no text."""

    looked_at: int  # epoch ms
    rows: int = 0  # found by the request's or the task's id
    task_state: str | None = None  # outcome of the last row with the task's id
    upstream_state: str | None = None  # outcome of the last row that reached a provider
    upstream_status: int | None = None
    charges: tuple[MoneyRow, ...] = ()
    refunds: tuple[MoneyRow, ...] = ()
    flagged: bool = False  # a row says it was charged
    last_at: int | None = None

    @property
    def charged(self) -> int:
        """Everything taken."""
        return sum(row.micros for row in self.charges)

    @property
    def refunded(self) -> int:
        """Everything given back."""
        return sum(row.micros for row in self.refunds)

    @property
    def failed(self) -> bool | None:
        """Whether it failed, as its task or its provider tells; None when neither does."""
        state = self.task_state or self.upstream_state
        return None if state is None else state != Outcome.OK


def examine(records: Iterable[RedactedRecord], task_id: str | None, now_ms: int) -> DisputeEvidence:
    """Read the evidence off the rows of a request and its task. A row that comes twice counts once."""
    rows = sorted({record.record_id: record for record in records}.values(), key=lambda each: (each.started_at, each.record_id))
    of_task = [row for row in rows if row.task_id is not None and row.task_id == task_id and not _is_refund(row)]
    upstream = [row for row in rows if (row.provider or row.origin is Origin.PROVIDER) and not _is_refund(row)]
    return DisputeEvidence(
        looked_at=now_ms,
        rows=len(rows),
        task_state=of_task[-1].outcome.value if of_task else None,
        upstream_state=upstream[-1].outcome.value if upstream else None,
        upstream_status=upstream[-1].status_code if upstream else None,
        charges=tuple(MoneyRow(row.record_id, row.started_at, row.cost_micros or 0) for row in rows if (row.cost_micros or 0) > 0),
        refunds=tuple(MoneyRow(row.record_id, row.started_at, -(row.cost_micros or 0)) for row in rows if _is_refund(row)),
        flagged=any(row.charged for row in rows),
        last_at=rows[-1].started_at if rows else None,
    )


def advise(evidence: DisputeEvidence) -> DisputeOutcome | None:
    """What the rows speak for; None where they do not decide it."""
    if not evidence.rows or evidence.failed is None:
        return None
    if not evidence.failed:
        return DisputeOutcome.NO_REFUND
    if not evidence.charges and not evidence.flagged:
        return DisputeOutcome.NO_REFUND
    if evidence.charges and evidence.refunded >= evidence.charged:
        return DisputeOutcome.NO_REFUND  # all of it came back
    taken = evidence.charges[-1].at if evidence.charges else evidence.last_at
    if taken is not None and evidence.looked_at - taken < SETTLES_AFTER:
        return DisputeOutcome.WAIT
    return DisputeOutcome.PARTIAL if evidence.refunds else DisputeOutcome.REFUND_DUE


def keep(evidence: DisputeEvidence) -> dict[str, Any]:
    """The evidence as JSON keeps it."""
    kept: dict[str, Any] = msgspec.to_builtins(evidence)
    return kept


def recall(kept: Mapping[str, Any]) -> DisputeEvidence:
    """The evidence as it was kept. Raises msgspec.ValidationError."""
    return msgspec.convert(kept, DisputeEvidence)


def _is_refund(record: RedactedRecord) -> bool:
    return (record.cost_micros or 0) < 0
