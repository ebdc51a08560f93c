"""The table of desk tokens: with one, a program acts as the account that made it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.redacted_text import RedactedText
from app.store.database import Model


class DeskToken(Model):
    """A bearer token of one account; hashed at rest. It may never do more than its account may at that moment."""

    __tablename__ = "desk_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    label: Mapped[RedactedText]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tail: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    minute_at: Mapped[datetime | None]  # since when its calls are counted, and how many there were: see store.desk_tokens
    minute_calls: Mapped[int] = mapped_column(default=0)
