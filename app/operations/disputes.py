"""Settle disputes about charges: note the claim, gather what the log says, decide, close."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.dispute import Claim, DisputeOutcome, DisputeState, examine, keep, move, state_after
from app.core.evidence import Evidence
from app.core.record import RedactedRecord
from app.core.redacted_text import RedactedText
from app.core.ticket import ACTIVE
from app.operations.audit import record
from app.operations.clocks import wind
from app.operations.notices import tell_involved
from app.store import tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Change, Ticket, User
from app.store.models_claims import Dispute

TASK_WINDOW = timedelta(days=3)  # a refund or a task's end comes late
BILLING = "billing"  # of rules/service.toml


def claim(ticket: Ticket, what: Claim, log_store: LogStore, actor: User, now: datetime) -> Dispute:
    """Note what the requester disputes, and look at once what the log says of it."""
    dispute = Dispute(ticket_id=ticket.id, claim=what, state=DisputeState.CLAIMED, claimed_at=now, claimed_by_id=actor.id)
    db.session.add(dispute)
    db.session.flush()
    _tell(dispute, ticket, "claimed", actor, now)
    _to_billing(ticket, actor, now)
    gather(dispute, ticket, log_store, actor, now)
    return dispute


def gather(dispute: Dispute, ticket: Ticket, log_store: LogStore, actor: User, now: datetime) -> None:
    """Look again what the log says. Raises IllegalDisputeMove."""
    dispute.state = move(DisputeState(dispute.state), DisputeState.EXAMINED)
    task = str(ticket.task_id) if ticket.task_id else None
    dispute.evidence = keep(examine(rows_of(ticket, log_store), task, int(now.timestamp() * 1000)))
    dispute.examined_at = now
    record("examine", "dispute", dispute.id, now, actor)
    db.session.commit()


def decide(dispute: Dispute, ticket: Ticket, outcome: DisputeOutcome, reason: RedactedText, actor: User, now: datetime) -> None:
    """Decide it, with a reason that staff can read. Raises IllegalDisputeMove."""
    dispute.state = move(DisputeState(dispute.state), state_after(outcome))
    dispute.outcome, dispute.reason = outcome, reason
    dispute.decided_by_id, dispute.decided_at = actor.id, now
    _tell(dispute, ticket, outcome, actor, now)
    tell_involved(ticket, "dispute", actor, now)
    record("decide", "dispute", dispute.id, now, actor)
    db.session.commit()


def close(dispute: Dispute, ticket: Ticket, actor: User, now: datetime) -> None:
    """Nothing is left to do; without a decision the claim was withdrawn. Raises IllegalDisputeMove."""
    dispute.state = move(DisputeState(dispute.state), DisputeState.CLOSED)
    dispute.closed_by_id, dispute.closed_at = actor.id, now
    _tell(dispute, ticket, "closed", actor, now)
    record("close", "dispute", dispute.id, now, actor)
    db.session.commit()


def rows_of(ticket: Ticket, log_store: LogStore) -> list[RedactedRecord]:
    """Every row of the ticket's request and of its task, each once: found by the ids it names, and by the lines a person confirmed."""
    confirmed = [match.request_id for match in tickets.matches(ticket.id) if match.decision == "confirmed"]
    named = dict.fromkeys([*([str(ticket.request_id)] if ticket.request_id else []), *confirmed])
    found = [row for quoted in named for row in log_store.request(quoted)]
    if ticket.task_id:
        found += _rows_of_task(str(ticket.task_id), ticket, log_store)
    return list({row.record_id: row for row in found}.values())


def _rows_of_task(task: str, ticket: Ticket, log_store: LogStore) -> list[RedactedRecord]:
    wide = max(1, int(TASK_WINDOW / timedelta(minutes=max(ticket.tolerance_minutes, 1))))
    asked = Evidence(task_id=task, request_time=ticket.request_time or ticket.created_at, tolerance_minutes=ticket.tolerance_minutes)
    return [row for row in log_store.candidates(asked, widen=wide).records if row.task_id == task]


def _to_billing(ticket: Ticket, actor: User, now: datetime) -> None:
    """Money is billing's to settle: the ticket waits in their queue."""
    if ticket.queue != BILLING and ticket.state in ACTIVE:
        db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="queue", before=ticket.queue, after=BILLING, created_at=now))
        ticket.queue = BILLING
        wind(ticket, now)


def _tell(dispute: Dispute, ticket: Ticket, after: str, actor: User, now: datetime) -> None:
    """In the ticket's own history."""
    ticket.updated_at = now
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id, what="dispute", before=str(dispute.id), after=after, created_at=now))
