"""What the diagnosis page shows, gathered with a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.core.causes import Cause
from app.core.log_context import KeyActivity, MatchSignal, Neighbours
from app.core.matching import signal_sentences
from app.core.record import RedactedRecord
from app.core.record_view import moment
from app.core.rulebook import Rulebook
from app.store import tickets
from app.store.logs import LogStore
from app.web.suggestions import ArticleCard, articles_for_cause

if TYPE_CHECKING:
    from app.store.models import Ticket, TicketDiagnosis, TicketMatch

SURE = 0.5
WORTH_SHOWING = 0.2
WORTH_NAMING = 0.01
TOLD = ("client", "model", "status_code", "error_text", "key_last4", "request_time", "request_id")


@dataclass(frozen=True, slots=True)
class MatchCard:
    """A proposed log line: what it was, how likely it is the one, why, and what a person decided."""

    id: int
    request_id: str
    record: RedactedRecord | None
    started_at: datetime | None
    probability: float
    reasons: tuple[tuple[str, float], ...]
    decision: str | None

    @property
    def shown(self) -> bool:
        """Whether it deserves the page's first screen: decided for, or likely enough."""
        return self.decision == "confirmed" or (self.decision is None and self.probability >= WORTH_SHOWING)


@dataclass(frozen=True, slots=True)
class CauseLine:
    """One cause of the diagnosis with its reasons for and against."""

    cause: Cause
    title: str
    confidence: float
    reasons: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of the merged timeline. kind: reply_requester, reply_staff, note, change, log."""

    kind: str
    who: str | None
    at: datetime
    body: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class StaffTicket:
    """Everything the diagnosis page shows."""

    ticket: Ticket
    cause: Cause | None
    matches: tuple[MatchCard, ...]
    causes: tuple[CauseLine, ...]
    ask: tuple[str, ...]
    match_probability: float | None
    attempts: tuple[RedactedRecord, ...]
    key: KeyActivity | None
    neighbours: Neighbours | None
    articles: tuple[ArticleCard, ...]
    timeline: tuple[Entry, ...]
    similar: tuple[Ticket, ...]
    best: RedactedRecord | None = None

    @property
    def first_matches(self) -> tuple[MatchCard, ...]:
        """The matches to look at first: every likely one, else the best."""
        return tuple(card for card in self.matches if card.shown) or self.matches[:1]

    @property
    def other_matches(self) -> tuple[MatchCard, ...]:
        """The candidates that are folded away."""
        first = self.first_matches
        return tuple(card for card in self.matches if card not in first)

    @property
    def told(self) -> int:
        """How many of the facts that matter the requester gave."""
        return sum(getattr(self.ticket, name) is not None for name in TOLD)

    @property
    def untold(self) -> tuple[str, ...]:
        """The facts that matter and are missing, by field."""
        return tuple(name for name in TOLD if getattr(self.ticket, name) is None)


def staff_ticket(ticket: Ticket, rulebook: Rulebook, log_store: LogStore, language: str) -> StaffTicket:
    """Gather the page. Queries do not grow with the data."""
    cards = _match_cards(tickets.matches(ticket.id), rulebook, log_store, language)
    best = _best(cards)
    diagnosis = tickets.diagnosis(ticket.id)
    around = moment(best) if best else ticket.request_time or ticket.created_at
    mark = ticket.key_fingerprint or (best.key_fingerprint if best else None)
    return StaffTicket(
        ticket=ticket,
        cause=rulebook.causes[ticket.cause] if ticket.cause else None,
        matches=cards,
        causes=_cause_lines(diagnosis, rulebook, language),
        ask=tuple(diagnosis.ask) if diagnosis else (),
        match_probability=diagnosis.match_probability if diagnosis else None,
        attempts=log_store.request(best.request_id) if best else (),
        key=log_store.key_activity(mark, around) if mark else None,
        neighbours=log_store.neighbours(best.status_code if best else ticket.status_code, best.model_requested if best else None, around),
        articles=tuple(articles_for_cause(ticket.cause, limit=3, staff=True, language=ticket.language)) if ticket.cause else (),
        timeline=_timeline(ticket),
        similar=tuple(tickets.similar(ticket)),
        best=best,
    )


def _match_cards(matches: list[TicketMatch] | Any, rulebook: Rulebook, log_store: LogStore, language: str) -> tuple[MatchCard, ...]:
    """The proposals with their records, in one look-up."""
    records = {record.record_id: record for record in log_store.records([match.record_id for match in matches])}
    return tuple(_match_card(match, records.get(match.record_id), rulebook, language) for match in matches)


def _match_card(match: TicketMatch, record: RedactedRecord | None, rulebook: Rulebook, language: str) -> MatchCard:
    """One proposal with its reasons as sentences."""
    signals = (MatchSignal(signal["id"], signal["weight"], signal.get("facts", {})) for signal in match.signals)
    return MatchCard(
        id=match.id,
        request_id=match.request_id,
        record=record,
        started_at=moment(record) if record else None,
        probability=match.probability,
        reasons=tuple((text, signal.weight) for signal in signals for text in signal_sentences([signal], rulebook.matching, language)),
        decision=match.decision,
    )


def _best(cards: tuple[MatchCard, ...]) -> RedactedRecord | None:
    """The confirmed record, else the likeliest that is more likely than not."""
    sure = (
        card for card in cards if card.record and (card.decision == "confirmed" or (card.decision is None and card.probability >= SURE))
    )
    card = next(sure, None)
    return card.record if card else None


def _cause_lines(diagnosis: TicketDiagnosis | None, rulebook: Rulebook, language: str) -> tuple[CauseLine, ...]:
    """The stored diagnosis in the reader's language."""
    return tuple(
        CauseLine(
            cause=rulebook.causes[line["cause"]],
            title=rulebook.causes[line["cause"]].title[language],
            confidence=line["confidence"],
            reasons=tuple((signal["sentence"].get(language, signal["id"]), signal["weight"]) for signal in line["signals"]),
        )
        for line in (diagnosis.causes if diagnosis else ())
        if line["cause"] in rulebook.causes.causes and line["confidence"] >= WORTH_NAMING
    )


def _timeline(ticket: Ticket) -> tuple[Entry, ...]:
    """Replies, notes and changes in one list, oldest first."""
    entries = [
        Entry(
            "reply_staff" if reply.by_staff else "reply_requester", _name(reply.author), reply.created_at, reply.body, f"reply-{reply.id}"
        )
        for reply in tickets.replies(ticket.id)
    ]
    entries += [Entry("note", _name(note.author), note.created_at, note.body, f"note-{note.id}") for note in tickets.notes(ticket.id)]
    entries += [
        Entry("change", _name(change.actor), change.created_at, f"{change.what}:{change.before or ''}→{change.after or ''}")
        for change in tickets.changes(ticket.id)
    ]
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _name(user: Any) -> str | None:
    """An account's display name; None for the requester without an account, and for the desk itself."""
    return user.display_name if user else None
