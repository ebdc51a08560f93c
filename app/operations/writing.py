"""Keep what somebody is writing, and say that they are there."""

from __future__ import annotations

from datetime import datetime

from app.core.redacted_text import RedactedText
from app.operations.audit import record_read
from app.operations.notices import mark_read
from app.store import writing
from app.store.database import db
from app.store.half_done import may_stay_undone
from app.store.models import Ticket, User
from app.store.models_desk import Draft

DOING = ("elsewhere", "viewing", "writing")


def keep_draft(
    ticket_id: int, kind: str, body: RedactedText, author: User, now: datetime, article_id: int | None = None, seen_reply_id: int = 0
) -> None:
    """Keep an unsent text, one of each kind; an empty one is forgotten."""
    if not body.strip():
        writing.forget_draft(ticket_id, author.id, kind)
    else:
        draft = Draft(ticket_id=ticket_id, author_id=author.id, kind=kind, body=body, updated_at=now)
        draft.article_id, draft.seen_reply_id = article_id, seen_reply_id
        db.session.merge(draft)
    db.session.commit()


def drop_draft(ticket_id: int, kind: str, author: User) -> None:
    """Throw an unsent text away."""
    writing.forget_draft(ticket_id, author.id, kind)
    db.session.commit()


def be_there(ticket_id: int, user: User, doing: str, now: datetime) -> None:
    """A heartbeat: the person has the ticket open and does this."""
    writing.be_there(ticket_id, user.id, doing if doing in DOING else "viewing", now)
    db.session.commit()


def look_at(ticket: Ticket, user: User, now: datetime) -> None:
    """Somebody opens a ticket: an audited private read, they are there, and what they were told of it is read."""
    with may_stay_undone(f"account {user.id} read ticket {ticket.id}"):
        mark_read(user, ticket, now)
        writing.be_there(ticket.id, user.id, "viewing", now)
        record_read("ticket", ticket.id, now, user)
        db.session().expire_on_commit = False  # the page is made: nothing needs to be read anew after this
        db.session.commit()
