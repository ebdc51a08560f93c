"""The tables editors work with: pictures, presence, runs of checklists, who was told of an article, reminders, links elsewhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import Article, User


class ArticlePicture(Model):
    """A picture articles may show, drawn anew; its name is a digest of its bytes."""

    __tablename__ = "article_picture"

    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(32))
    data: Mapped[bytes] = mapped_column(deferred=True)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]


class ArticlePresence(Model):
    """Who has an article's editor open; true for a short while after it was said."""

    __tablename__ = "article_presence"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class ChecklistRun(Model):
    """That somebody goes through a checklist, for a ticket or for itself. Its points are those of the version it began with."""

    __tablename__ = "checklist_run"
    __table_args__ = (Index("ix_checklist_run_article", "article_id", "id"), Index("ix_checklist_run_ticket", "ticket_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    version: Mapped[int]
    title: Mapped[RedactedText]
    points: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{id, text, group}]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    note: Mapped[RedactedText | None]
    started_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    started_at: Mapped[datetime]
    finished_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    finished_at: Mapped[datetime | None]

    article: Mapped[Article] = relationship()
    started_by: Mapped[User] = relationship(foreign_keys=[started_by_id])
    finished_by: Mapped[User | None] = relationship(foreign_keys=[finished_by_id])


class ChecklistTick(Model):
    """That somebody ticked a point of a run, or took the tick back; the newest row of a point counts."""

    __tablename__ = "checklist_tick"
    __table_args__ = (Index("ix_checklist_tick_point", "run_id", "point"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("checklist_run.id", ondelete="CASCADE"))
    point: Mapped[str] = mapped_column(String(16))
    done: Mapped[bool]
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]

    actor: Mapped[User] = relationship()


class ArticleTold(Model):
    """That a ticket was told of an article's version that answers it: once for each version."""

    __tablename__ = "article_told"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class TicketReference(Model):
    """That an article has to do with a ticket, without having resolved it."""

    __tablename__ = "ticket_reference"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]


class ReviewReminder(Model):
    """That somebody was asked to review an article that was due: the owner, later the backup owner."""

    __tablename__ = "review_reminder"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    due: Mapped[str] = mapped_column(String(10), primary_key=True)
    stage: Mapped[str] = mapped_column(String(8), primary_key=True)  # owner, backup
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]


class LinkCheck(Model):
    """What became of asking an address elsewhere that an article links to or rests on."""

    __tablename__ = "link_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[RedactedText] = mapped_column(unique=True)
    status: Mapped[int | None]  # of the answer; None: there was none
    checked_at: Mapped[datetime]
    broken_since: Mapped[datetime | None]
