"""Decide about incidents, tell everybody at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.core.incident import BEFORE, IncidentState, Place, TicketFacts, belongs, class_of, move
from app.core.redacted_text import RedactedText
from app.core.rollups import Dimension
from app.core.rulebook import Rulebook
from app.core.ticket import ACTIVE
from app.operations.audit import record
from app.operations.clocks import wind
from app.operations.notices import tell_involved
from app.operations.outbox import tell_answer
from app.store import incidents, ticket_search
from app.store.database import db
from app.store.models import Reply, Ticket, User
from app.store.models_incidents import Incident, IncidentTicket, IncidentUpdate


def confirm(incident: Incident, actor: User, rulebook: Rulebook, now: datetime) -> None:
    """A person says that it is one: the public sees it, tickets attach. Raises IllegalIncidentMove."""
    _decide(incident, IncidentState.OPEN, actor, now)
    incident.resolved_at = incident.resolved_by_id = None
    attach_tickets(incident, rulebook, now)
    db.session.commit()


def dismiss(incident: Incident, actor: User, now: datetime) -> None:
    """A person says that it is none. Raises IllegalIncidentMove."""
    _decide(incident, IncidentState.DISMISSED, actor, now)
    db.session.commit()


def tell(incident: Incident, body: RedactedText, author: User, now: datetime) -> int:
    """One word for all: kept with the incident, a reply in every ticket about it that is still active, news for who follows one.

    Returns in how many tickets it stands. Their states stay: nobody is asked anything.
    """
    db.session.add(IncidentUpdate(incident_id=incident.id, author_id=author.id, body=body, created_at=now))
    active = [link.ticket for link in incidents.attached(incident.id) if link.ticket.state in ACTIVE]
    for ticket in active:
        reply = Reply(ticket_id=ticket.id, by_staff=True, author_id=author.id, body=body, created_at=now)
        db.session.add(reply)
        ticket_search.index_reply(reply)
        tell_involved(ticket, "incident", author, now)
        tell_answer(ticket, reply, now, "incident")
        ticket.first_replied_at = ticket.first_replied_at or now
        wind(ticket, now)
        ticket.updated_at = now
    record("tell", "incident", incident.id, now, author, after=f"{len(active)} tickets")
    db.session.commit()
    return len(active)


def resolve(incident: Incident, cause: str | None, note: RedactedText, article_id: int | None, actor: User, now: datetime) -> None:
    """It is over: what it was, what was done, which article tells of it. Raises IllegalIncidentMove."""
    incident.state = move(IncidentState(incident.state), IncidentState.RESOLVED)
    incident.cause, incident.note, incident.article_id = cause, note, article_id
    incident.resolved_at, incident.resolved_by_id = now, actor.id
    record("resolve", "incident", incident.id, now, actor, after=cause)
    db.session.commit()


def attach(incident: Incident, ticket: Ticket, actor: User | None, now: datetime) -> None:
    """Say that the ticket is about the incident, also when it was detached before."""
    link = incidents.link(incident.id, ticket.id)
    if link is None:
        db.session.add(
            IncidentTicket(incident_id=incident.id, ticket_id=ticket.id, attached_at=now, attached_by_id=actor.id if actor else None)
        )
    elif actor is not None:
        link.detached_at = link.detached_by_id = None
    record("attach", "incident", incident.id, now, actor, after=f"ticket {ticket.id}")
    db.session.commit()


def detach(incident: Incident, ticket: Ticket, actor: User, now: datetime) -> None:
    """Say that it is not; the desk will not attach it again by itself."""
    link = incidents.link(incident.id, ticket.id)
    if link is not None and link.detached_at is None:
        link.detached_at, link.detached_by_id = now, actor.id
        record("detach", "incident", incident.id, now, actor, before=f"ticket {ticket.id}")
    db.session.commit()


def attach_tickets(incident: Incident, rulebook: Rulebook, now: datetime) -> int:
    """Attach every ticket that fits and that nobody detached. Returns how many; the caller commits."""
    causes = causes_of_class(incident.failure, rulebook)
    known = incidents.decided_tickets(incident.id)
    place = place_of(incident)
    fitting = [
        ticket
        for ticket in incidents.tickets_since(incident.started_at - BEFORE, causes)
        if belongs(place, incident.started_at, incident.resolved_at, _facts(ticket), causes, rulebook.model_names)
        and ticket.id not in known
    ]
    db.session.add_all(IncidentTicket(incident_id=incident.id, ticket_id=ticket.id, attached_at=now) for ticket in fitting)
    return len(fitting)


def causes_of_class(failure: str, rulebook: Rulebook) -> Sequence[str]:
    """The causes whose failures are counted in this class."""
    name, book = class_of(failure), rulebook.metrics
    known = rulebook.causes.causes.values()
    return [cause.id for cause in known if book.class_of_family(cause.family) == name and not book.is_apart(cause.family)]


def place_of(incident: Incident) -> Place:
    """What failed where."""
    return Place(incident.failure, Dimension(incident.dimension), str(incident.value))


def _decide(incident: Incident, target: IncidentState, actor: User, now: datetime) -> None:
    before = incident.state
    incident.state = move(IncidentState(before), target)
    incident.decided_by_id, incident.decided_at = actor.id, now
    record("decide", "incident", incident.id, now, actor, before, target)


def _facts(ticket: Ticket) -> TicketFacts:
    """What decides whether the ticket belongs."""
    group = {str(ticket.key_group)} if ticket.key_group else set()
    model = str(ticket.model) if ticket.model else None
    return TicketFacts(ticket.request_time or ticket.created_at, ticket.cause, model, frozenset(group))
