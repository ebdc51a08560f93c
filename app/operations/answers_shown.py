"""Count answers shown before anybody filed a ticket: by the hour, nobody's visit."""

from __future__ import annotations

from datetime import datetime

from app.store import answers_shown


def note_shown(now: datetime) -> None:
    """A report was answered with a likely cause."""
    answers_shown.add(int(now.timestamp()) // 3600)
