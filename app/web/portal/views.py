"""What portal templates show: built from allow-lists, so that a template cannot show more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from app.core.causes import Cause
from app.core.diagnosis import UNKNOWN, Diagnosis
from app.core.record_view import RequesterRow, requester_row
from app.core.rulebook import Rulebook
from app.core.satisfaction import CHANGEABLE, may_rate
from app.core.ticket import SET_ASIDE, State
from app.operations.examine import evidence_of
from app.store import claims, satisfaction, tickets
from app.store.logs import LogStore
from app.web.portal.told_fields import ToldFields

if TYPE_CHECKING:
    from app.store.models import Ticket

SURE_MATCH = 0.9
LIKELY = 0.35


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause as a user reads it: what happened, what to do, whether to try again."""

    id: str
    title: str
    definition: str
    advice: str
    who_acts: str
    retryable: str
    confidence: float
    known: bool

    @property
    def likely(self) -> bool:
        """Whether it may be said first."""
        return self.known and self.confidence >= LIKELY


@dataclass(frozen=True, slots=True)
class Word:
    """One public word of the thread."""

    by_staff: bool
    author: str | None
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RequesterTicket:
    """A ticket as its requester sees it: no note, no owner, no group, no amount, no other request."""

    number: int
    subject: str
    state: str
    created_at: datetime
    updated_at: datetime
    facts: Mapping[str, object]
    error_text: str | None
    description: str | None
    cause: CauseView | None
    row: RequesterRow | None
    words: tuple[Word, ...] = field(default=())
    told: tuple[tuple[str, str], ...] = ()  # (label, value) of facts without a column
    dispute: str = ""  # how the newest dispute stands: claimed, waiting, or its outcome; never an amount


@dataclass(frozen=True, slots=True)
class RatingView:
    """The question how the help was, as a page asks it. given: good, bad or empty; open: whether it can be answered or changed."""

    given: str
    open: bool
    until: datetime | None
    url: str


def rating_view(ticket: Ticket, url: str, now: datetime) -> RatingView:
    """The question about this ticket."""
    known = satisfaction.of_ticket(ticket.id)
    given = "" if known is None else "good" if known.good else "bad"
    is_open = may_rate(State(ticket.state), known.at if known else None, now)
    return RatingView(given, is_open, known.at + CHANGEABLE if known else None, url)


def cause_view(cause: Cause, confidence: float, language: str) -> CauseView:
    """A cause in the reader's language."""
    return CauseView(
        id=cause.id,
        title=cause.title[language],
        definition=cause.definition[language],
        advice=cause.user_advice[language],
        who_acts=cause.who_acts[language],
        retryable=cause.retryable,
        confidence=confidence,
        known=cause.id != UNKNOWN,
    )


def top_causes(diagnosis: Diagnosis, rulebook: Rulebook, language: str, limit: int = 3) -> list[CauseView]:
    """The best causes of a diagnosis."""
    return [cause_view(rulebook.causes[score.cause], score.confidence, language) for score in diagnosis.causes[:limit]]


def requester_ticket(ticket: Ticket, rulebook: Rulebook, log_store: LogStore, language: str) -> RequesterTicket:
    """Everything the requester's page shows."""
    cause = rulebook.causes[ticket.cause] if ticket.cause else None
    return RequesterTicket(
        number=ticket.id,
        subject=ticket.subject,
        state=State.NEW if ticket.state in SET_ASIDE else ticket.state,  # nobody is told that they were taken for spam
        created_at=ticket.created_at,
        updated_at=ticket.updated_at,
        facts=_facts(ticket),
        error_text=rulebook.redactor.public_view(ticket.error_text) if ticket.error_text else None,
        description=ticket.description,
        cause=cause_view(cause, ticket.confidence or 0.0, language) if cause else None,
        row=_matched_row(ticket, rulebook, log_store),
        told=_told(ticket),
        dispute=_dispute(ticket),
        words=tuple(
            Word(reply.by_staff, reply.author.display_name if reply.author else None, reply.body, reply.created_at)
            for reply in tickets.replies(ticket.id)
        ),
    )


def _facts(ticket: Ticket) -> dict[str, object]:
    """What the requester told us, by field."""
    names = ("client", "client_version", "model", "status_code", "request_id", "task_id", "request_time", "stream", "base_url")
    facts: dict[str, object] = {name: getattr(ticket, name) for name in names}
    facts["key"] = f"{ticket.key_prefix}…{ticket.key_last4}" if ticket.key_last4 else None
    facts["key_checked"] = ticket.key_fingerprint is not None
    return facts


def _told(ticket: Ticket) -> tuple[tuple[str, str], ...]:
    """Kind of request, waits, durations, gateway, proxy and charge, as far as they were told."""
    form = ToldFields(formdata=None)
    form.fill_told(evidence_of(ticket))
    return tuple(form.words())


def _dispute(ticket: Ticket) -> str:
    """How the newest dispute stands, in one code."""
    newest = next(iter(claims.disputes_of(ticket.id)), None)
    if newest is None:
        return ""
    return newest.outcome or ("closed" if newest.closed_at else "claimed")


def _matched_row(ticket: Ticket, rulebook: Rulebook, log_store: LogStore) -> RequesterRow | None:
    """The log line, once it is confirmed or all but certain: only what could harm nobody."""
    best = next(
        (
            match
            for match in tickets.matches(ticket.id)
            if match.decision == "confirmed" or (match.decision is None and match.probability >= SURE_MATCH)
        ),
        None,
    )
    records = log_store.records([best.record_id]) if best else ()
    return requester_row(records[0], rulebook.model_names) if records else None
