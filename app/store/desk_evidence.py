"""Which facts tickets have: cause by cause and fact by fact, in one query."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.core.told_facts import NAMES
from app.store.database import db
from app.store.models import Ticket

_COLUMNS: Mapping[str, Any] = {
    **{name: getattr(Ticket, name) for name in ("client", "client_version", "model", "status_code", "error_text", "request_id", "task_id")},
    **{name: getattr(Ticket, name) for name in ("request_time", "stream", "request_type", "base_url")},
    "key": func.coalesce(Ticket.key_fingerprint, Ticket.key_last4),
    **{name: Ticket.told_facts[name].as_string() for name in NAMES},
}


def present(condition: ColumnElement[bool]) -> dict[str | None, tuple[int, Mapping[str, int]]]:
    """Cause → (tickets, fact → how many of them have it)."""
    counts = [func.count(column).label(f"has_{name}") for name, column in _COLUMNS.items()]
    rows = db.session.execute(select(Ticket.cause, func.count(), *counts).where(condition).group_by(Ticket.cause))
    return {row[0]: (row[1], dict(zip(_COLUMNS, row[2:], strict=True))) for row in rows}
