"""Stored diagnoses: the row before, and what the desk had said when a person decided."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from app.store.database import db
from app.store.models import Ticket, TicketDiagnosis

_LAST_TWO = select(TicketDiagnosis).where(TicketDiagnosis.ticket_id == bindparam("number")).order_by(TicketDiagnosis.id.desc()).limit(2)


def last_two(ticket_id: int) -> Sequence[TicketDiagnosis]:
    """The newest diagnosis and the one before it, newest first."""
    return db.session.scalars(_LAST_TWO, {"number": ticket_id}).all()


def before_confirmation() -> Sequence[tuple[str, TicketDiagnosis]]:
    """(confirmed cause, last diagnosis made before a person confirmed it) of every ticket that has both."""
    last = (
        select(func.max(TicketDiagnosis.id).label("id"))
        .join(Ticket, Ticket.id == TicketDiagnosis.ticket_id)
        .where(Ticket.cause_confirmed_at.is_not(None), TicketDiagnosis.created_at <= Ticket.cause_confirmed_at)
        .group_by(TicketDiagnosis.ticket_id)
        .subquery()
    )
    query = select(Ticket.cause, TicketDiagnosis).join(TicketDiagnosis, TicketDiagnosis.ticket_id == Ticket.id)
    rows = db.session.execute(query.join(last, last.c.id == TicketDiagnosis.id).order_by(Ticket.id))
    return [(cause, diagnosis) for cause, diagnosis in rows if cause]
