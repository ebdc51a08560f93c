"""Tell people at the desk about a ticket or another thing: inside the desk, and by e-mail where they want it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from app.operations import outbox
from app.store import hand_offs, notices, relations, users
from app.store.database import db
from app.store.models import Ticket, User
from app.store.models_desk import Notice

MENTION = re.compile(r"(?<![A-Za-z0-9@._-])@([a-z0-9][a-z0-9._-]{0,63})")
MOST_MENTIONS = 10
CLOCKS = frozenset({"before", "breach", "backup"})


def tell(people: Iterable[int | None], ticket: Ticket, kind: str, now: datetime) -> None:
    """A notice for each, in the current transaction; the calling operation commits."""
    told = [person for person in dict.fromkeys(people) if person is not None]
    db.session.add_all(Notice(user_id=person, ticket_id=ticket.id, kind=kind, at=now) for person in told)
    outbox.post_notices(told, ticket, kind, "ticket", ticket.id, now)
    if kind in CLOCKS:
        outbox.announce(f"clock.{kind}", ticket, "ticket", ticket.id, now)


def tell_about(people: Iterable[int | None], about: str, about_id: int, kind: str, now: datetime) -> None:
    """A notice for each about what is no ticket (`about` = "article", "incident", "budget" …); the calling operation commits."""
    told = [person for person in dict.fromkeys(people) if person is not None]
    db.session.add_all(Notice(user_id=person, about=about, about_id=about_id, kind=kind, at=now) for person in told)
    outbox.post_notices(told, None, kind, about, about_id, now)
    outbox.announce(f"{about}.{kind}", None, about, about_id, now)


def tell_involved(ticket: Ticket, kind: str, actor: User | None, now: datetime) -> None:
    """The assignee and the followers hear of it, except who did it."""
    people = [ticket.assignee_id, *(user.id for user in relations.followers(ticket.id))]
    tell([person for person in people if actor is None or person != actor.id], ticket, kind, now)


def tell_mentioned(ticket: Ticket, body: str, actor: User, now: datetime) -> None:
    """Colleagues a note names with @name hear of it."""
    names = {name.rstrip(".-_") for name in MENTION.findall(body)[:MOST_MENTIONS]}
    tell([user.id for user in users.staff() if user.name in names and user.id != actor.id] if names else (), ticket, "mention", now)


def mark_read(user: User, ticket: Ticket, now: datetime) -> None:
    """The person looks at the ticket; the calling operation commits."""
    hand_offs.read_notices(user.id, ticket.id, now)


def read_notices(user: User, until: int, now: datetime) -> None:
    """The person has seen everything up to this notice."""
    notices.read_all(user.id, until, now)
    db.session.commit()


def open_notice(notice: Notice, now: datetime) -> None:
    """The person goes to what the notice is about."""
    notice.read_at = notice.read_at or now
    db.session.commit()
