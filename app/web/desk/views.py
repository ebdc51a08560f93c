"""What the diagnosis page shows, gathered with a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.core.causes import Cause
from app.core.clocks import Reading
from app.core.log_context import KeyActivity, MatchSignal, Neighbours
from app.core.matching import signal_sentences
from app.core.record import RedactedRecord
from app.core.record_view import moment
from app.core.rulebook import Rulebook
from app.core.ticket_query import FACTS, untold
from app.operations.clocks import history, readings
from app.store import diagnoses, note_traces, relations, talk, tickets
from app.store.logs import LogStore
from app.store.relations import Standing
from app.store.tickets import TicketName
from app.web.desk.timeline import Entry, timeline
from app.web.suggestions import ArticleCard, articles_for_cause

if TYPE_CHECKING:
    from app.store.models import Ticket, TicketDiagnosis, TicketMatch

SURE = 0.5
CERTAIN = 0.9
WORTH_SHOWING = 0.2
WORTH_NAMING = 0.01
FINDS_A_LINE = frozenset({"request_id", "request_time"})


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
    similar: tuple[TicketName, ...]
    best: RedactedRecord | None = None
    clocks: tuple[Reading, ...] = ()
    diagnosed: tuple[TicketDiagnosis, ...] = ()  # the last and the one before
    related: tuple[tuple[Standing, TicketName], ...] = ()
    merged: tuple[int, ...] = ()
    happened: frozenset[str] = frozenset()  # the kinds of changes the ticket has seen: what never happened need not be asked for

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
        return len(FACTS) - len(self.untold)

    @property
    def untold(self) -> tuple[str, ...]:
        """The facts that matter and are missing, by field."""
        return untold(self.ticket)


def staff_ticket(ticket: Ticket, rulebook: Rulebook, log_store: LogStore, language: str, now: datetime) -> StaffTicket:
    """Gather the page. Queries do not grow with the data."""
    related = tuple(relations.standing(ticket.id))
    has_merged = any(each.kind == "merged" and each.other_id == ticket.id for each, _other in related)
    merged = tuple(relations.all_merged_into(ticket.id)) if has_merged else ()
    numbers = [ticket.id, *merged]
    replies, notes, changes = talk.words(numbers), talk.notes(numbers), talk.changes(numbers)
    events = history(ticket, replies, [change for change in changes if change.ticket_id == ticket.id])
    cards = _match_cards(tickets.matches(ticket.id), rulebook, log_store, language)
    best = _best(cards)
    diagnosed = diagnoses.last_two(ticket.id)
    diagnosis = diagnosed[0] if diagnosed else None
    around = moment(best) if best else ticket.request_time or ticket.created_at
    mark = ticket.key_fingerprint or (best.key_fingerprint if best else None)
    attempts = log_store.request(best.request_id) if best else ()
    return StaffTicket(
        ticket=ticket,
        cause=rulebook.causes[ticket.cause] if ticket.cause else None,
        matches=cards,
        causes=_cause_lines(diagnosis, rulebook, language),
        ask=still_to_ask(diagnosis.ask, cards) if diagnosis else (),
        match_probability=diagnosis.match_probability if diagnosis else None,
        attempts=attempts,
        key=log_store.key_activity(mark, around) if mark else None,
        neighbours=log_store.neighbours(best.status_code if best else ticket.status_code, best.model_requested if best else None, around),
        articles=tuple(articles_for_cause(ticket.cause, limit=3, staff=True, language=ticket.language)) if ticket.cause else (),
        timeline=timeline(ticket.id, replies, notes, changes, attempts, note_traces.of_tickets(numbers) if notes else {}),
        similar=tuple(tickets.similar(ticket)),
        best=best,
        clocks=readings(ticket, events, now),
        diagnosed=tuple(diagnosed),
        related=related,
        merged=merged,
        happened=frozenset(change.what for change in changes),
    )


def still_to_ask(asked: Sequence[str], cards: Sequence[MatchCard]) -> tuple[str, ...]:
    """What to ask next, without what only serves to find a log line that is found."""
    found = any(card.decision == "confirmed" or (card.decision is None and card.probability >= CERTAIN) for card in cards)
    return tuple(name for name in asked if not found or name not in FINDS_A_LINE)


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
