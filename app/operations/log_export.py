"""The gateway log, or the audit, leaves the desk as a file: who took it, when."""

from __future__ import annotations

from datetime import datetime

from app.operations.audit import record
from app.store.database import db
from app.store.models import User


def note_export(file_type: str, actor: User, now: datetime, what: str = "log") -> None:
    """Staff took records out as a file: kept for the audit."""
    record("export", what, file_type, now, actor)
    db.session.commit()
