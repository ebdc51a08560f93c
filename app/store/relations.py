"""How tickets hang together: merged, under one another, split, related; followers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, and_, bindparam, case, or_, select, update

from app.store.database import db
from app.store.models import Reply, Ticket, User
from app.store.models_desk import Follower, TicketRelation, TicketText
from app.store.plain_rows import Columns, plain_rows
from app.store.tickets import TicketName
from app.store.users import StaffName

MOST_HOPS = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A relation that holds: kind is child, related, split or merged."""

    id: int
    kind: str
    ticket_id: int
    other_id: int


def standing(ticket_id: int) -> list[tuple[Standing, TicketName]]:
    """Every relation of a ticket that holds, with the other ticket."""
    return [(Standing(*row[:4]), TicketName(*row[4:])) for row in plain_rows(_STANDING, number=ticket_id)]


def _standing() -> Columns:
    number: BindParameter[int] = bindparam("number")
    other = case((TicketRelation.ticket_id == number, TicketRelation.other_id), else_=TicketRelation.ticket_id)
    touches = or_(TicketRelation.ticket_id == number, TicketRelation.other_id == number)
    columns = (TicketRelation.id, TicketRelation.kind, TicketRelation.ticket_id, TicketRelation.other_id)
    query = select(*columns, Ticket.id, Ticket.subject, Ticket.state).join(Ticket, Ticket.id == other)
    return query.where(touches, TicketRelation.ended_at.is_(None)).order_by(TicketRelation.id)


_STANDING = _standing()
_FOLLOWERS = select(User.id, User.name, User.display_name).join(Follower, Follower.user_id == User.id)
_FOLLOWERS = _FOLLOWERS.where(Follower.ticket_id == bindparam("number"))
_MERGED = select(TicketRelation.ticket_id).where(TicketRelation.other_id.in_(bindparam("numbers", expanding=True)))
_MERGED = _MERGED.where(TicketRelation.kind == "merged", TicketRelation.ended_at.is_(None))


def pointing_to(ticket_id: int, kind: str) -> Sequence[int]:
    """The tickets that were merged into, or belong under, this one."""
    query = select(TicketRelation.ticket_id).where(TicketRelation.other_id == ticket_id, TicketRelation.kind == kind)
    return db.session.scalars(query.where(TicketRelation.ended_at.is_(None)).order_by(TicketRelation.id)).all()


def merged_into(ticket_id: int) -> int | None:
    """The ticket this one was merged into, at the end of the chain."""
    found = None
    for _hop in range(MOST_HOPS):
        following = _target(ticket_id if found is None else found)
        if following is None:
            break
        found = following
    return found


def all_merged_into(ticket_id: int) -> list[int]:
    """The tickets merged into this one, through however many merges; one query for each hop."""
    found: list[int] = []
    layer = [ticket_id]
    for _hop in range(MOST_HOPS):
        layer = [row.ticket_id for row in plain_rows(_MERGED, numbers=layer) if row.ticket_id not in found]
        if not layer:
            break
        found += layer
    return found


def pair(ticket_id: int, other_id: int, kind: str) -> TicketRelation | None:
    """The relation of this kind between the two, if it holds."""
    either = or_(
        and_(TicketRelation.ticket_id == ticket_id, TicketRelation.other_id == other_id),
        and_(TicketRelation.ticket_id == other_id, TicketRelation.other_id == ticket_id),
    )
    return db.session.scalar(select(TicketRelation).where(either, TicketRelation.kind == kind, TicketRelation.ended_at.is_(None)))


def one_of(ticket_id: int, relation_id: int) -> TicketRelation | None:
    """A relation this ticket has part in."""
    touches = or_(TicketRelation.ticket_id == ticket_id, TicketRelation.other_id == ticket_id)
    return db.session.scalar(select(TicketRelation).where(TicketRelation.id == relation_id, touches, TicketRelation.ended_at.is_(None)))


def requesters_words(ticket_id: int, numbers: Sequence[int]) -> Sequence[Reply]:
    """Those of the replies that are the requester's words on this ticket."""
    query = select(Reply).where(Reply.ticket_id == ticket_id, Reply.id.in_(numbers), Reply.by_staff.is_(False))
    return db.session.scalars(query.order_by(Reply.id)).all()


def move_words(numbers: Sequence[int], ticket_id: int) -> None:
    """Replies belong to this ticket from now on, in the search as well."""
    if numbers:
        db.session.execute(update(Reply).where(Reply.id.in_(numbers)).values(ticket_id=ticket_id))
        entry = update(TicketText).where(TicketText.kind == "reply", TicketText.object_id.in_(numbers))
        db.session.execute(entry.values(ticket_id=ticket_id))


def followers(ticket_id: int) -> list[StaffName]:
    """Who follows a ticket."""
    return [StaffName(*row) for row in plain_rows(_FOLLOWERS, number=ticket_id)]


def follower(ticket_id: int, user_id: int) -> Follower | None:
    """That this person follows the ticket."""
    return db.session.get(Follower, (ticket_id, user_id))


def _target(ticket_id: int) -> int | None:
    query = select(TicketRelation.other_id).where(TicketRelation.ticket_id == ticket_id, TicketRelation.kind == "merged")
    return db.session.scalar(query.where(TicketRelation.ended_at.is_(None)))
