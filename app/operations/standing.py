"""Keep with a ticket what the queue filters it by: how much was told, and what the log says about its key."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.log_context import Ranking
from app.core.redaction import Redactor
from app.core.ticket_query import FACTS, untold
from app.store.models import Ticket, TicketMatch

LIKELY = 0.5


def note_evidence(ticket: Ticket) -> None:
    """How many of the facts that matter the ticket has."""
    ticket.evidence_score = len(FACTS) - len(untold(ticket))


def note_match(ticket: Ticket, known: Sequence[TicketMatch], ranking: Ranking | None, redactor: Redactor) -> None:
    """How sure the log line is, and the group and environment of its key when it is likely the one."""
    best = ranking.matches[0] if ranking and ranking.matches else None
    confirmed = any(match.decision == "confirmed" for match in known)
    likely = confirmed or (best is not None and best.probability >= LIKELY)
    ticket.match_state = "confirmed" if confirmed else "likely" if likely else "weak" if best else "none"
    record = best.record if best and likely else None
    ticket.key_group = redactor.clean(record.group) if record and record.group else None
    ticket.key_environment = redactor.clean(record.environment) if record and record.environment else None
