"""The tables of budgets and of what was told about them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import User


class Budget(Model):
    """What a model, group, environment, owner, provider or kind of request may cost in a window."""

    __tablename__ = "budget"

    id: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(String(16))
    value: Mapped[RedactedText]
    window: Mapped[str] = mapped_column(String(8))  # day, week, month
    zone: Mapped[str] = mapped_column(String(64))
    soft_micros: Mapped[int] = mapped_column(BigInteger)  # people are told
    hard_micros: Mapped[int | None] = mapped_column(BigInteger)  # the gateway's own limit
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    backup: Mapped[User | None] = relationship(foreign_keys=[backup_id])


class BudgetAlert(Model):
    """That a window reached a mark: once, until the budget is changed."""

    __tablename__ = "budget_alert"
    __table_args__ = (UniqueConstraint("budget_id", "window_start", "mark"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    budget_id: Mapped[int] = mapped_column(ForeignKey("budget.id", ondelete="CASCADE"))
    window_start: Mapped[datetime]
    mark: Mapped[str] = mapped_column(String(12))
    spent_micros: Mapped[int] = mapped_column(BigInteger)
    because: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)  # [{what, value, share}]: who spends most of it
    at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    budget: Mapped[Budget] = relationship()
