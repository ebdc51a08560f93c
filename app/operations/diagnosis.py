"""Diagnose again with today's rules, learn from what people confirmed, and make cases of tickets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.core.accuracy import Accuracy, Told, measure
from app.core.case import case_of
from app.core.diagnosis_change import DiagnosisChange, compare
from app.core.record import RedactedRecord
from app.core.rulebook import Rulebook
from app.operations.examine import evidence_of, examine_ticket
from app.store import diagnoses, tickets
from app.store.case_files import add_case
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Change, Ticket, TicketDiagnosis, User

SURE = 0.5


class NotConfirmed(ValueError):
    """Nobody has said yet what the ticket's cause was."""


def diagnose_again(ticket: Ticket, actor: User, rulebook: Rulebook, log_store: LogStore, now: datetime) -> DiagnosisChange | None:
    """Diagnose with the rules in force; the older diagnosis is kept. Give what changed, None when there was none before."""
    db.session.add(
        Change(ticket_id=ticket.id, actor_id=actor.id, what="diagnosis", before=None, after=rulebook.digest[:12], created_at=now)
    )
    examine_ticket(ticket, rulebook, log_store, now)
    ticket.updated_at = now
    db.session.commit()
    return last_change(diagnoses.last_two(ticket.id))


def last_change(newest_first: Sequence[TicketDiagnosis]) -> DiagnosisChange | None:
    """What the newest of two stored diagnoses changed."""
    if len(newest_first) < 2:
        return None
    after, before = newest_first[:2]
    return compare(before.causes, after.causes)


def accuracy() -> Accuracy:
    """How often the desk was right on confirmed tickets, by what it had said before the confirmation."""
    return measure(
        Told(tuple((line["cause"], line["confidence"]) for line in diagnosis.causes), cause)
        for cause, diagnosis in diagnoses.before_confirmation()
    )


def keep_case(ticket: Ticket, rulebook: Rulebook, log_store: LogStore, path: Path) -> bool:
    """Add the ticket to a case file; say whether it was new. Raises NotConfirmed, OSError."""
    if ticket.cause is None or ticket.cause_confirmed_at is None:
        raise NotConfirmed
    return add_case(path, case_of(evidence_of(ticket), ticket.cause, _record(ticket, log_store), rulebook))


def _record(ticket: Ticket, log_store: LogStore) -> RedactedRecord | None:
    """The log line a person confirmed, else one that is more likely than not."""
    matches = tickets.matches(ticket.id)
    likely = next(
        (match for match in matches if match.decision == "confirmed" or (match.decision is None and match.probability >= SURE)), None
    )
    return next(iter(log_store.records([likely.record_id])), None) if likely else None
