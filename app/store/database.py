"""The desk's database: session, base class and the column types that admit redacted or sealed text only."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Text, event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator

from app.core.redacted_text import RedactedText, seal
from app.core.sealed_text import SealedText, sealed


class RedactedColumn(TypeDecorator[RedactedText]):
    """Free text. Writing anything but RedactedText raises TypeError (which never shows the value)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: RedactedText | None, dialect: Dialect) -> str | None:
        """Let only redacted text through."""
        if value is not None and not isinstance(value, RedactedText):
            raise TypeError("this column takes RedactedText: pass the text through the redactor")
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> RedactedText | None:
        """What was stored was redacted when it was stored."""
        return None if value is None else seal(value)


class SealedColumn(TypeDecorator[SealedText]):
    """Encrypted text. Writing anything but SealedText raises TypeError."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: SealedText | None, dialect: Dialect) -> str | None:
        """Let only sealed text through."""
        if value is not None and not isinstance(value, SealedText):
            raise TypeError("this column takes SealedText: seal the text first")
        return None if value is None else str.__str__(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> SealedText | None:
        """What was stored was sealed when it was stored."""
        return None if value is None else sealed(value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every engine (SQLite forgets zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; a naive time is a bug."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("times are aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware time."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


class Base(DeclarativeBase):
    """Types of every table: free text is redacted text, times are UTC."""

    registry = registry(type_annotation_map={RedactedText: RedactedColumn(), SealedText: SealedColumn(), datetime: UtcDateTime()})


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model  # the same base, wired to the session; mypy cannot follow Flask-SQLAlchemy's making of it
migrate = Migrate()  # type: ignore[no-untyped-call]  # Flask-Migrate ships no types


@event.listens_for(Engine, "connect")
def _tune_sqlite(connection: Any, _: Any) -> None:
    """WAL, a busy timeout and foreign keys on every SQLite connection."""
    if isinstance(connection, sqlite3.Connection):
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")  # what is removed is overwritten
        cursor.close()
