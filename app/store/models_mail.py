"""The tables of e-mail and webhooks: addresses are sealed, messages carry ids and codes and never a word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.redacted_text import RedactedText
from app.core.sealed_text import SealedText
from app.store.database import Model


class Contact(Model):
    """Where an account, or the guest of one ticket, gets e-mail. Exactly one of user_id and ticket_id."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), unique=True)
    address: Mapped[SealedText]
    mark: Mapped[str] = mapped_column(String(64), index=True)  # keyed HMAC of the address
    created_at: Mapped[datetime]
    failed_at: Mapped[datetime | None]  # mail to it came back; none is sent until it is changed


class MailChoice(Model):
    """How soon a person wants to hear of one group of kinds; what is not chosen has a default."""

    __tablename__ = "mail_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    choice: Mapped[str] = mapped_column(String(8))


class OutMessage(Model):
    """An e-mail or a webhook call to be made: for whom, about what; its words are made when it is sent."""

    __tablename__ = "out_message"
    __table_args__ = (Index("ix_out_message_state_next", "state", "next_at"), Index("ix_out_message_ticket", "ticket_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))  # mail, hook
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))  # None with a ticket: its guest
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    webhook_id: Mapped[int | None] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(48))
    about: Mapped[str] = mapped_column(String(16))  # ticket, reply, article, incident …
    about_id: Mapped[int]
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # of a webhook call: states and causes when it happened
    state: Mapped[str] = mapped_column(String(8))  # waiting, sending, sent, dead, dropped
    attempts: Mapped[int]
    next_at: Mapped[datetime]  # when it is tried next; of one being sent, until when nobody else may
    error: Mapped[str | None] = mapped_column(String(64))  # the last error's type
    message_id: Mapped[str] = mapped_column(String(32), unique=True)
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Webhook(Model):
    """An address of somebody else's that is told what happens here."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[RedactedText]
    host: Mapped[RedactedText]  # all of the address that a page shows
    url: Mapped[SealedText]
    secret: Mapped[SealedText]
    old_secret: Mapped[SealedText | None]  # signs too, for a day after a new one was made
    old_until: Mapped[datetime | None]
    kinds: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None]


class InMessage(Model):
    """That a message came in and what became of it; nothing of what it said."""

    __tablename__ = "in_message"
    __table_args__ = (
        Index("ix_in_message_outcome_at", "outcome", "at"),
        Index("ix_in_message_ticket_at", "ticket_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), unique=True)  # keyed HMAC of its Message-ID
    sender: Mapped[str | None] = mapped_column(String(64))  # keyed HMAC of the address it came from
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(12))  # reply, note, ticket, bounce, refused
    reason: Mapped[str | None] = mapped_column(String(24))  # of a refused one
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))
