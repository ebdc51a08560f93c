"""Who is at a ticket, and what they are writing: drafts and presence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models import Reply
from app.store.models_desk import Draft, Presence

STAYS = timedelta(seconds=60)  # four heartbeats: after that nobody is there
_DRAFTS = select(Draft).where(Draft.ticket_id == bindparam("number"), Draft.author_id == bindparam("person"))
_OTHERS = select(Presence).options(joinedload(Presence.user)).where(Presence.ticket_id == bindparam("number"))
_OTHERS = _OTHERS.where(Presence.user_id != bindparam("person"), Presence.seen_at > bindparam("since")).order_by(Presence.user_id)
_PUT = {dialect.dialect().name: dialect.insert(Presence) for dialect in (sqlite, postgresql)}
_THERE = {
    name: put.on_conflict_do_update(index_elements=["ticket_id", "user_id"], set_={key: put.excluded[key] for key in ("doing", "seen_at")})
    for name, put in _PUT.items()
}


def drafts(ticket_id: int, author_id: int) -> dict[str, Draft]:
    """A person's drafts on a ticket, by kind."""
    return {draft.kind: draft for draft in db.session.scalars(_DRAFTS, {"number": ticket_id, "person": author_id})}


def forget_draft(ticket_id: int, author_id: int, kind: str) -> None:
    """The draft was sent or thrown away."""
    db.session.execute(delete(Draft).where(Draft.ticket_id == ticket_id, Draft.author_id == author_id, Draft.kind == kind))


def hand_drafts_on(ticket_id: int, other_id: int, chosen: Sequence[Sequence[object]] | None = None) -> list[list[object]]:
    """Drafts of one ticket become drafts of another, but never over one that is there. chosen: whose and which kind; else all.

    Returns those that went, as [author, kind].
    """
    taken = {(draft.author_id, draft.kind) for draft in db.session.scalars(select(Draft).where(Draft.ticket_id == other_id))}
    found = db.session.scalars(select(Draft).where(Draft.ticket_id == ticket_id))
    free = [draft for draft in found if (draft.author_id, draft.kind) not in taken]
    went = [draft for draft in free if chosen is None or [draft.author_id, draft.kind] in chosen]
    for draft in went:
        draft.ticket_id = other_id
    return [[draft.author_id, draft.kind] for draft in went]


def others(ticket_id: int, user_id: int, now: datetime) -> Sequence[Presence]:
    """Who else has the ticket open now."""
    return db.session.scalars(_OTHERS, {"number": ticket_id, "person": user_id, "since": now - STAYS}).all()


def be_there(ticket_id: int, user_id: int, doing: str, now: datetime) -> None:
    """The person has the ticket open and does this; the calling operation commits."""
    connection = db.session.connection()
    row = {"ticket_id": ticket_id, "user_id": user_id, "doing": doing, "seen_at": now}
    connection.execute(_THERE[connection.dialect.name], row)


def newest_reply(ticket_id: int) -> int:
    """The number of the newest public word; 0 when there is none."""
    return db.session.scalar(select(func.max(Reply.id)).where(Reply.ticket_id == ticket_id)) or 0


def words_since(ticket_id: int, seen: int, author_id: int) -> Sequence[Reply]:
    """Public words of others that came after the newest one a person has seen."""
    query = select(Reply).options(joinedload(Reply.author)).where(Reply.ticket_id == ticket_id, Reply.id > seen)
    return [reply for reply in db.session.scalars(query.order_by(Reply.id)) if reply.author_id != author_id]
