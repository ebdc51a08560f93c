"""Disputes and approvals, read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.orm import joinedload

from app.core.dispute import OPEN
from app.store.database import db
from app.store.models_claims import Approval, Dispute

LIMIT = 200
_OF_TICKET = select(Dispute).options(joinedload(Dispute.decided_by)).where(Dispute.ticket_id == bindparam("number"))
_OF_TICKET = _OF_TICKET.order_by(Dispute.id.desc())


def dispute(number: int) -> Dispute | None:
    """One dispute."""
    return db.session.get(Dispute, number)


def disputes_of(ticket_id: int) -> Sequence[Dispute]:
    """A ticket's disputes, the newest first."""
    return db.session.scalars(_OF_TICKET, {"number": ticket_id}).all()


def open_disputes(limit: int = LIMIT) -> Sequence[Dispute]:
    """Disputes that are not closed, the oldest first."""
    query = select(Dispute).options(joinedload(Dispute.ticket), joinedload(Dispute.decided_by)).where(Dispute.state.in_(OPEN))
    return db.session.scalars(query.order_by(Dispute.claimed_at, Dispute.id).limit(limit)).all()


def closed_disputes(limit: int = 20) -> Sequence[Dispute]:
    """Disputes closed last."""
    query = select(Dispute).options(joinedload(Dispute.ticket), joinedload(Dispute.decided_by)).where(Dispute.closed_at.is_not(None))
    return db.session.scalars(query.order_by(Dispute.closed_at.desc(), Dispute.id.desc()).limit(limit)).all()


def disputes_of_review(start: datetime, end: datetime, limit: int = LIMIT) -> Sequence[Dispute]:
    """Disputes claimed before the span's end that were not closed before its start, the oldest first."""
    standing = (Dispute.claimed_at < end, Dispute.closed_at.is_(None) | (Dispute.closed_at >= start))
    return db.session.scalars(select(Dispute).where(*standing).order_by(Dispute.claimed_at, Dispute.id).limit(limit)).all()


def claims_made(start: datetime, end: datetime) -> dict[str, int]:
    """Claim → disputes of it made in the span."""
    query = select(Dispute.claim, func.count()).where(_within(Dispute.claimed_at, start, end)).group_by(Dispute.claim)
    return {row[0]: row[1] for row in db.session.execute(query)}


def approval(number: int) -> Approval | None:
    """One request for approval."""
    return db.session.get(Approval, number)


def open_approvals(now: datetime, limit: int = LIMIT) -> Sequence[Approval]:
    """Requests nobody decided whose time is not over, the soonest to expire first."""
    query = select(Approval).options(joinedload(Approval.asker)).where(Approval.decided_at.is_(None), Approval.expires_at > now)
    return db.session.scalars(query.order_by(Approval.expires_at, Approval.id).limit(limit)).all()


def approvals_asked_by(user_id: int, limit: int = 50) -> Sequence[Approval]:
    """A person's own requests, the newest first."""
    query = select(Approval).options(joinedload(Approval.asker), joinedload(Approval.decided_by)).where(Approval.asker_id == user_id)
    return db.session.scalars(query.order_by(Approval.id.desc()).limit(limit)).all()


def past_approvals(now: datetime, limit: int = 30) -> Sequence[Approval]:
    """Requests decided or expired, the newest first."""
    over = Approval.decided_at.is_not(None) | (Approval.expires_at <= now)
    query = select(Approval).options(joinedload(Approval.asker), joinedload(Approval.decided_by)).where(over)
    return db.session.scalars(query.order_by(Approval.id.desc()).limit(limit)).all()


def approvals_ended(start: datetime, end: datetime) -> Sequence[tuple[str | None, datetime, datetime | None]]:
    """(decision, asked, decided) of requests decided in the span, or expired in it undecided."""
    decided = _within(Approval.decided_at, start, end)
    expired = Approval.decided_at.is_(None) & _within(Approval.expires_at, start, end)
    rows = db.session.execute(select(Approval.decision, Approval.asked_at, Approval.decided_at).where(decided | expired))
    return [(row[0], row[1], row[2]) for row in rows]


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)
