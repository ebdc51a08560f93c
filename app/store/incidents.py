"""Find incidents and the tickets about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.core.incident import IncidentState
from app.store.database import db
from app.store.models import Ticket
from app.store.models_incidents import Incident, IncidentTicket, IncidentUpdate

PAGE = 50


def by_id(number: int) -> Incident | None:
    """One incident."""
    return db.session.get(Incident, number)


def newest(limit: int = PAGE) -> Sequence[Incident]:
    """Those that need somebody first, then the newest."""
    urgent = Incident.state.in_([IncidentState.PROPOSED, IncidentState.OPEN])
    return db.session.scalars(select(Incident).order_by(urgent.desc(), Incident.started_at.desc()).limit(limit)).all()


def known_problems() -> Sequence[Incident]:
    """Open incidents, the newest first: what the public is told."""
    return db.session.scalars(select(Incident).where(Incident.state == IncidentState.OPEN).order_by(Incident.started_at.desc())).all()


def going_on(since: datetime) -> Sequence[Incident]:
    """Incidents that were still seen at `since` or later, whatever became of them; the newest first."""
    return db.session.scalars(
        select(Incident).where(Incident.last_seen_at >= since).order_by(Incident.started_at.desc(), Incident.id.desc())
    ).all()


def attached(incident_id: int) -> Sequence[IncidentTicket]:
    """Tickets that are about the incident, those that were detached left out."""
    links = select(IncidentTicket).options(joinedload(IncidentTicket.ticket)).where(IncidentTicket.incident_id == incident_id)
    return db.session.scalars(links.where(IncidentTicket.detached_at.is_(None)).order_by(IncidentTicket.ticket_id)).all()


def link(incident_id: int, ticket_id: int) -> IncidentTicket | None:
    """What is known of this pair, a detachment too."""
    return db.session.scalar(select(IncidentTicket).where(IncidentTicket.incident_id == incident_id, IncidentTicket.ticket_id == ticket_id))


def decided_tickets(incident_id: int) -> frozenset[int]:
    """Numbers of the tickets that are or were attached."""
    return frozenset(db.session.scalars(select(IncidentTicket.ticket_id).where(IncidentTicket.incident_id == incident_id)))


def ticket_counts(incident_ids: Sequence[int]) -> dict[int, int]:
    """How many tickets are about each."""
    counted = select(IncidentTicket.incident_id, func.count()).where(
        IncidentTicket.incident_id.in_(incident_ids), IncidentTicket.detached_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(counted.group_by(IncidentTicket.incident_id))}


def updates(incident_id: int) -> Sequence[IncidentUpdate]:
    """What was told, oldest first."""
    told = select(IncidentUpdate).options(joinedload(IncidentUpdate.author)).where(IncidentUpdate.incident_id == incident_id)
    return db.session.scalars(told.order_by(IncidentUpdate.id)).all()


def last_updates(incident_ids: Sequence[int]) -> dict[int, str]:
    """The last public word about each incident that has one."""
    newest = select(func.max(IncidentUpdate.id)).where(IncidentUpdate.incident_id.in_(incident_ids)).group_by(IncidentUpdate.incident_id)
    found = db.session.scalars(select(IncidentUpdate).where(IncidentUpdate.id.in_(newest)))
    return {update.incident_id: str(update.body) for update in found}


def first_ticket_at() -> datetime | None:
    """When the first ticket was filed."""
    return db.session.scalar(select(func.min(Ticket.created_at)))


def filed_between(start: datetime, end: datetime) -> Sequence[Ticket]:
    """Tickets filed from `start` to before `end`."""
    return db.session.scalars(select(Ticket).where(Ticket.created_at >= start, Ticket.created_at < end).order_by(Ticket.id)).all()


def tickets_since(moment: datetime, causes: Sequence[str]) -> Sequence[Ticket]:
    """Tickets of these causes whose failure or filing is not before `moment`."""
    when = func.coalesce(Ticket.request_time, Ticket.created_at)
    return db.session.scalars(select(Ticket).where(Ticket.cause.in_(causes), when >= moment).order_by(Ticket.id)).all()
