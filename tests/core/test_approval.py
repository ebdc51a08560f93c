"""Nobody approves what they asked for, nothing is decided twice, and time decides what nobody did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.approval import ApprovalState, CannotDecide, approval_state, check_decider
from tests.conftest import NOW

SOON = NOW + timedelta(hours=1)


def test_time_decides_what_nobody_did() -> None:
    assert approval_state(None, SOON, NOW) is ApprovalState.OPEN
    assert approval_state(None, NOW, NOW) is ApprovalState.EXPIRED
    assert approval_state("approved", NOW, SOON) is ApprovalState.APPROVED


def test_another_person_decides() -> None:
    check_decider(1, 2, ApprovalState.OPEN)
    with pytest.raises(CannotDecide, match="own"):
        check_decider(1, 1, ApprovalState.OPEN)


@pytest.mark.parametrize("state", [state for state in ApprovalState if state is not ApprovalState.OPEN])
def test_what_is_over_stays_as_it_was(state: ApprovalState) -> None:
    with pytest.raises(CannotDecide, match="over"):
        check_decider(1, 2, state)
