"""Count the desk's hours again in which something changed, so that reports add up slots and need not read every ticket."""

from __future__ import annotations

from app.store import desk_slots
from app.store.database import db

AT_ONCE = 240  # hours of one transaction: no writer waits long


def count_desk() -> int:
    """Count every hour with a mark, the newest first. Returns how many."""
    desk_slots.mark_outdated()
    counted = 0
    while done := desk_slots.count_marked(AT_ONCE):
        counted += done
        db.session.commit()
    db.session.commit()
    return counted


def recount_desk() -> int:
    """Forget what was counted and count everything anew; reports are right meanwhile, if slower. Returns how many hours."""
    desk_slots.mark_everything()
    db.session.commit()
    return count_desk()
