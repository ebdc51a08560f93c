"""Files of tickets; their contents are read only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import undefer

from app.store.database import db
from app.store.models import Attachment

PURGE_BATCH = 500
_OF_TICKET = select(Attachment).where(Attachment.ticket_id == bindparam("number")).order_by(Attachment.id)


def of_ticket(ticket_id: int) -> Sequence[Attachment]:
    """The ticket's files, oldest first, without their contents."""
    return db.session.scalars(_OF_TICKET, {"number": ticket_id}).all()


def one_of_ticket(ticket_id: int, attachment_id: int) -> Attachment | None:
    """One file of this ticket, with its content."""
    query = select(Attachment).options(undefer(Attachment.text), undefer(Attachment.picture))
    return db.session.scalar(query.where(Attachment.id == attachment_id, Attachment.ticket_id == ticket_id))


def expired(now: datetime) -> Sequence[Attachment]:
    """Pictures whose time is over."""
    return db.session.scalars(select(Attachment).where(Attachment.expires_at <= now).order_by(Attachment.id).limit(PURGE_BATCH)).all()
