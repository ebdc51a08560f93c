"""Keep a filter of the queue or of the log under a name, and forget it."""

from __future__ import annotations

from datetime import datetime

from app.core.redacted_text import RedactedText
from app.operations.audit import record
from app.store.database import db
from app.store.models import User
from app.store.models_desk import SavedView


def save_view(name: RedactedText, query: RedactedText, shared: bool, actor: User, now: datetime, place: str = "queue") -> SavedView:
    """A view of one's own; shared: for everybody at the desk."""
    view = SavedView(owner_id=actor.id, name=name, query=query, shared=shared, created_at=now, place=place)
    db.session.add(view)
    db.session.flush()
    record("save", "view", view.id, now, actor, after="shared" if shared else "own")
    db.session.commit()
    return view


def remove_view(view: SavedView, actor: User, now: datetime) -> None:
    """Forget a view."""
    record("remove", "view", view.id, now, actor)
    db.session.delete(view)
    db.session.commit()
