"""The table of warnings: what the desk noticed about one key, group or owner, and what a person said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import User


class DeskWarning(Model):
    """Something that is no incident and still needs a person: a key that is retried without end, money spent by nobody."""

    __tablename__ = "desk_warning"
    __table_args__ = (Index("ix_desk_warning_rule_subject", "rule", "subject"), Index("ix_desk_warning_last_seen", "last_seen_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(32))  # rules/warnings.toml
    subject: Mapped[str] = mapped_column(String(64))  # a digest: what it is about, to tell it from others
    value: Mapped[RedactedText]  # what it is about, as people know it
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # numbers and names its sentence is filled with
    examples: Mapped[list[str]] = mapped_column(JSON)  # record ids: the rows behind it
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    found_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    dismissed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    dismissed_until: Mapped[str | None] = mapped_column(String(10))  # ISO date; until then it is not told again
    dismissal: Mapped[RedactedText | None]  # why

    dismissed_by: Mapped[User | None] = relationship(foreign_keys=[dismissed_by_id])
