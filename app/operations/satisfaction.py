"""The requester says whether the help was good."""

from __future__ import annotations

from datetime import datetime

from app.core.redacted_text import RedactedText
from app.core.satisfaction import may_rate
from app.core.ticket import State
from app.operations.notices import tell_involved
from app.store import satisfaction
from app.store.database import db
from app.store.models import Change, Ticket, User
from app.store.models_guests import Satisfaction


class NotOpen(ValueError):
    """The ticket is not done, or its rating can no longer be changed."""


def rate(ticket: Ticket, good: bool, words: RedactedText | None, author: User | None, now: datetime) -> Satisfaction:
    """Keep the answer, or change it; words that are not given stay as they were. Raises NotOpen."""
    known = satisfaction.of_ticket(ticket.id)
    if not may_rate(State(ticket.state), known.at if known else None, now):
        raise NotOpen
    before = _word(known.good) if known else None
    rating = known or satisfaction.first(ticket.id, good, now)
    rating.good, rating.changed_at = good, now
    if words is not None:
        rating.words = words or None
    if before != _word(good):
        _note(ticket, before, good, author, now)
    db.session.commit()
    return rating


def _note(ticket: Ticket, before: str | None, good: bool, author: User | None, now: datetime) -> None:
    """In the ticket's history; whoever helped hears of a bad one."""
    actor_id = author.id if author else None
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor_id, what="rating", before=before, after=_word(good), created_at=now))
    if not good:
        tell_involved(ticket, "bad_rating", author, now)


def _word(good: bool) -> str:
    return "good" if good else "bad"
