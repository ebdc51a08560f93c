"""Ask for leave to run something costly, and decide about it: never one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.approval import ApprovalState, CannotDecide, approval_state, check_decider
from app.core.redacted_text import RedactedText
from app.core.roles import Role, sees_amounts
from app.operations.audit import record
from app.operations.notices import tell_about
from app.store import users
from app.store.database import db
from app.store.models import User
from app.store.models_claims import Approval


@dataclass(frozen=True, slots=True)
class ApprovalWish:
    """What somebody wants to run: task, model, kind of request, what it will cost by their estimate, until when they need to know."""

    task: RedactedText
    model: RedactedText | None
    request_type: str
    estimate_micros: int
    within: timedelta


def ask(wish: ApprovalWish, asker: User, now: datetime) -> Approval:
    """Ask; everybody who may decide is told."""
    approval = Approval(
        asker_id=asker.id, task=wish.task, model=wish.model, request_type=wish.request_type,
        estimate_micros=wish.estimate_micros, asked_at=now, expires_at=now + wish.within,
    )  # fmt: skip
    db.session.add(approval)
    db.session.flush()
    deciders = [user.id for user in users.staff() if sees_amounts(Role(user.role)) and user.id != asker.id]
    tell_about(deciders, "approval", approval.id, "approval_asked", now)
    record("ask", "approval", approval.id, now, asker)
    db.session.commit()
    return approval


def decide(approval: Approval, approved: bool, reason: RedactedText | None, decider: User, now: datetime) -> None:
    """Approve or reject; the asker is told. Raises CannotDecide."""
    check_decider(approval.asker_id, decider.id, state_of(approval, now))
    _end(approval, ApprovalState.APPROVED if approved else ApprovalState.REJECTED, decider, now)
    approval.reason = reason
    tell_about([approval.asker_id], "approval", approval.id, "approval_decided", now)
    record("approve" if approved else "reject", "approval", approval.id, now, decider)
    db.session.commit()


def withdraw(approval: Approval, asker: User, now: datetime) -> None:
    """The asker needs it no longer. Raises CannotDecide."""
    if approval.asker_id != asker.id or state_of(approval, now) is not ApprovalState.OPEN:
        raise CannotDecide("over")
    _end(approval, ApprovalState.WITHDRAWN, asker, now)
    record("withdraw", "approval", approval.id, now, asker)
    db.session.commit()


def state_of(approval: Approval, now: datetime) -> ApprovalState:
    """Where a request stands at `now`."""
    return approval_state(approval.decision, approval.expires_at, now)


def _end(approval: Approval, state: ApprovalState, person: User, now: datetime) -> None:
    approval.decision, approval.decided_by_id, approval.decided_at = state, person.id, now
