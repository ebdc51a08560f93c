"""The tables of disputes about charges and of approvals asked for before something costly is run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.redacted_text import RedactedText
from app.store.database import Model
from app.store.models import Ticket, User


class Dispute(Model):
    """A requester's claim that a charge is wrong, what the log says of it, and what was decided."""

    __tablename__ = "dispute"
    __table_args__ = (Index("ix_dispute_state_claimed", "state", "claimed_at"), Index("ix_dispute_ticket", "ticket_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    claim: Mapped[str] = mapped_column(String(24))  # core/dispute.py
    state: Mapped[str] = mapped_column(String(12))
    claimed_at: Mapped[datetime]
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # who wrote it down
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # record ids, states, amounts: no text
    examined_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[RedactedText | None]  # for staff
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closed_at: Mapped[datetime | None]

    ticket: Mapped[Ticket] = relationship()
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])


class Approval(Model):
    """Somebody asks for leave to run something costly; another person decides in time, or the time runs out."""

    __tablename__ = "approval"
    __table_args__ = (Index("ix_approval_open", "decided_at", "expires_at"), Index("ix_approval_asker", "asker_id", "asked_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    task: Mapped[RedactedText]  # what is to be run, and why
    model: Mapped[RedactedText | None]
    request_type: Mapped[str] = mapped_column(String(16))
    estimate_micros: Mapped[int] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(12))  # approved, rejected, withdrawn; None with the time over: expired
    reason: Mapped[RedactedText | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]

    asker: Mapped[User] = relationship(foreign_keys=[asker_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
