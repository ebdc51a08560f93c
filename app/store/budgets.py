"""Budgets in force, and alerts about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models_budgets import Budget, BudgetAlert


def in_force() -> Sequence[Budget]:
    """Every budget that was not ended, with its people."""
    people = (joinedload(Budget.owner), joinedload(Budget.backup))
    return db.session.scalars(select(Budget).options(*people).where(Budget.ended_at.is_(None)).order_by(Budget.id)).all()


def by_id(number: int) -> Budget | None:
    """One budget."""
    return db.session.get(Budget, number)


def alert(number: int) -> BudgetAlert | None:
    """One alert."""
    return db.session.get(BudgetAlert, number)


def unseen_alerts() -> Sequence[BudgetAlert]:
    """Alerts nobody has seen, of budgets in force, the newest first."""
    alerts = select(BudgetAlert).join(Budget, Budget.id == BudgetAlert.budget_id).options(joinedload(BudgetAlert.budget))
    return db.session.scalars(alerts.where(BudgetAlert.seen_at.is_(None), Budget.ended_at.is_(None)).order_by(BudgetAlert.id.desc())).all()


def told_marks(budget_id: int, window_start: datetime) -> frozenset[str]:
    """The marks already told for this window."""
    told = select(BudgetAlert.mark).where(BudgetAlert.budget_id == budget_id, BudgetAlert.window_start == window_start)
    return frozenset(db.session.scalars(told))
