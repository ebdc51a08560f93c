"""A report made into a ticket's row, and the secret link a guest follows it by."""

from __future__ import annotations

import secrets
from datetime import datetime

from app.core.error_shape import parse_error
from app.core.evidence import Evidence
from app.core.report import Report, subject_line
from app.core.rulebook import Rulebook
from app.core.ticket import State
from app.core.told_facts import told_facts
from app.operations.accounts import hash_token
from app.operations.examine import LATE_LOGS
from app.operations.standing import note_evidence
from app.store.database import db
from app.store.models import Ticket, TicketLink


def new_ticket(report: Report, rulebook: Rulebook, now: datetime) -> Ticket:
    """The row of a report."""
    evidence = report.evidence
    message = parse_error(evidence.error_text).message if evidence.error_text else report.description or ""
    ticket = Ticket(
        created_at=now,
        updated_at=now,
        language=report.language,
        state=State.NEW,
        subject=rulebook.redactor.clean(subject_line(evidence, message)),
        description=report.description,
        time_zone=report.time_zone,
        rematch_until=now + LATE_LOGS,
    )
    fill_evidence(ticket, evidence, rulebook)
    return ticket


def fill_evidence(ticket: Ticket, evidence: Evidence, rulebook: Rulebook) -> None:
    """Copy the evidence's facts into the ticket's columns, words through the redactor, a known client by its name."""
    for name in ("client", "client_version", "model", "error_text", "request_id", "task_id", "base_url"):
        words = getattr(evidence, name)
        setattr(ticket, name, rulebook.redactor.clean(words) if words else None)
    client = rulebook.clients.recognise(evidence.client)
    if client:
        ticket.client = rulebook.redactor.clean(client.name)
    for name in ("status_code", "request_time", "tolerance_minutes", "stream", "request_type"):
        setattr(ticket, name, getattr(evidence, name))
    ticket.key_prefix, ticket.key_last4, ticket.key_fingerprint = evidence.key.prefix, evidence.key.last4, evidence.key.fingerprint
    ticket.unknown_fields = sorted(evidence.unknown)
    ticket.told_facts = told_facts(evidence, rulebook.clients.gateways)
    note_evidence(ticket)


def new_link(ticket: Ticket, now: datetime) -> str:
    """A secret link of 256 random bits; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    db.session.add(TicketLink(ticket_id=ticket.id, token_hash=hash_token(token), created_at=now))
    return token
