"""Set budgets, watch them, tell each mark once a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.core.budget import DAY, DAYS_COMPARED, Mark, Spending, Window, marks_reached, window_of
from app.core.redacted_text import RedactedText
from app.core.review import cost
from app.core.rollups import Dimension
from app.operations.audit import record
from app.store import budgets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import User
from app.store.models_budgets import Budget, BudgetAlert

HOUR = timedelta(hours=1)


def set_budget(
    dimension: Dimension, value: RedactedText, window: Window, zone: str, soft: int, hard: int | None, owner_id: int, backup_id: int | None,
    actor: User, now: datetime,
) -> Budget:  # fmt: skip
    """A new budget in force; amounts in micro-USD. One of the same place and window ends: marks are told anew."""
    for known in budgets.in_force():
        if (known.dimension, known.value, known.window) == (dimension, value, window):
            known.ended_at = now
    budget = Budget(
        dimension=dimension, value=value, window=window, zone=zone, soft_micros=soft, hard_micros=hard, owner_id=owner_id,
        backup_id=backup_id if backup_id != owner_id else None, created_at=now,
    )  # fmt: skip
    db.session.add(budget)
    db.session.flush()
    record("set", "budget", budget.id, now, actor, after=f"{dimension} {window} {soft} {hard or ''}".rstrip())
    db.session.commit()
    return budget


def end_budget(budget: Budget, actor: User, now: datetime) -> None:
    """It is watched no more."""
    if budget.ended_at is None:
        budget.ended_at = now
        record("end", "budget", budget.id, now, actor)
        db.session.commit()


def see_alert(alert: BudgetAlert, actor: User, now: datetime) -> None:
    """Somebody has taken note."""
    if alert.seen_at is None:
        alert.seen_at, alert.seen_by_id = now, actor.id
        record("seen", "budget", alert.budget_id, now, actor, after=alert.mark)
        db.session.commit()


def spending_of(budget: Budget, log_store: LogStore, now: datetime) -> Spending:
    """What the budget's window has cost so far, day by day of its zone; one look-up in the roll-ups."""
    start, end = window_of(Window(budget.window), now, budget.zone)
    today, _tomorrow = window_of(Window.DAY, now, budget.zone)
    first = _whole_hour(min(start, today - DAYS_COMPARED * DAY))
    by_day: dict[datetime, int] = {}
    for point in log_store.series(Dimension(budget.dimension), [str(budget.value)], first, _whole_hour(now) + HOUR, HOUR):
        day = point.start.astimezone(start.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
        by_day[day] = by_day.get(day, 0) + cost(point.figures)
    past = [by_day.get(today - n * DAY, 0) for n in range(DAYS_COMPARED, 0, -1)]
    days = [by_day.get(start + n * DAY, 0) for n in range((today - start).days + 1)]
    return Spending(start, end, now, days, past)


def watch_budgets(log_store: LogStore, now: datetime) -> int:
    """Tell every mark that was reached and not told yet. Returns how many; running again changes nothing."""
    fresh = 0
    for budget in budgets.in_force():
        spending = spending_of(budget, log_store, now)
        told = budgets.told_marks(budget.id, spending.start.astimezone(UTC))
        for mark in marks_reached(spending, budget.soft_micros, budget.hard_micros):
            if mark not in told:
                db.session.add(_alert(budget, spending, mark, now))
                fresh += 1
    db.session.commit()
    return fresh


def _alert(budget: Budget, spending: Spending, mark: Mark, now: datetime) -> BudgetAlert:
    start = spending.start.astimezone(UTC)
    return BudgetAlert(budget_id=budget.id, window_start=start, mark=mark, spent_micros=spending.spent, at=now)


def _whole_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
