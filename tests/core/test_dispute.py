"""A dispute moves only where it may, and the evidence is what the rows say."""

from __future__ import annotations

import itertools

import pytest

from app.core.dispute import (
    LEGAL_MOVES,
    SETTLES_AFTER,
    DisputeOutcome,
    DisputeState,
    IllegalDisputeMove,
    advise,
    examine,
    keep,
    move,
    recall,
    state_after,
)
from app.core.record import Origin, Outcome, RedactedRecord
from tests.log_records import START, a_record

LATER = START + SETTLES_AFTER + 1


def failed(name: str = "r", **changes: object) -> RedactedRecord:
    facts = {
        "outcome": Outcome.ERROR,
        "origin": Origin.PROVIDER,
        "provider": "kling",
        "status_code": 500,
        "task_id": "t-1",
        "cost_micros": 900,
    }
    return a_record(name, **(facts | changes))


def refund(name: str = "back", micros: int = 900) -> RedactedRecord:
    return a_record(name, started_at=START + 60_000, task_id="t-1", cost_micros=-micros)


def test_only_legal_moves_are_made() -> None:
    for current, target in itertools.product(DisputeState, DisputeState):
        if target in LEGAL_MOVES[current]:
            assert move(current, target) is target
        else:
            with pytest.raises(IllegalDisputeMove):
                move(current, target)


def test_nothing_is_decided_before_the_log_was_looked_at_and_nothing_after_the_end() -> None:
    assert DisputeState.DECIDED not in LEGAL_MOVES[DisputeState.CLAIMED]
    assert LEGAL_MOVES[DisputeState.CLOSED] == frozenset()
    assert state_after(DisputeOutcome.WAIT) is DisputeState.WAITING


def test_the_evidence_tells_task_provider_charges_and_refunds_apart() -> None:
    found = examine([failed(), refund(micros=400), failed()], "t-1", LATER)
    assert (found.rows, found.task_state, found.upstream_state, found.upstream_status) == (2, "error", "error", 500)
    assert (found.charged, found.refunded, len(found.charges), len(found.refunds)) == (900, 400, 1, 1)
    assert recall(keep(found)) == found


@pytest.mark.parametrize(
    ("rows", "now", "said"),
    [
        ([], LATER, None),
        ([failed()], LATER, DisputeOutcome.REFUND_DUE),
        ([failed()], START + 1, DisputeOutcome.WAIT),  # what was taken in advance may still come back
        ([failed(), refund()], START + 60_001, DisputeOutcome.NO_REFUND),
        ([failed(), refund(micros=1)], LATER + 60_000, DisputeOutcome.PARTIAL),
        ([failed(cost_micros=None)], LATER, DisputeOutcome.NO_REFUND),
        ([failed(cost_micros=None, charged=True)], LATER, DisputeOutcome.REFUND_DUE),
        ([a_record("fine", task_id="t-1", provider="kling", cost_micros=900)], LATER, DisputeOutcome.NO_REFUND),
        ([a_record("bare", cost_micros=900)], LATER, None),
    ],
)
def test_what_the_rows_speak_for(rows: list[RedactedRecord], now: int, said: DisputeOutcome | None) -> None:
    assert advise(examine(rows, "t-1", now)) is said
