"""Which steps of a playbook staff ticked on a ticket: every tick and every taking back is kept, the newest counts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models import PlaybookTick

_LAST = (
    select(func.max(PlaybookTick.id))
    .where(PlaybookTick.ticket_id == bindparam("number"))
    .group_by(PlaybookTick.playbook, PlaybookTick.step)
)
_NEWEST = select(PlaybookTick).options(joinedload(PlaybookTick.actor)).where(PlaybookTick.id.in_(_LAST))


def newest(ticket_id: int) -> Mapping[tuple[str, str], PlaybookTick]:
    """(playbook, step) → its newest row, with who made it."""
    return {(row.playbook, row.step): row for row in db.session.scalars(_NEWEST, {"number": ticket_id})}
