"""Tick the steps of a ticket's playbook."""

from __future__ import annotations

from datetime import datetime

from app.core.playbook import Playbook
from app.operations.audit import record
from app.store.database import db
from app.store.models import PlaybookTick, Ticket, User


def tick_step(ticket: Ticket, playbook: Playbook, step_id: str, actor: User, now: datetime, *, done: bool) -> PlaybookTick:
    """Say that a step is done, or that it is not after all. Raises KeyError for a step that the playbook does not have."""
    if step_id not in {step.id for step in playbook.steps}:
        raise KeyError(step_id)
    tick = PlaybookTick(ticket_id=ticket.id, playbook=playbook.id, step=step_id, done=done, actor_id=actor.id, created_at=now)
    db.session.add(tick)
    record("playbook", "ticket", ticket.id, now, actor, after=f"{step_id}: {'done' if done else 'not done'}")
    db.session.commit()
    return tick
