"""What keeps articles true: readers' flags, searches that found nothing, outdated phrases, notes on versions, moved addresses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import Article, User


class ArticleFlag(Model):
    """A reader's word that something in an article is wrong, until an editor decides about it."""

    __tablename__ = "article_flag"
    __table_args__ = (Index("ix_article_flag_open", "resolved_at", "article_id"), Index("ix_article_flag_subject", "subject", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(24))  # outdated, wrong, unclear, broken
    detail: Mapped[RedactedText | None]
    subject: Mapped[str | None] = mapped_column(String(64))  # HMAC of the sender's address, for throttling; forgotten after a day
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    outcome: Mapped[str | None] = mapped_column(String(16))  # fixed, no_change

    article: Mapped[Article] = relationship()


class MissedSearch(Model):
    """A word people searched for without finding anything; single words only, so that nobody's question can be read from it."""

    __tablename__ = "missed_search"
    __table_args__ = (UniqueConstraint("language", "word"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(8))
    word: Mapped[RedactedText]
    count: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class OutdatedPhrase(Model):
    """Words that no text shall use any longer; `gone_at` is when none did for the first time."""

    __tablename__ = "outdated_phrase"

    id: Mapped[int] = mapped_column(primary_key=True)
    phrase: Mapped[RedactedText]
    reason: Mapped[RedactedText]  # why, and what to say instead
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    gone_at: Mapped[datetime | None]

    added_by: Mapped[User] = relationship()


class RevisionNote(Model):
    """What goes with a version: what changed, whether it matters to readers, what else changes with it, when it goes up."""

    __tablename__ = "revision_note"

    revision_id: Mapped[int] = mapped_column(ForeignKey("article_revision.id", ondelete="CASCADE"), primary_key=True)
    change_note: Mapped[RedactedText | None]
    minor: Mapped[bool] = mapped_column(default=False)  # a minor change moves neither the review date nor the day the facts were checked
    note_change: Mapped[str | None] = mapped_column(String(16))  # does the internal note change too: changed, not_needed
    checklist_change: Mapped[str | None] = mapped_column(String(16))
    why_not: Mapped[RedactedText | None]
    publish_at: Mapped[datetime | None] = mapped_column(index=True)  # approved, and goes up then
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    follows: Mapped[int | None]  # the version of the other language that this text translates


class ArticleMove(Model):
    """Where the readers of an archived article are sent."""

    __tablename__ = "article_move"

    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    slug: Mapped[str] = mapped_column(String(96), primary_key=True)
    target: Mapped[str] = mapped_column(String(96))
    moved_at: Mapped[datetime]
