"""Tell the assignee before a clock runs out and when it does, and the backup owner when nothing happens after that."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.roles import Role
from app.core.service import ServiceQueue
from app.operations.notices import tell
from app.store import hand_offs, users
from app.store.database import db
from app.store.models import Ticket
from app.store.models_desk import Escalation
from app.store.service_rules import service_book


def escalate(now: datetime) -> int:
    """One round over the tickets whose clocks are due, within business hours only. Returns how many were escalated."""
    ahead = max(queue.targets.calendar.after(now, queue.warn) for queue in service_book())
    due = [ticket for ticket in hand_offs.due_until(ahead) if service_book().of(ticket.queue).targets.calendar.is_open(now)]
    told = hand_offs.told_stages(due)
    count = 0
    for ticket in due:
        stage = stage_of(ticket.due_at, service_book().of(ticket.queue), now) if ticket.due_at else None
        if stage and (ticket.id, ticket.due_clock, stage, ticket.due_at) not in told:
            _escalate(ticket, stage, now)
            count += 1
    db.session.commit()
    return count


def stage_of(due_at: datetime, queue: ServiceQueue, now: datetime) -> str | None:
    """How far a clock is: `before` it runs out, `breach`, `backup` when nobody moved after that; None: there is time."""
    calendar = queue.targets.calendar
    if now >= due_at:
        return "backup" if calendar.between(due_at, now) >= queue.backup > timedelta(0) else "breach"
    return "before" if calendar.between(now, due_at) <= queue.warn else None


def _escalate(ticket: Ticket, stage: str, now: datetime) -> None:
    """Record it, and tell whose turn it is; a ticket of nobody is everybody's who may give it to somebody."""
    db.session.add(Escalation(ticket_id=ticket.id, clock=ticket.due_clock, stage=stage, due_at=ticket.due_at, at=now))
    backup = hand_offs.backup_of(ticket.id)
    managers = [user.id for user in users.staff() if user.role in {Role.MANAGER, Role.OWNER}]
    if stage == "backup":
        tell([backup] if backup else managers, ticket, "backup", now)
    else:
        tell([ticket.assignee_id] if ticket.assignee_id else [backup] if backup else managers, ticket, stage, now)
