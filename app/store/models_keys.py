"""The tables of the key registry: what is known of the gateway's keys, and which models it serves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.redacted_text import RedactedText
from app.store.database import Model


class GatewayKey(Model):
    """A key as its traces show it; never the key, and no proof of whose it is."""

    __tablename__ = "gateway_key"
    __table_args__ = (Index("ix_gateway_key_last4", "last4"), Index("ix_gateway_key_last_seen", "last_seen"))

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(32), unique=True)  # core/keys.py
    source: Mapped[str] = mapped_column(String(24))
    prefix: Mapped[str] = mapped_column(String(16), default="")
    last4: Mapped[str | None] = mapped_column(String(4))
    fingerprint: Mapped[str | None] = mapped_column(String(32))
    alias: Mapped[RedactedText | None]
    owner: Mapped[RedactedText | None]
    group: Mapped[RedactedText | None]
    environment: Mapped[RedactedText | None]
    quota_micros: Mapped[int | None] = mapped_column(BigInteger)
    spent_micros: Mapped[int | None] = mapped_column(BigInteger)
    unlimited: Mapped[bool | None]
    blocked: Mapped[bool | None]
    expires_at: Mapped[datetime | None]
    first_seen: Mapped[datetime | None]
    last_seen: Mapped[datetime | None]
    last_ok: Mapped[datetime | None]
    last_status: Mapped[int | None]
    snapshot_at: Mapped[datetime | None]  # when the gateway's own list was last read; None: the log alone told of it


class ServedModel(Model):
    """A model the gateway says it serves."""

    __tablename__ = "served_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(24), index=True)
    name: Mapped[RedactedText]
    snapshot_at: Mapped[datetime]
