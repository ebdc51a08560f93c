"""The tables of what came of words: who filed lately, what looks like spam, how the help was rated, how notes were changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import Note, User


class GuestAct(Model):
    """That a guest filed or wrote something within the last hour. Sender and text are HMACs; the row is forgotten after the hour."""

    __tablename__ = "guest_act"
    __table_args__ = (Index("ix_guest_act_sender_at", "sender", "at"), Index("ix_guest_act_digest", "digest"))

    id: Mapped[int] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(String(64))  # of the kind of act and the address
    digest: Mapped[str | None] = mapped_column(String(64))  # of the sender and what was filed
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(index=True)


class Suspicion(Model):
    """Why a guest's ticket was set aside, and how often its sender sent the same again."""

    __tablename__ = "suspicion"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    signals: Mapped[list[str]] = mapped_column(JSON)  # ids of core.spam
    repeats: Mapped[int] = mapped_column(default=0)


class Satisfaction(Model):
    """What the requester said of the help in the end."""

    __tablename__ = "satisfaction"
    __table_args__ = (Index("ix_satisfaction_good_at", "good", "at"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    good: Mapped[bool]
    words: Mapped[RedactedText | None]
    at: Mapped[datetime]  # of the first answer: from then on it can be changed for a while
    changed_at: Mapped[datetime]


class NoteTrace(Model):
    """That a note was edited, struck out or taken up again. For staff only, as the note itself."""

    __tablename__ = "note_trace"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))  # edit, strike, restore
    body: Mapped[RedactedText | None]  # of an edit: the wording before
    actor_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]

    note: Mapped[Note] = relationship()
    actor: Mapped[User] = relationship()
