"""Which steps of a playbook staff ticked on a ticket: every tick and every taking back is kept, the newest counts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models import PlaybookTick


def newest(ticket_id: int) -> Mapping[tuple[str, str], PlaybookTick]:
    """(playbook, step) → its newest row, with who made it."""
    last = select(func.max(PlaybookTick.id)).where(PlaybookTick.ticket_id == ticket_id).group_by(PlaybookTick.playbook, PlaybookTick.step)
    rows = db.session.scalars(select(PlaybookTick).options(joinedload(PlaybookTick.actor)).where(PlaybookTick.id.in_(last)))
    return {(row.playbook, row.step): row for row in rows}
