"""Budgets in force, and alerts about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Text, func, or_, select, type_coerce
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models_budgets import Budget, BudgetAlert
from app.store.models_keys import GatewayKey
from app.store.models_tallies import KeyHour

HOUR = 3600  # seconds


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


def alerts_of(budget_id: int, window_start: datetime) -> Sequence[BudgetAlert]:
    """What was told of one window."""
    return db.session.scalars(select(BudgetAlert).where(BudgetAlert.budget_id == budget_id, BudgetAlert.window_start == window_start)).all()


def unseen_alerts() -> Sequence[BudgetAlert]:
    """Alerts nobody has seen, of budgets in force, the newest first."""
    alerts = select(BudgetAlert).join(Budget, Budget.id == BudgetAlert.budget_id).options(joinedload(BudgetAlert.budget))
    return db.session.scalars(alerts.where(BudgetAlert.seen_at.is_(None), Budget.ended_at.is_(None)).order_by(BudgetAlert.id.desc())).all()


def cost_of_key(name: str, start: datetime, end: datetime) -> Sequence[tuple[datetime, int]]:
    """(hour, micro-USD) of the keys known by this alias or these last four characters, from `start` to before `end`."""
    called = or_(GatewayKey.alias == type_coerce(name, Text), GatewayKey.last4 == name)
    hours = (KeyHour.hour >= int(start.timestamp()) // HOUR, KeyHour.hour < int(end.timestamp()) // HOUR)
    summed = select(KeyHour.hour, func.sum(KeyHour.cost_micros - KeyHour.refund_micros)).join(
        GatewayKey, GatewayKey.identity == KeyHour.identity
    )
    rows = db.session.execute(summed.where(called, *hours).group_by(KeyHour.hour).order_by(KeyHour.hour))
    return [(datetime.fromtimestamp(row[0] * HOUR, UTC), int(row[1])) for row in rows]


def told_marks(budget_id: int, window_start: datetime) -> frozenset[str]:
    """The marks already told for this window."""
    told = select(BudgetAlert.mark).where(BudgetAlert.budget_id == budget_id, BudgetAlert.window_start == window_start)
    return frozenset(db.session.scalars(told))
