"""The tables of the weekly review: what was found, what was decided, and the figures as they stood when it was closed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import User


class Review(Model):
    """One week's review; the row is made with its first word, and closed once."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(String(8), unique=True)  # 2026-W47
    # what people found, in the four boxes
    repeated_questions: Mapped[RedactedText | None]
    missing_fields: Mapped[RedactedText | None]
    unclear_ownership: Mapped[RedactedText | None]
    needs_a_person: Mapped[RedactedText | None]
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # the figures when it was closed: core/review.py
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    closed_by: Mapped[User | None] = relationship()


class Decision(Model):
    """Something decided in a review, with who does it until when; carried over until it is done or dropped."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(String(8))  # the week of the review that decided it
    what: Mapped[RedactedText]
    why: Mapped[RedactedText | None]
    instead: Mapped[RedactedText | None]  # what else was considered
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    backup_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    due: Mapped[str] = mapped_column(String(10))  # ISO date
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    done: Mapped[bool | None]  # once ended: done, or dropped

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])
    backup: Mapped[User | None] = relationship(foreign_keys=[backup_id])
