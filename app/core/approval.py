"""Leave to run something costly: asked for, decided by another person in time, or expired."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=30)
USUAL = timedelta(days=2)


class ApprovalState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by its asker
    EXPIRED = "expired"  # nobody decided in time


DECIDED = frozenset({ApprovalState.APPROVED, ApprovalState.REJECTED, ApprovalState.EXPIRED})  # what a pass rate is of


class CannotDecide(ValueError):
    """Not for this person to decide, or it is over: `own`, `over`."""


def approval_state(decision: str | None, expires_at: datetime, now: datetime) -> ApprovalState:
    """A decision counts; without one the time decides."""
    if decision is not None:
        return ApprovalState(decision)
    return ApprovalState.EXPIRED if expires_at <= now else ApprovalState.OPEN


def check_decider(asker_id: int, decider_id: int, state: ApprovalState) -> None:
    """Nobody approves what they asked for themselves, and nothing is decided twice. Raises CannotDecide."""
    if state is not ApprovalState.OPEN:
        raise CannotDecide("over")
    if asker_id == decider_id:
        raise CannotDecide("own")
