"""One search over the desk: an id that is quoted leads to its ticket or log line; words find tickets, replies and notes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from app.core.error_outline import ErrorPlace, error_places
from app.core.log_filter import LONGEST_WORD, LogFilter
from app.core.paste.ids import request_id, task_id
from app.core.ticket_words import Piece, excerpt, query_phrases
from app.operations.audit import record
from app.store import ticket_search, tickets
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import Ticket, User
from app.store.ticket_search import TextHit
from app.store.tickets import TicketName

NUMBER = re.compile(r"#?([0-9]{1,9})")
TICKET_ADDRESS = re.compile(r"/(?:desk/)?tickets/([0-9]{1,9})(?![0-9])")
# An id is whatever its gateway makes it, "#", "/" and "%" included; inside an address those are written as the web writes them.
LOG_ADDRESS = re.compile(r"/(?:logs|r)/([^\s\"'`<>?#]{6,480})")
BARE_ID = re.compile(r"[^\s\"'`<>]{6,160}")
MOST_TICKETS = 30
MOST_RECORDS, MOST_ERRORS = 200, 12  # of the log: records looked at, errors told


@dataclass(frozen=True, slots=True)
class Jump:
    """Where an exact id leads: one ticket, a request in the log, or several tickets."""

    ticket: int | None = None
    request_id: str | None = None
    tickets: tuple[Ticket, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A ticket that has the words, and where: in itself, in a reply or in a private note."""

    ticket: TicketName
    kind: str
    object_id: int
    at: datetime
    pieces: tuple[Piece, ...]


def jump_target(text: str, log_store: LogStore) -> Jump | None:
    """Where what was pasted leads, if it quotes an id: a number, an address, a bare id, a curl trace, an error's JSON."""
    text = text.strip()
    number = NUMBER.fullmatch(text) or TICKET_ADDRESS.search(text)
    if number and tickets.by_id(int(number[1])):
        return Jump(ticket=int(number[1]))
    for quoted in _ids_in(text):
        found = tuple(ticket_search.with_id(quoted))
        if len(found) == 1:
            return Jump(ticket=found[0].id, request_id=quoted)
        if found:
            return Jump(request_id=quoted, tickets=found)
        if attempts := log_store.request(quoted):
            return Jump(request_id=attempts[-1].request_id)
    return None


def own_ticket_with(quoted: str, person: User) -> Ticket | None:
    """A person's newest own ticket that quotes exactly this id."""
    return next((ticket for ticket in ticket_search.with_id(quoted) if ticket.requester_id == person.id), None)


def find_texts(query: str, *, notes: bool) -> list[Found]:
    """The newest tickets with the words, each once with its newest place. `notes`: for staff, private notes as well."""
    phrases = query_phrases(query)
    hits = ticket_search.public_hits(phrases) + (ticket_search.note_hits(phrases) if notes else [])
    newest: dict[int, TextHit] = {}
    for hit in sorted(hits, key=lambda hit: (hit.at, hit.kind != "ticket"), reverse=True):
        newest.setdefault(hit.ticket_id, hit)
    chosen = list(newest.values())[:MOST_TICKETS]
    return _told(chosen, query)


def note_what_was_shown(found: Sequence[Found], reader: User, now: datetime) -> None:
    """A search that shows words of private notes is a private read of their tickets."""
    shown = [each.ticket.id for each in found if each.kind == "note"]
    for number in shown:
        record("search", "ticket", number, now, reader)
    if shown:
        db.session.commit()


def find_errors(words: str, log_store: LogStore) -> tuple[list[ErrorPlace], bool]:
    """Where else an error with these words occurred: told by error among the newest problems, and whether there are more."""
    found = log_store.find(LogFilter(text=words[:LONGEST_WORD]), MOST_RECORDS)
    return error_places(found.records)[:MOST_ERRORS], len(found.records) == MOST_RECORDS


def rebuild_search() -> int:
    """Index every text anew."""
    count = ticket_search.rebuild()
    db.session.commit()
    return count


def _ids_in(text: str) -> list[str]:
    """The ids a text quotes, the surest first."""
    bare = [text] if BARE_ID.fullmatch(text) and any(character.isdigit() for character in text) else []
    logged = LOG_ADDRESS.search(text)
    quoted = [unquote(logged[1]) if logged else None, request_id(text), task_id(text)]
    return list(dict.fromkeys([*bare, *(each for each in quoted if each)]))


def _told(hits: Sequence[TextHit], query: str) -> list[Found]:
    """The hits with their tickets and excerpts."""
    rows = ticket_search.names_of(hits)
    words = ticket_search.texts_of(hits)
    return [
        Found(rows[hit.ticket_id], hit.kind, hit.object_id, hit.at, excerpt(words.get((hit.kind, hit.object_id), ""), query))
        for hit in hits
        if hit.ticket_id in rows
    ]
