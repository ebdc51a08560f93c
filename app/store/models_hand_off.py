"""The tables of what goes along when a ticket changes hands: additions to checklists, the queues' own fields, outside trackers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import User


class ChecklistAddition(Model):
    """A line that staff put on a queue's checklist because they had to ask for it again; ended, never erased."""

    __tablename__ = "checklist_addition"
    __table_args__ = (Index("ix_checklist_addition_queue", "queue", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(String(16))
    fact: Mapped[str | None] = mapped_column(String(32))  # the ticket's field, or a queue's own; None: words
    words: Mapped[RedactedText | None]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))  # where it was asked
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]

    added_by: Mapped[User] = relationship(foreign_keys=[added_by_id])


class QueueValue(Model):
    """What is known of a ticket in a queue's own field: a choice's code or a moment, never words. For staff."""

    __tablename__ = "queue_value"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    fact: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    set_at: Mapped[datetime]


class TrackerLink(Model):
    """That a ticket's matter is followed in an outside tracker as well. For staff; nothing is fetched from there."""

    __tablename__ = "tracker_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    tracker: Mapped[str] = mapped_column(String(16))
    shown: Mapped[RedactedText]
    address: Mapped[RedactedText]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
