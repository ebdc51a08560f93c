"""The rows of a list of tickets, made ready with few look-ups: every word is translated once a page, not once a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from markupsafe import Markup

from app.core.causes import CauseBook
from app.web.render import now, time_tag

if TYPE_CHECKING:
    from app.store.ticket_queue import ListedTicket


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket of a list, in the reader's words. facts: how sure the cause is, what was told, whether a log line was found."""

    id: int
    subject: str
    status: int | None
    layer: str
    cause: str
    facts: str
    model: str | None
    client: str
    state: str
    assignee: str
    changed: Markup
    clock: str
    due: Markup | None
    late: bool


def rows_of(tickets: Iterable[ListedTicket], causes: CauseBook, language: str) -> list[Row]:
    """The rows of a page."""
    words, at = _words(), now()
    return [_row(ticket, causes, language, words, at) for ticket in tickets]


def _row(ticket: ListedTicket, causes: CauseBook, language: str, words: dict[str, dict[str, str]], at: datetime) -> Row:
    cause = causes.causes.get(ticket.cause or "")
    known = cause if cause and cause.id != "unknown" else None
    plain = words["plain"]
    facts = plain["facts"].replace("#", str(ticket.evidence_score))
    told = (_sure(ticket, plain) if known else "", facts, words["match"].get(ticket.match_state))
    return Row(
        id=ticket.id,
        subject=ticket.subject,
        status=ticket.status_code,
        layer=known.layer if known else "",
        cause=known.title[language] if known else plain["undecided"],
        facts=" · ".join(filter(None, told)),
        model=ticket.model,
        client=ticket.client or plain["no_client"],
        state=ticket.state,
        assignee=ticket.assignee or plain["nobody"],
        changed=time_tag(ticket.updated_at),
        clock=words["clock"].get(ticket.due_clock or "", ""),
        due=time_tag(ticket.due_at) if ticket.due_at else None,
        late=ticket.due_at is not None and ticket.due_at < at,
    )


def _sure(ticket: ListedTicket, plain: dict[str, str]) -> str:
    if ticket.cause_confirmed_at:
        return plain["confirmed"]
    return f"{round(ticket.confidence * 100)} %" if ticket.confidence is not None else ""


def _words() -> dict[str, dict[str, str]]:
    """Every word a row can need."""
    return {
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
