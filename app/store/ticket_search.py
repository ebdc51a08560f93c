"""Full text over tickets and replies, and apart from it over notes: FTS5 on SQLite, tsvector on PostgreSQL, behind the same functions.

Two indexes rather than one with a flag: what asks for public texts names no table that holds a note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    cast,
    column,
    delete,
    literal_column,
    select,
    table,
    text,
    type_coerce,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from app.core.ticket import SET_ASIDE
from app.core.ticket_words import Phrase, index_tokens, query_phrases
from app.store.database import db
from app.store.models import Note, Reply, Ticket
from app.store.models_desk import NoteText, TicketText
from app.store.note_traces import is_struck

NEWEST = 200  # hits that are looked at: the newest
NARROWED = 1_000  # tickets a list may be narrowed to by words
LONGEST_VECTOR = 16_000  # positions a tsvector can tell apart
CHUNK = 500


@dataclass(frozen=True, slots=True)
class TextHit:
    """A text that has the words. kind: ticket, reply, note."""

    ticket_id: int
    kind: str
    object_id: int
    at: datetime


def index_ticket(ticket: Ticket) -> None:
    """Index what a ticket says, in the current transaction; what was set aside as spam is not found."""
    if ticket.state in SET_ASIDE:
        return
    told = (ticket.subject, ticket.description, ticket.error_text, ticket.client, ticket.model, ticket.request_id, ticket.task_id)
    _keep(TicketText(ticket_id=ticket.id, kind="ticket", object_id=ticket.id, at=ticket.created_at), "\n".join(filter(None, told)))


def index_reply(reply: Reply) -> None:
    """Index a public word, in the current transaction."""
    db.session.flush()
    _keep(TicketText(ticket_id=reply.ticket_id, kind="reply", object_id=reply.id, at=reply.created_at), reply.body)


def index_note(note: Note) -> None:
    """Index a private word in the staff's own index, in the current transaction."""
    db.session.flush()
    _keep(NoteText(ticket_id=note.ticket_id, object_id=note.id, at=note.created_at), note.body)


def forget_note(note_id: int) -> None:
    """A note that was struck out is found no longer; in the current transaction."""
    db.session.execute(delete(NoteText).where(NoteText.object_id == note_id))


def public_hits(phrases: Sequence[Phrase], limit: int = NEWEST) -> list[TextHit]:
    """The newest tickets and replies with all the phrases. This reads no note."""
    if not phrases:
        return []
    query = select(TicketText).where(TicketText.id.in_(_matching("ticket_words", phrases, limit))).order_by(TicketText.id.desc())
    return [TextHit(row.ticket_id, row.kind, row.object_id, row.at) for row in db.session.scalars(query)]


def note_hits(phrases: Sequence[Phrase], limit: int = NEWEST) -> list[TextHit]:
    """The newest notes with all the phrases. For staff."""
    if not phrases:
        return []
    query = select(NoteText).where(NoteText.id.in_(_matching("note_words", phrases, limit))).order_by(NoteText.id.desc())
    return [TextHit(row.ticket_id, "note", row.object_id, row.at) for row in db.session.scalars(query)]


def mentions(words: str) -> ColumnElement[bool]:
    """A ticket's number, an id it quotes, or words in it, in a reply or in a note: for lists that staff see."""
    number = words.strip().lstrip("#")
    if number.isdecimal() and number.isascii() and len(number) < 10 and words.strip().startswith("#"):
        return Ticket.id == int(number)
    phrases = query_phrases(words)
    return Ticket.id.in_(union_all(*_quoting(words), *(_texts_with(phrases) if phrases else ())))


def _texts_with(phrases: Sequence[Phrase]) -> tuple[Select[int], Select[int]]:
    """The tickets of the public texts and of the notes that have the words."""
    public = select(TicketText.ticket_id).where(TicketText.id.in_(_matching("ticket_words", phrases, NARROWED)))
    notes = select(NoteText.ticket_id).where(NoteText.id.in_(_matching("note_words", phrases, NARROWED)))
    return public, notes


def _quoting(quoted: str) -> list[Select[int]]:
    """Tickets with exactly this request or task id: one probe for each index, which a single OR would not use."""
    return [select(Ticket.id).where(type_coerce(each, String) == quoted) for each in (Ticket.request_id, Ticket.task_id)]


def texts_of(hits: Sequence[TextHit]) -> dict[tuple[str, int], str]:
    """(kind, number) → what it says; one query for each kind."""
    numbers = {kind: [hit.object_id for hit in hits if hit.kind == kind] for kind in ("ticket", "reply", "note")}
    said = select(Ticket.id, Ticket.subject, Ticket.description, Ticket.error_text).where(Ticket.id.in_(numbers["ticket"]))
    found = {("ticket", row[0]): "\n".join(filter(None, row[1:])) for row in db.session.execute(said)} if numbers["ticket"] else {}
    for kind, source in (("reply", Reply), ("note", Note)):
        if numbers[kind]:
            found |= {(kind, number): body for number, body in _bodies(source, numbers[kind])}
    return found


def _bodies(source: Any, numbers: Sequence[int]) -> Any:
    return db.session.execute(select(source.id, source.body).where(source.id.in_(numbers)))


def with_id(quoted: str, limit: int = 20) -> Sequence[Ticket]:
    """Tickets that quote exactly this request or task id, newest first."""
    return db.session.scalars(
        select(Ticket).where(Ticket.id.in_(union_all(*_quoting(quoted)))).order_by(Ticket.id.desc()).limit(limit)
    ).all()


def rebuild() -> int:
    """Index everything anew in the order it was written, in the current transaction. Returns how many texts there are."""
    for kept in (TicketText, NoteText):
        db.session.execute(delete(kept))
    told = _everything()
    for start in range(0, len(told), CHUNK):
        for _at, place, number in told[start : start + CHUNK]:
            source, index = SOURCES[place]
            if row := db.session.get(source, number):
                index(row)
        db.session.flush()
        db.session.expunge_all()
    return len(told)


def _index_standing_note(note: Note) -> None:
    if not is_struck(note.id):
        index_note(note)


SOURCES: tuple[tuple[Any, Callable[[Any], None]], ...] = ((Ticket, index_ticket), (Reply, index_reply), (Note, _index_standing_note))


def _everything() -> list[tuple[datetime, int, int]]:
    """(when, which kind, number) of every text, oldest first."""
    rows = [
        (at, place, number)
        for place, (source, _index) in enumerate(SOURCES)
        for at, number in db.session.execute(select(source.created_at, source.id))
    ]
    return sorted(rows)


def _keep(entry: TicketText | NoteText, told: str) -> None:
    """Put a text into its index in place of what was there."""
    kind = type(entry)
    old = delete(kind).where(kind.object_id == entry.object_id)
    db.session.execute(old.where(TicketText.kind == entry.kind) if isinstance(entry, TicketText) else old)
    db.session.add(entry)
    db.session.flush()
    name = "ticket_words" if kind is TicketText else "note_words"
    db.session.execute(text(INSERT[_dialect()].format(name=name)), {"id": entry.id, "grams": _stored(index_tokens(told))})


INSERT = {
    "sqlite": "INSERT INTO {name} (rowid, grams) VALUES (:id, :grams)",
    "postgresql": "INSERT INTO {name} (id, grams) VALUES (:id, CAST(:grams AS tsvector))",
}


def _stored(tokens: Sequence[str]) -> str:
    """Tokens as the engine takes them; they are letters and digits, so nothing needs escaping."""
    if _dialect() == "sqlite":
        return " ".join(tokens)
    return " ".join(f"'{token}':{place}" for place, token in enumerate(tokens[:LONGEST_VECTOR], 1))


def _matching(name: str, phrases: Sequence[Phrase], limit: int) -> Select[int]:
    """The newest texts of one index that have all the phrases."""
    if _dialect() == "sqlite":
        words = table(name, column("rowid"))
        wanted = " ".join(f'"{" ".join(phrase.tokens)}"' + "*" * phrase.prefix for phrase in phrases)
        found = select(words.c.rowid).where(literal_column(name).op("MATCH")(wanted))
        return found.order_by(words.c.rowid.desc()).limit(limit)
    words = table(name, column("id"), column("grams"))
    wanted = " & ".join(_as_tsquery(phrase) for phrase in phrases)
    found = select(words.c.id).where(words.c.grams.op("@@")(cast(wanted, TSQUERY)))
    return found.order_by(words.c.id.desc()).limit(limit)


def _as_tsquery(phrase: Phrase) -> str:
    parts = [f"'{token}'" for token in phrase.tokens]
    return "(" + " <-> ".join([*parts[:-1], parts[-1] + (":*" if phrase.prefix else "")]) + ")"


def _dialect() -> str:
    return db.engine.dialect.name
