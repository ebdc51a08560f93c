"""What an article's row carries beside its text: who may change it, what it rests on, who wrote it, which text it translates."""

from __future__ import annotations

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.redacted_text import RedactedText


class ArticleFacts:
    """Facts of the file form that came after the first release, and what the two languages know of each other."""

    governance: Mapped[str] = mapped_column(String(16), default="editors")  # staff, editors, owner
    volatile: Mapped[bool] = mapped_column(default=False)  # what it says can change at any time
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)  # `https://… 2026-11-20` each
    author_line: Mapped[RedactedText | None]  # who is named as the writer; None: the team
    follows: Mapped[int | None]  # the version of the other language that says the same; None: nobody said
    reviewed_at: Mapped[str | None] = mapped_column(String(10))  # ISO date of the last review, by publishing or by confirming
