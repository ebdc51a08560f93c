"""The tables of who caused the traffic: each hour of the log counted by key, so that pages need not read the log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.store.database import Model


class TalliedHour(Model):
    """That an hour was counted, and how many requests it had then: when the log has more now, it is counted again."""

    __tablename__ = "tallied_hour"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # hours since 1970, UTC
    requests: Mapped[int] = mapped_column(BigInteger)
    tallied_at: Mapped[datetime]


class KeyHour(Model):
    """What one key did with one model in one hour. A request without any key fact counts under the empty identity."""

    __tablename__ = "key_hour"
    __table_args__ = ({"sqlite_with_rowid": False},)  # rows of an hour lie together: sums read them in one go

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identity: Mapped[str] = mapped_column(String(32), primary_key=True)  # core/keys.py
    model: Mapped[str] = mapped_column(String(160), primary_key=True)  # as asked for; empty: not told
    requests: Mapped[int]
    failures: Mapped[int]  # errors and broken streams
    again: Mapped[int]  # requests soon after a failure of this key and model
    again_failed: Mapped[int]  # and those of them that failed too
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    refund_micros: Mapped[int] = mapped_column(BigInteger)


class FailingKey(Model):
    """How often one key failed in one hour, in one way, in one place."""

    __tablename__ = "failing_key"
    __table_args__ = (Index("ix_failing_key_hour", "hour"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hour: Mapped[int]
    identity: Mapped[str] = mapped_column(String(32))
    failure: Mapped[str] = mapped_column(String(32))  # class of failures
    status: Mapped[int | None]
    side: Mapped[str] = mapped_column(String(12))  # core/key_tally.py
    model: Mapped[str] = mapped_column(String(160))
    group: Mapped[str] = mapped_column(String(160))
    environment: Mapped[str] = mapped_column(String(48))
    request_type: Mapped[str] = mapped_column(String(16))
    provider: Mapped[str] = mapped_column(String(48))
    client: Mapped[str] = mapped_column(String(160))
    owner: Mapped[str] = mapped_column(String(160))
    failures: Mapped[int]


class ShownAnswer(Model):
    """How many reports were answered with a likely cause in an hour; nobody's visit can be read from it."""

    __tablename__ = "shown_answer"

    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shown: Mapped[int]


class TalliedKey(Model):
    """A key's number in the slots."""

    __tablename__ = "tallied_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    identity: Mapped[str] = mapped_column(String(32), unique=True)  # core/keys.py


class TallySlot(Model):
    """One part of an hour counted by key, or of a day, which is its hours together."""

    __tablename__ = "tally_slot"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: hours, 1: days since 1970, UTC
    part: Mapped[str] = mapped_column(String(16), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)  # core/key_slots.py
