"""Set budgets, watch them, tell each mark once a window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from app.core.budget import DAY, DAYS_COMPARED, FAMILY, KEY, Mark, Spending, Window, marks_reached, spenders, window_of
from app.core.log_filter import Cursor, LogFilter, Shown
from app.core.model_names import ModelNames
from app.core.redacted_text import RedactedText
from app.core.review import cost
from app.core.rollups import Dimension
from app.operations.audit import record
from app.operations.notices import tell_about
from app.store import budgets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import User
from app.store.models_budgets import Budget, BudgetAlert

HOUR = timedelta(hours=1)
PAGE, MOST_PAGES = 1000, 5  # requests read to say who spends most
PART, FULL, HARD, PROJECTED, JUMP = "budget_part", "budget_full", "budget_hard", "budget_projected", "budget_jump"
NOTICES = {
    Mark.HALF: PART,
    Mark.EIGHTY: PART,
    Mark.NINETY: PART,
    Mark.FULL: FULL,
    Mark.HARD: HARD,
    Mark.PROJECTED: PROJECTED,
    Mark.JUMP: JUMP,
}  # kinds of notices: they say that, never how much


def set_budget(
    dimension: str, value: RedactedText, window: Window, zone: str, soft: int, hard: int | None, owner_id: int, backup_id: int | None,
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
    """Somebody has taken note of what was told of this window so far."""
    for each in budgets.alerts_of(alert.budget_id, alert.window_start):
        if each.seen_at is None:
            each.seen_at, each.seen_by_id = now, actor.id
            record("seen", "budget", alert.budget_id, now, actor)
    db.session.commit()


def spending_of(budget: Budget, log_store: LogStore, names: ModelNames, now: datetime) -> Spending:
    """What the budget's window has cost so far, day by day of its zone; one look-up in the roll-ups."""
    start, end = window_of(Window(budget.window), now, budget.zone)
    today, _tomorrow = window_of(Window.DAY, now, budget.zone)
    first = _whole_hour(min(start, today - DAYS_COMPARED * DAY))
    by_day: dict[datetime, int] = {}
    for hour, micros in _by_hour(budget, log_store, names, first, _whole_hour(now) + HOUR):
        day = hour.astimezone(start.tzinfo).replace(hour=0, minute=0, second=0, microsecond=0)
        by_day[day] = by_day.get(day, 0) + micros
    past = [by_day.get(today - n * DAY, 0) for n in range(DAYS_COMPARED, 0, -1)]
    days = [by_day.get(start + n * DAY, 0) for n in range((today - start).days + 1)]
    return Spending(start, end, now, days, past)


def watch_budgets(log_store: LogStore, names: ModelNames, now: datetime) -> int:
    """Tell every mark that was reached and not told yet, owner and backup. Returns how many; running again changes nothing."""
    fresh = 0
    for budget in budgets.in_force():
        spending = spending_of(budget, log_store, names, now)
        told = budgets.told_marks(budget.id, spending.start.astimezone(UTC))
        marks = [mark for mark in marks_reached(spending, budget.soft_micros, budget.hard_micros) if mark not in told]
        db.session.add_all(_alert(budget, spending, mark, log_store, now) for mark in marks)
        for kind in dict.fromkeys(NOTICES[mark] for mark in marks):
            tell_about([budget.owner_id, budget.backup_id], "budget", budget.id, kind, now)
        fresh += len(marks)
    db.session.commit()
    return fresh


def _by_hour(budget: Budget, log_store: LogStore, names: ModelNames, start: datetime, end: datetime) -> Iterator[tuple[datetime, int]]:
    """(hour, cost) of what the budget is of."""
    value = str(budget.value)
    if budget.dimension == KEY:
        yield from budgets.cost_of_key(value, start, end)
    elif budget.dimension == FAMILY:
        points = log_store.series(Dimension.MODEL, None, start, end, HOUR)
        yield from ((point.start, cost(point.figures)) for point in points if names.family(point.value) == value)
    else:
        points = log_store.series(Dimension(budget.dimension), [value], start, end, HOUR)
        yield from ((point.start, cost(point.figures)) for point in points)


def _alert(budget: Budget, spending: Spending, mark: Mark, log_store: LogStore, now: datetime) -> BudgetAlert:
    """What is told, with who spends most of it: of the day for a jump, else of the window."""
    start = window_of(Window.DAY, now, budget.zone)[0] if mark is Mark.JUMP else spending.start
    because = [asdict(spender) for spender in spenders(_costs(budget, log_store, start, now))]
    begins = spending.start.astimezone(UTC)
    return BudgetAlert(budget_id=budget.id, window_start=begins, mark=mark, spent_micros=spending.spent, because=because, at=now)


def _costs(budget: Budget, log_store: LogStore, start: datetime, now: datetime) -> Iterator[tuple[str, str, int]]:
    """(what, value, cost) of the requests behind it, by model and by key: the newest, within bounds; none for a class of models."""
    if budget.dimension == FAMILY:
        return
    chosen = LogFilter(shown=Shown.ALL, since=int(start.timestamp() * 1000), **{budget.dimension: str(budget.value)})  # type: ignore[arg-type]
    cursor: Cursor | None = None
    for _page in range(MOST_PAGES):
        page = log_store.find(chosen, PAGE, cursor)
        for line in page.records:
            if line.cost_micros and line.started_at <= now.timestamp() * 1000:
                yield "model", line.model_requested or line.model_served or "", line.cost_micros
                yield "key", line.key_alias or (f"…{line.key_last4}" if line.key_last4 else ""), line.cost_micros
        cursor = page.older
        if cursor is None:
            return


def _whole_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
