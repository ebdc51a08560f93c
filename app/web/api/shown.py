"""What an answer holds of a ticket, field by field: no key but its mask, no address, no owner, group or route of the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.core.clocks import Reading
from app.core.key_ref import KeyRef
from app.core.roles import Audience, Role, admits
from app.core.ticket_query import untold
from app.operations.clocks import history, readings
from app.operations.desk_tokens import Caller
from app.store import note_traces, relations, talk, tickets, undo_steps
from app.store.talk import Noted, Said
from app.store.ticket_queue import ListedTicket

if TYPE_CHECKING:
    from app.store.models import Ticket
    from app.store.models_guests import NoteTrace

FACTS = ("client", "client_version", "model", "status_code", "error_text", "description")
MORE_FACTS = ("request_id", "task_id", "request_time", "request_type", "stream")


def listed(row: ListedTicket, now: datetime) -> dict[str, Any]:
    """A row of the list."""
    return {
        "number": row.id,
        "subject": row.subject,
        "state": row.state,
        "created_at": row.created_at,
        "changed_at": row.updated_at,
        "waiting_since": row.waiting_since,
        "assignee_name": row.assignee,
        "client": row.client,
        "model": row.model,
        "status_code": row.status_code,
        "facts_told": row.evidence_score,
        "log_line": row.match_state,
        "cause": row.cause,
        "confidence": row.confidence,
        "cause_confirmed": row.cause_confirmed_at is not None,
        "clock": row.due_clock,
        "due_at": row.due_at,
        "late": row.due_at is not None and row.due_at < now,
    }


def whole(ticket: Ticket, caller: Caller, now: datetime) -> dict[str, Any]:
    """One ticket with its thread, in as many queries whatever it went through; notes for those who see them on its page."""
    number = ticket.id
    said, changes = talk.words([number]), talk.changes([number])
    events = history(ticket, said, changes)
    shown = {
        "number": number,
        "subject": ticket.subject,
        "state": ticket.state,
        "language": ticket.language,
        "requester": ticket.requester.name if ticket.requester else None,
        "assignee": ticket.assignee.name if ticket.assignee else None,
        "assignee_name": ticket.assignee.display_name if ticket.assignee else None,
        "created_at": ticket.created_at,
        "changed_at": ticket.updated_at,
        "solved_at": ticket.solved_at,
        "waiting_since": ticket.waiting_since,
        "facts": _facts(ticket),
        "missing": untold(ticket),
        "diagnosis": _diagnosis(ticket),
        "log_lines": [match.request_id for match in tickets.matches(number) if match.decision == "confirmed"],
        "clocks": [_clock(reading) for reading in readings(ticket, events, now)],
        "tags": undo_steps.tags(number),
        "merged_into": next((each.other_id for each, _ in relations.standing(number) if _goes_on(each, number)), None),
        "replies": [_reply(word) for word in said],
    }
    if admits(Audience.DESK, Role(caller.user.role)):
        traces = note_traces.of_tickets([number])
        shown["notes"] = [_note(note, traces.get(note.id, ())) for note in talk.notes([number])]
    return shown


def _goes_on(relation: relations.Standing, number: int) -> bool:
    return relation.kind == "merged" and relation.ticket_id == number


def _facts(ticket: Ticket) -> dict[str, Any]:
    """What was told; of the key its mask."""
    told = {name: getattr(ticket, name) for name in FACTS}
    key = KeyRef(ticket.key_prefix, ticket.key_last4).mask or None
    return told | {"key": key} | {name: getattr(ticket, name) for name in MORE_FACTS}


def _diagnosis(ticket: Ticket) -> dict[str, Any] | None:
    """What the desk takes it for now, and whether a person said so."""
    if ticket.cause is None:
        return None
    confirmed = ticket.cause_confirmed_at is not None
    return {"cause": ticket.cause, "origin": ticket.origin, "confidence": ticket.confidence, "confirmed": confirmed}


def _clock(reading: Reading) -> dict[str, Any]:
    """One clock, in minutes of business time. stands: why it does not run, null while it does."""
    return {
        "clock": reading.clock,
        "target_minutes": round(reading.target.total_seconds() / 60),
        "used_minutes": round(reading.used.total_seconds() / 60),
        "due_at": reading.due_at,
        "late": reading.late,
        "stands": reading.stands or None,
    }


def _reply(word: Said) -> dict[str, Any]:
    by = "staff" if word.by_staff else "requester"
    return {"id": word.id, "by": by, "author_name": word.author, "body": word.body, "created_at": word.created_at}


def _note(note: Noted, traces: Sequence[NoteTrace]) -> dict[str, Any]:
    """A private note; one that was struck out says so."""
    struck = next((trace.kind == "strike" for trace in reversed(traces) if trace.kind != "edit"), False)
    return {"id": note.id, "author_name": note.author, "body": note.body, "created_at": note.created_at, "struck_out": struck}
