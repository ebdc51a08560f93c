"""How many answers were shown in an hour."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError, OperationalError

from app.store.database import db
from app.store.models_tallies import ShownAnswer


def add(hour: int) -> None:
    """One more, at once. A count that cannot be written now is not worth an error on the page."""
    try:
        _add(hour)
    except (IntegrityError, OperationalError):
        db.session.rollback()


def _add(hour: int) -> None:
    more = update(ShownAnswer).where(ShownAnswer.hour == hour).values(shown=ShownAnswer.shown + 1)
    if not db.session.execute(more).rowcount:  # type: ignore[attr-defined]  # the result of an UPDATE has it
        db.session.add(ShownAnswer(hour=hour, shown=1))
    db.session.commit()
