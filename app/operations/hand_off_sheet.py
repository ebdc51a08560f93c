"""Keep checklists, the queues' own fields and links to outside trackers; each with who and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor
from app.operations.audit import record
from app.store import hand_off_sheets
from app.store.database import db
from app.store.hand_off_rules import hand_off_book
from app.store.models import Change, Ticket, User
from app.store.models_hand_off import ChecklistAddition, QueueValue, TrackerLink


@dataclass(frozen=True, slots=True)
class Asked:
    """What staff had to ask for again: a known fact, or their words for it."""

    fact: str | None = None
    words: RedactedText | None = None


def put_on_checklist(queue: str, asked: Asked, actor: User, now: datetime, ticket: Ticket | None = None) -> bool:
    """Staff asked for this again: from now on the queue's checklist has it. False: it was there already."""
    if _stands(queue, asked):
        return False
    row = ChecklistAddition(queue=queue, fact=asked.fact, words=asked.words, ticket_id=ticket.id if ticket else None)
    row.added_by_id, row.created_at = actor.id, now
    db.session.add(row)
    db.session.flush()
    record("create", "checklist", row.id, now, actor, after=f"{queue}:{asked.fact or 'words'}")
    db.session.commit()
    return True


def take_off_checklist(row: ChecklistAddition, actor: User, now: datetime) -> None:
    """Nobody needs to be asked for this any more."""
    row.ended_at, row.ended_by_id = now, actor.id
    record("remove", "checklist", row.id, now, actor, before=f"{row.queue}:{row.fact or 'words'}")
    db.session.commit()


def keep_values(ticket: Ticket, wanted: Mapping[str, str], actor: User, now: datetime) -> int:
    """Write a queue's own fields (field → code; empty: not known any more), each change into the history. Returns how many changed."""
    known = hand_off_sheets.values(ticket.id)
    changed = [(fact, code) for fact, code in wanted.items() if known.get(fact, "") != code]
    for fact, code in changed:
        _keep_value(ticket, fact, code, actor, now)
        db.session.add(_change(ticket, "field", _pair(fact, known.get(fact)), _pair(fact, code), actor, now))
    if changed:
        ticket.updated_at = now
        db.session.commit()
    return len(changed)


def link_tracker(ticket: Ticket, address: RedactedText, redactor: Redactor, actor: User, now: datetime) -> TrackerLink | None:
    """The matter is followed outside as well. None: no tracker that is allowed, or a secret in its address."""
    found = hand_off_book().tracked(address)
    if found is None or any(redactor.clean(part) != part for part in found.address.split("/")):
        return None  # a key may hide in a path, where it looks like a name
    for row in hand_off_sheets.trackers(ticket.id):
        if row.address == found.address:
            return row
    link = TrackerLink(ticket_id=ticket.id, tracker=found.tracker, added_by_id=actor.id, created_at=now)
    link.shown, link.address = redactor.clean(found.shown), redactor.clean(found.address)
    db.session.add(link)
    db.session.add(_change(ticket, "tracker", None, found.tracker, actor, now))
    db.session.commit()
    return link


def unlink_tracker(ticket: Ticket, link: TrackerLink, actor: User, now: datetime) -> None:
    """It is not followed there any more."""
    link.ended_at = now
    db.session.add(_change(ticket, "tracker", link.tracker, None, actor, now))
    db.session.commit()


def _stands(queue: str, asked: Asked) -> bool:
    shipped = any(item.fact == asked.fact for item in hand_off_book().items_of(queue)) if asked.fact else False
    return shipped or any(row.queue == queue and (row.fact, row.words) == (asked.fact, asked.words) for row in hand_off_sheets.additions())


def _keep_value(ticket: Ticket, fact: str, code: str, actor: User, now: datetime) -> None:
    row = hand_off_sheets.value(ticket.id, fact)
    if row and not code:
        db.session.delete(row)
    elif row:
        row.code, row.set_by_id, row.set_at = code, actor.id, now
    else:
        db.session.add(QueueValue(ticket_id=ticket.id, fact=fact, code=code, set_by_id=actor.id, set_at=now))


def _pair(fact: str, code: str | None) -> str | None:
    return f"{fact}={code}" if code else None


def _change(ticket: Ticket, what: str, before: str | None, after: str | None, actor: User, now: datetime) -> Change:
    return Change(ticket_id=ticket.id, actor_id=actor.id, what=what, before=before, after=after, created_at=now)
