"""Open, answer, note, move, assign, decide: what people do to a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.attachment import Attached
from app.core.evidence import Evidence
from app.core.mail_address import SealedAddress
from app.core.redacted_text import RedactedText
from app.core.report import Report
from app.core.rulebook import Rulebook
from app.core.ticket import ACTIVE, SET_ASIDE, State, after_requester_reply, after_staff_reply, move
from app.operations import outbox
from app.operations.article_use import count_answer
from app.operations.attachments import attach
from app.operations.audit import record
from app.operations.clocks import wind
from app.operations.contacts import put_guest_address
from app.operations.examine import examine_ticket
from app.operations.filing import fill_evidence, new_link, new_ticket
from app.operations.notices import tell, tell_involved, tell_mentioned
from app.operations.spam import suspect
from app.operations.undo import entry_of, keep_step, snapshot
from app.store import relations, ticket_search, tickets, writing
from app.store.database import db
from app.store.half_done import may_stay_undone
from app.store.logs import LogStore
from app.store.models import Article, Change, Note, Reply, SelfService, Ticket, TicketMatch, User
from app.store.models_desk import UndoStep


@dataclass(frozen=True, slots=True)
class Opened:
    """A new ticket and, for a guest, the token of its secret link (kept nowhere else)."""

    ticket: Ticket
    token: str | None


def open_ticket(
    report: Report,
    requester: User | None,
    rulebook: Rulebook,
    log_store: LogStore,
    now: datetime,
    files: Sequence[Attached] = (),
    contact: SealedAddress | None = None,
    suspicion: Sequence[str] = (),
    filed_by: User | None = None,
) -> Opened:
    """File a report: store it with its files, match it, diagnose it.

    contact: where a guest gets e-mail about it; suspicion: ids of what makes it look like spam (core.spam), which sets it aside;
    filed_by: who filed it for the requester.
    """
    ticket = new_ticket(report, rulebook, now)
    ticket.requester_id = requester.id if requester else None
    db.session.add(ticket)
    db.session.flush()
    token = None if requester else new_link(ticket, now)
    put_guest_address(ticket, None if requester else contact, now)
    attach(ticket, files, now)
    record("filed", "ticket", ticket.id, now, filed_by or requester)
    if suspicion:
        suspect(ticket, suspicion, now)  # not matched, not found, and no mail goes out, until a person has looked
    else:
        examine_ticket(ticket, rulebook, log_store, now)
        ticket_search.index_ticket(ticket)
        outbox.tell_opened(ticket, now)
    wind(ticket, now)
    db.session.commit()
    return Opened(ticket, token)


def correct_evidence(ticket: Ticket, evidence: Evidence, actor: User, rulebook: Rulebook, log_store: LogStore, now: datetime) -> None:
    """Staff add or correct facts (learned from the thread); the ticket is examined anew."""
    fill_evidence(ticket, evidence, rulebook)
    _change(ticket, "evidence", None, None, actor, now)
    examine_ticket(ticket, rulebook, log_store, now)
    ticket_search.index_ticket(ticket)
    db.session.commit()


def reply_as_requester(ticket: Ticket, body: RedactedText, author: User | None, now: datetime, files: Sequence[Attached] = ()) -> Reply:
    """The requester's word; wakes a ticket that waited for them or was thought solved."""
    reply = _add_reply(ticket, body, author, now, by_staff=False)
    attach(ticket, files, now, reply)
    going_on = _goes_on_in(ticket)
    _set_state(going_on, after_requester_reply(State(going_on.state)), None, now)
    wind(going_on, now)
    tell_involved(going_on, "reply", author, now)
    outbox.announce("ticket.answered", going_on, "reply", reply.id, now)
    db.session.commit()
    return reply


def reply_as_staff(
    ticket: Ticket,
    body: RedactedText,
    author: User,
    now: datetime,
    article_id: int | None = None,
    solve: bool = False,
    files: Sequence[Attached] = (),
    also: Sequence[int] = (),
) -> Reply:
    """A public answer; hands the ticket to the user's side, or solves it. It reaches merged tickets, and those of `also`."""
    reply = _add_reply(ticket, body, author, now, by_staff=True, article_id=article_id)
    attach(ticket, files, now, reply)
    ticket.first_replied_at = ticket.first_replied_at or now
    ticket.assignee_id = ticket.assignee_id or author.id
    if article_id is not None:
        ticket.article_id = article_id
    _set_state(ticket, State.SOLVED if solve else after_staff_reply(State(ticket.state)), author, now)
    wind(ticket, now)
    outbox.tell_answer(ticket, reply, now)
    for other in tickets.by_ids([*relations.all_merged_into(ticket.id), *also]):
        _answer_too(other, body, author, now, article_id, solve=solve)
    writing.forget_draft(ticket.id, author.id, "reply")
    db.session.commit()
    return reply


def add_note(ticket: Ticket, body: RedactedText, author: User, now: datetime) -> Note:
    """A private word among staff; a new ticket is open from then on."""
    note = Note(ticket_id=ticket.id, author_id=author.id, body=body, created_at=now)
    db.session.add(note)
    if ticket.state == State.NEW:
        _set_state(ticket, State.OPEN, author, now)
    ticket_search.index_note(note)
    record("noted", "ticket", ticket.id, now, author, after=f"note {note.id}")
    wind(ticket, now)
    tell_mentioned(ticket, body, author, now)
    writing.forget_draft(ticket.id, author.id, "note")
    db.session.commit()
    return note


def set_state(ticket: Ticket, target: State, actor: User | None, now: datetime) -> UndoStep | None:
    """Move a ticket. Raises core.ticket.IllegalMove."""
    before = snapshot(ticket)
    put_state(ticket, target, actor, now)
    step = keep_step("state", [entry_of(ticket, before)], actor, now) if actor else None
    db.session.commit()
    return step


def put_state(ticket: Ticket, target: State, actor: User | None, now: datetime) -> None:
    """Move a ticket within a larger step, which commits. Raises core.ticket.IllegalMove."""
    _set_state(ticket, move(State(ticket.state), target), actor, now)
    wind(ticket, now)
    outbox.tell_move(ticket, actor, now)


def reopen(ticket: Ticket, actor: User | None, now: datetime) -> None:
    """The requester says it is not solved."""
    if State(ticket.state) not in ACTIVE:
        _set_state(ticket, State.SUSPECTED if ticket.state in SET_ASIDE else State.OPEN, actor, now)
        wind(ticket, now)
        db.session.commit()


def assign(ticket: Ticket, assignee: User | None, actor: User, now: datetime) -> UndoStep:
    """Give the ticket to somebody, or to nobody."""
    before = snapshot(ticket)
    put_assignee(ticket, assignee, actor, now)
    if assignee is not None and assignee.id != actor.id:
        tell([assignee.id], ticket, "assigned", now)
    step = keep_step("assignee", [entry_of(ticket, before)], actor, now)
    db.session.commit()
    return step


def put_assignee(ticket: Ticket, assignee: User | None, actor: User, now: datetime) -> None:
    """Give the ticket to somebody within a larger step, which commits."""
    _change(ticket, "assignee", _name(ticket.assignee), _name(assignee), actor, now)
    ticket.assignee_id = assignee.id if assignee else None
    if ticket.state == State.NEW and assignee:
        _set_state(ticket, State.OPEN, actor, now)
        wind(ticket, now)
    ticket.updated_at = now


def confirm_cause(ticket: Ticket, cause: str, actor: User, rulebook: Rulebook, now: datetime) -> None:
    """A person says what it was; later diagnoses do not overrule them. Raises KeyError for an unknown cause."""
    known = rulebook.causes[cause]
    _change(ticket, "cause", ticket.cause, cause, actor, now)
    ticket.cause, ticket.origin, ticket.confidence = known.id, known.origin, 1.0
    ticket.cause_confirmed_by_id, ticket.cause_confirmed_at, ticket.updated_at = actor.id, now, now
    db.session.commit()


def decide_match(
    ticket: Ticket, match: TicketMatch, decision: str | None, actor: User, rulebook: Rulebook, log_store: LogStore, now: datetime
) -> None:
    """Confirm or reject a proposed log line, or take the decision back (None); remembered, and the diagnosis follows."""
    _change(ticket, "match", match.decision, f"{decision or 'undecided'}:{match.record_id}", actor, now)
    match.decision, match.decided_by_id, match.decided_at = decision, actor.id if decision else None, now if decision else None
    ticket.updated_at = now
    db.session.flush()
    examine_ticket(ticket, rulebook, log_store, now)
    db.session.commit()


def look_again(ticket: Ticket, actor: User, rulebook: Rulebook, log_store: LogStore, now: datetime, widen: int = 1) -> None:
    """Match and diagnose anew, in a window `widen` times as wide."""
    _change(ticket, "rematch", None, f"window×{widen}", actor, now)
    examine_ticket(ticket, rulebook, log_store, now, widen)
    db.session.commit()


def renew_link(ticket: Ticket, actor: User | None, now: datetime) -> str:
    """Revoke the ticket's secret links and make a new one."""
    revoke_links(ticket, actor, now)
    token = new_link(ticket, now)
    db.session.commit()
    return token


def revoke_links(ticket: Ticket, actor: User | None, now: datetime) -> None:
    """Close every secret link of the ticket."""
    for link in tickets.live_links(ticket.id):
        link.revoked_at = now
    _change(ticket, "link", None, "revoked", actor, now)
    db.session.commit()


def note_private_read(kind: str, object_id: int | str, actor: User, now: datetime, reason: str | None = None) -> None:
    """Staff opened a private record: kept for the audit, with the page that led them there, a code and a number, as the reason."""
    with may_stay_undone(f"account {actor.id} read {kind} {object_id}"):
        record("read", kind, object_id, now, actor, before=reason)
        db.session.commit()


def count_self_service(cause: str | None, article_id: int | None, solved: bool, language: str, now: datetime) -> None:
    """A suggestion ended a report ("this solved it"), or the person still needs help; the article keeps count of it."""
    article = db.session.get(Article, article_id) if article_id else None
    if article:
        count_answer(article, solved, language, now, cause)
        return
    db.session.add(SelfService(at=now, cause=cause, solved=solved, language=language))
    db.session.commit()


def _answer_too(other: Ticket, body: RedactedText, author: User, now: datetime, article_id: int | None, *, solve: bool) -> None:
    """The same answer on another ticket; one that was merged stays closed."""
    reply = _add_reply(other, body, author, now, by_staff=True, article_id=article_id)
    other.first_replied_at = other.first_replied_at or now
    if State(other.state) in ACTIVE:
        _set_state(other, State.SOLVED if solve else after_staff_reply(State(other.state)), author, now)
    wind(other, now)
    outbox.tell_answer(other, reply, now)


def _goes_on_in(ticket: Ticket) -> Ticket:
    """The ticket itself, or the one it was merged into."""
    number = relations.merged_into(ticket.id)
    return (tickets.by_id(number) if number else None) or ticket


def _add_reply(
    ticket: Ticket, body: RedactedText, author: User | None, now: datetime, by_staff: bool, article_id: int | None = None
) -> Reply:
    """A public word in the thread."""
    reply = Reply(
        ticket_id=ticket.id, by_staff=by_staff, author_id=author.id if author else None, body=body, article_id=article_id, created_at=now
    )
    db.session.add(reply)
    ticket_search.index_reply(reply)
    record("replied" if by_staff else "answered", "ticket", ticket.id, now, author, after=f"reply {reply.id}")
    ticket.updated_at = now
    return reply


def _set_state(ticket: Ticket, target: State, actor: User | None, now: datetime) -> None:
    """Record a move that was found legal."""
    if ticket.state == target:
        return
    _change(ticket, "state", ticket.state, target, actor, now)
    was_aside = ticket.state in SET_ASIDE
    ticket.state, ticket.updated_at = target, now
    if was_aside:
        ticket_search.index_ticket(ticket)  # somebody answered it: it is found from now on
    if target is State.SOLVED:
        ticket.solved_at = now


def _change(ticket: Ticket, what: str, before: str | None, after: str | None, actor: User | None, now: datetime) -> None:
    """A dated, attributed line of the ticket's history: codes and ids only."""
    db.session.add(Change(ticket_id=ticket.id, actor_id=actor.id if actor else None, what=what, before=before, after=after, created_at=now))


def _name(user: User | None) -> str | None:
    """An account's user name."""
    return user.name if user else None
