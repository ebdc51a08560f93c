"""Saved views of the queue and of the log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, or_, select

from app.store.database import db
from app.store.models_desk import SavedView


def of_person(user_id: int, place: str = "queue") -> Sequence[SavedView]:
    """A person's own views of a place and everybody's, in the order they were made."""
    return db.session.scalars(_OF_PERSON, {"person": user_id, "here": place}).all()


_THEIRS = or_(SavedView.owner_id == bindparam("person"), SavedView.shared)
_OF_PERSON = select(SavedView).where(_THEIRS, SavedView.place == bindparam("here")).order_by(SavedView.id).limit(30)


def one_of(user_id: int, view_id: int) -> SavedView | None:
    """A view the person may change: their own."""
    return db.session.scalar(select(SavedView).where(SavedView.id == view_id, SavedView.owner_id == user_id))
