"""Keep with a ticket when its next clock runs out and since when its requester waits; tell people before and when one does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.core.clocks import Event, Happening, Reading, read_clocks, soonest, waiting_since
from app.core.ticket import SET_ASIDE, State
from app.store import tickets
from app.store.database import db
from app.store.models import Change, Reply, Ticket
from app.store.service_rules import service_book
from app.store.talk import Changed, Said


def wind(ticket: Ticket, now: datetime) -> None:
    """Read the clocks anew after a word or a move, in the current transaction."""
    db.session.flush()
    events = history(ticket, tickets.replies(ticket.id), tickets.changes(ticket.id))
    keep(ticket, events, now)


def keep(ticket: Ticket, events: Sequence[Event], now: datetime) -> None:
    """Put what the events come to into the ticket; what was set aside as spam is on no clock."""
    if ticket.state in SET_ASIDE:
        ticket.due_at = ticket.due_clock = ticket.waiting_since = None
        return
    first_out = soonest(readings(ticket, events, now))
    ticket.due_at, ticket.due_clock = (first_out.due_at, first_out.clock) if first_out else (None, None)
    ticket.waiting_since = waiting_since(events)


def readings(ticket: Ticket, events: Sequence[Event], now: datetime) -> tuple[Reading, Reading, Reading]:
    """The three clocks of a ticket."""
    return read_clocks(events, service_book().of(ticket.queue).targets, now)


def history(ticket: Ticket, replies: Iterable[Reply | Said], changes: Iterable[Change | Changed]) -> list[Event]:
    """What moved the ticket's clocks. Notes and everything else move none."""
    told = [Event(reply.created_at, Happening.ANSWERED if reply.by_staff else Happening.ASKED) for reply in replies]
    moves = [
        Event(change.created_at, Happening.MOVED, State(change.after)) for change in changes if change.what == "state" and change.after
    ]
    return [Event(ticket.created_at, Happening.FILED), *told, *moves]
