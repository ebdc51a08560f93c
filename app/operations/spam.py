"""Guests may file without an account: bounded for each address, set aside when it looks like spam, released or discarded by a person.

No address is kept. What is counted is an HMAC of it, forgotten after an hour.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from app.core.report import Report
from app.core.rulebook import Rulebook
from app.core.ticket import SET_ASIDE, State
from app.operations import outbox
from app.operations.clocks import wind
from app.operations.examine import examine_ticket
from app.store import guests, ticket_search, tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Change, Ticket, User
from app.store.models_guests import GuestAct, Suspicion

HOUR = timedelta(hours=1)
MOST_DECIDED = 200


def count_act(kind: str, address: str, pepper: bytes, now: datetime) -> int:
    """Note that a guest does this; how often they did it within the hour, this time included. What is older is forgotten."""
    guests.forget_before(now - HOUR)
    sender = _mark(pepper, kind, address)
    db.session.add(GuestAct(sender=sender, at=now))
    db.session.commit()
    return guests.acts_since(sender, now - HOUR)


def digest_of(report: Report, sender: str, pepper: bytes) -> str:
    """The mark of this text from this sender, a browser rather than an address: an HMAC, from which neither can be read."""
    evidence = report.evidence
    told = (evidence.error_text, report.description, evidence.model, evidence.client, evidence.status_code, evidence.request_id)
    said = "\0".join(
        " ".join(str(each or "").split())
        for each in (*told, evidence.task_id, evidence.key.mask, evidence.key.fingerprint, evidence.request_time)
    )
    return _mark(pepper, "text", sender, said)


def earlier_ticket(digest: str, now: datetime) -> Ticket | None:
    """The ticket this sender filed with the same text within the hour."""
    number = guests.ticket_of(digest, now - HOUR)
    return tickets.by_id(number) if number else None


def note_filed(ticket: Ticket, digest: str, now: datetime) -> None:
    """Remember for an hour what was filed, so that the same again is folded into it."""
    db.session.add(GuestAct(sender=digest, digest=digest, ticket_id=ticket.id, at=now))
    db.session.commit()


def fold(ticket: Ticket, now: datetime) -> None:
    """The same text came again from the same sender: counted on the ticket there is."""
    known = guests.suspicion(ticket.id)
    if known:
        known.repeats += 1
    _note(ticket, "repeat", None, None, None, now)
    db.session.commit()


def suspect(ticket: Ticket, signals: Sequence[str], now: datetime) -> None:
    """Set a new ticket aside, in the current transaction; it is neither matched nor found until a person releases it."""
    ticket.state = State.SUSPECTED
    db.session.add(Suspicion(ticket_id=ticket.id, signals=list(signals), repeats=0))
    _note(ticket, "spam", None, ",".join(signals), None, now)


def release(numbers: Sequence[int], actor: User, rulebook: Rulebook, log_store: LogStore, now: datetime) -> int:
    """These are no spam: they are matched, diagnosed and wait in the queue since they were filed. Returns how many were released."""
    found = [ticket for ticket in tickets.by_ids(list(numbers)[:MOST_DECIDED]) if ticket.state in SET_ASIDE]
    for ticket in found:
        _move(ticket, State.NEW, actor, now)
        examine_ticket(ticket, rulebook, log_store, now)
        ticket_search.index_ticket(ticket)
        wind(ticket, now)
        outbox.tell_opened(ticket, now)
    db.session.commit()
    return len(found)


def discard(numbers: Sequence[int], actor: User, now: datetime) -> int:
    """These are spam; they stay readable and can be released. Returns how many were discarded."""
    found = [ticket for ticket in tickets.by_ids(list(numbers)[:MOST_DECIDED]) if ticket.state == State.SUSPECTED]
    for ticket in found:
        _move(ticket, State.DISCARDED, actor, now)
    db.session.commit()
    return len(found)


def forget_guests(now: datetime) -> int:
    """Forget who did what, once an hour has passed."""
    count = guests.forget_before(now - HOUR)
    db.session.commit()
    return count


def _move(ticket: Ticket, target: State, actor: User, now: datetime) -> None:
    _note(ticket, "state", ticket.state, target, actor, now)
    ticket.state, ticket.updated_at = target, now


def _note(ticket: Ticket, what: str, before: str | None, after: str | None, actor: User | None, now: datetime) -> None:
    row = Change(ticket_id=ticket.id, actor_id=actor.id if actor else None, what=what, before=before, after=after, created_at=now)
    db.session.add(row)


def _mark(pepper: bytes, *parts: str) -> str:
    return hmac.new(pepper, "\0".join(("guest", *parts)).encode(), hashlib.sha256).hexdigest()
