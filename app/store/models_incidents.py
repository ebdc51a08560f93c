"""The tables of incidents: what failed, who said so, which tickets are about it, what was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import Article, Ticket, User


class KnownError(Model):
    """What lies beneath incidents and tickets: its cause is known, a way around it may be, it is not mended yet."""

    __tablename__ = "known_error"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[RedactedText]
    cause: Mapped[str | None] = mapped_column(String(64))
    workaround: Mapped[RedactedText | None]
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    mended_at: Mapped[datetime | None]
    mended_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id])
    mended_by: Mapped[User | None] = relationship(foreign_keys=[mended_by_id])
    article: Mapped[Article | None] = relationship()


class KnownErrorTicket(Model):
    """That a ticket is about a known error without being about one of its incidents."""

    __tablename__ = "known_error_ticket"
    __table_args__ = (UniqueConstraint("known_error_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    known_error_id: Mapped[int] = mapped_column(ForeignKey("known_error.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    linked_at: Mapped[datetime]
    linked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))

    ticket: Mapped[Ticket] = relationship()


class Incident(Model):
    """Many failures of one class in one place."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_state_started", "state", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12))  # proposed, open, resolved, dismissed
    failure: Mapped[str] = mapped_column(String(24))  # class of failures
    dimension: Mapped[str] = mapped_column(String(16))  # model, group, provider
    value: Mapped[RedactedText]
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]  # the end of the last hour that stood out
    found_at: Mapped[datetime]
    hours: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # [{hour, count, usual, keys}]: numbers only
    examples: Mapped[list[str]] = mapped_column(JSON)  # record ids
    cause: Mapped[str | None] = mapped_column(String(64))  # said when it is resolved
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    resolved_at: Mapped[datetime | None]
    note: Mapped[RedactedText | None]  # private: what it was, what was done
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id"))
    known_error_id: Mapped[int | None] = mapped_column(ForeignKey("known_error.id", name="fk_incident_known_error"))  # what lies beneath

    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
    resolved_by: Mapped[User | None] = relationship(foreign_keys=[resolved_by_id])
    known_error: Mapped[KnownError | None] = relationship()
    article: Mapped[Article | None] = relationship()


class IncidentTicket(Model):
    """That a ticket is about an incident, or that a person said it is not."""

    __tablename__ = "incident_ticket"
    __table_args__ = (UniqueConstraint("incident_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    attached_at: Mapped[datetime]
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # None: the desk itself
    detached_at: Mapped[datetime | None]
    detached_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    ticket: Mapped[Ticket] = relationship()


class IncidentUpdate(Model):
    """A public word about an incident; it reached every attached ticket as a reply."""

    __tablename__ = "incident_update"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    body: Mapped[RedactedText]
    created_at: Mapped[datetime]

    author: Mapped[User] = relationship()
