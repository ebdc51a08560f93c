"""The rows of a list of tickets, made ready with few look-ups: every word is translated once a page, not once a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _

from app.core.causes import CauseBook
from app.web.render import now, relative, utc

if TYPE_CHECKING:
    from app.store.ticket_queue import ListedTicket


@dataclass(frozen=True, slots=True)
class Told:
    """A moment as a list tells it."""

    iso: str
    utc: str
    ago: str


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of a list, in the reader's words."""

    id: int
    subject: str
    status: int | None
    status_kind: str
    layer: str
    cause: str
    sure: str
    evidence: str
    match: str
    model: str | None
    client: str
    state: str
    state_word: str
    assignee: str
    changed: Told
    clock: str
    due: Told | None
    late: bool


def rows_of(tickets: Iterable[ListedTicket], causes: CauseBook, language: str) -> list[Row]:
    """The rows of a page."""
    words = _words()
    return [_row(ticket, causes, language, words) for ticket in tickets]


def _row(ticket: ListedTicket, causes: CauseBook, language: str, words: dict[str, dict[str, str]]) -> Row:
    cause = causes.causes.get(ticket.cause or "")
    known = cause if cause and cause.id != "unknown" else None
    plain = words["plain"]
    return Row(
        id=ticket.id,
        subject=ticket.subject,
        status=ticket.status_code,
        status_kind=_status_kind(ticket.status_code),
        layer=known.layer if known else "",
        cause=known.title[language] if known else plain["undecided"],
        sure=_sure(ticket, plain) if known else "",
        evidence=plain["facts"].replace("#", str(ticket.evidence_score)),
        match=words["match"].get(ticket.match_state, ""),
        model=ticket.model,
        client=ticket.client or plain["no_client"],
        state=ticket.state,
        state_word=words["state"].get(ticket.state, ticket.state),
        assignee=ticket.assignee or plain["nobody"],
        changed=told(ticket.updated_at),
        clock=words["clock"].get(ticket.due_clock or "", ""),
        due=told(ticket.due_at) if ticket.due_at else None,
        late=ticket.due_at is not None and ticket.due_at < now(),
    )


def told(moment: datetime) -> Told:
    """A moment with its zone and how long ago it is."""
    return Told(moment.isoformat(), utc(moment), relative(moment))


def _sure(ticket: ListedTicket, plain: dict[str, str]) -> str:
    if ticket.cause_confirmed_at:
        return plain["confirmed"]
    return f"{round(ticket.confidence * 100)} %" if ticket.confidence is not None else ""


def _status_kind(status: int | None) -> str:
    """What the colour of a status means."""
    if status is None:
        return "none"
    if status in {408, 429, 503, 529}:
        return "wait"
    return "fail" if status >= 400 else "ok" if 200 <= status < 300 else "none"


def _words() -> dict[str, dict[str, str]]:
    """Every word a row can need."""
    return {
        "state": {
            "new": _("New"),
            "open": _("Open"),
            "pending": _("Waiting for user"),
            "on_hold": _("On hold"),
            "solved": _("Solved"),
            "closed": _("Closed"),
        },
        "match": {
            "confirmed": _("log line confirmed"),
            "likely": _("log line likely"),
            "weak": _("log line doubtful"),
            "none": _("no log line"),
        },
        "clock": {"first": _("first answer"), "next": _("next answer"), "solve": _("solution")},
        "plain": {
            "undecided": _("not decided yet"),
            "facts": _("%(told)s/7 facts", told="#"),
            "no_client": _("client not given"),
            "confirmed": _("confirmed"),
            "nobody": _("nobody yet"),
        },
    }
