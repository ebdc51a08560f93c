"""Find known errors with their incidents and tickets."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, union
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models import Ticket
from app.store.models_incidents import Incident, IncidentTicket, KnownError, KnownErrorTicket

PAGE = 100


def by_id(number: int) -> KnownError | None:
    """One known error."""
    return db.session.get(KnownError, number)


def everything(limit: int = PAGE) -> Sequence[KnownError]:
    """Those not mended first, then the newest."""
    found = select(KnownError).options(joinedload(KnownError.article))
    return db.session.scalars(found.order_by(KnownError.mended_at.is_not(None), KnownError.id.desc()).limit(limit)).all()


def not_mended() -> Sequence[KnownError]:
    """What an incident can be due to, the newest first."""
    return db.session.scalars(select(KnownError).where(KnownError.mended_at.is_(None)).order_by(KnownError.id.desc()).limit(PAGE)).all()


def incidents_of(number: int) -> Sequence[Incident]:
    """Its incidents, the newest first."""
    return db.session.scalars(select(Incident).where(Incident.known_error_id == number).order_by(Incident.started_at.desc())).all()


def tickets_of(number: int) -> Sequence[Ticket]:
    """Tickets about its incidents, and those linked by hand; the newest first."""
    about = select(IncidentTicket.ticket_id).join(Incident, Incident.id == IncidentTicket.incident_id)
    about = about.where(Incident.known_error_id == number, IncidentTicket.detached_at.is_(None))
    linked = select(KnownErrorTicket.ticket_id).where(KnownErrorTicket.known_error_id == number)
    found = select(Ticket).where(Ticket.id.in_(union(about, linked).scalar_subquery()))
    return db.session.scalars(found.order_by(Ticket.id.desc()).limit(PAGE)).all()


def link(number: int, ticket_id: int) -> KnownErrorTicket | None:
    """The link made by hand, if there is one."""
    pair = (KnownErrorTicket.known_error_id == number, KnownErrorTicket.ticket_id == ticket_id)
    return db.session.scalar(select(KnownErrorTicket).where(*pair))


def linked_tickets(number: int) -> frozenset[int]:
    """Numbers of the tickets linked by hand."""
    return frozenset(db.session.scalars(select(KnownErrorTicket.ticket_id).where(KnownErrorTicket.known_error_id == number)))


def counts() -> dict[int, tuple[int, int]]:
    """Known error → (incidents, tickets)."""
    incidents = dict(_rows(select(Incident.known_error_id, func.count()).group_by(Incident.known_error_id)))
    about = select(Incident.known_error_id.label("known"), IncidentTicket.ticket_id.label("ticket"))
    about = about.join(IncidentTicket, IncidentTicket.incident_id == Incident.id).where(IncidentTicket.detached_at.is_(None))
    linked = select(KnownErrorTicket.known_error_id.label("known"), KnownErrorTicket.ticket_id.label("ticket"))
    both = union(about, linked).subquery()
    tickets = dict(_rows(select(both.c.known, func.count()).group_by(both.c.known)))
    return {number: (incidents.get(number, 0), tickets.get(number, 0)) for number in {*incidents, *tickets} if number is not None}


def _rows(query: object) -> list[tuple[int | None, int]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]  # type: ignore[call-overload]
