"""What a failed request left half done."""

from __future__ import annotations

from app.store.database import db


def forget() -> None:
    """Nothing of it is stored, and the next question to the database is answered again."""
    db.session.rollback()
