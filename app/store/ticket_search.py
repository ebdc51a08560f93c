"""Full text over tickets and replies, and apart from it over notes: FTS5 on SQLite, tsvector on PostgreSQL, behind the same functions.

Two indexes rather than one with a flag: what asks for public texts names no table that holds a note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    column,
    delete,
    literal,
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
from app.store.tickets import TicketName

Place = Callable[[str], BindParameter[Any]]  # where a statement takes a value, by its name
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
    return _hits("ticket_words", phrases, limit)


def note_hits(phrases: Sequence[Phrase], limit: int = NEWEST) -> list[TextHit]:
    """The newest notes with all the phrases. For staff."""
    return _hits("note_words", phrases, limit)


def mention(words: str) -> tuple[str, dict[str, Any]]:
    """The condition of MENTIONS that such words ask for, and its values."""
    number = words.strip().removeprefix("#")
    if number != words.strip() and number.isdecimal() and number.isascii() and len(number) < 10:
        return "number", {"number": int(number)}
    phrases = query_phrases(words)
    if not phrases:
        return "quoted", {"quoted": words}
    return f"words {_dialect()}", {"quoted": words, "wanted": _WANTED[_dialect()](phrases)}


def _texts_with(place: Place, dialect: str) -> tuple[Select[int], Select[int]]:
    """The tickets of the public texts and of the notes that have the words."""
    public, notes = (_matching(name, place("wanted"), literal(NARROWED), dialect) for name in ("ticket_words", "note_words"))
    return select(TicketText.ticket_id).where(TicketText.id.in_(public)), select(NoteText.ticket_id).where(NoteText.id.in_(notes))


def _mentioning(place: Place, dialect: str) -> ColumnElement[bool]:
    return Ticket.id.in_(union_all(*_quoting(place("quoted")), *_texts_with(place, dialect)))


def _quoting(quoted: Any) -> list[Select[int]]:
    """Tickets with exactly this request or task id: one probe for each index, which a single OR would not use."""
    return [select(Ticket.id).where(type_coerce(each, String) == quoted) for each in (Ticket.request_id, Ticket.task_id)]


MENTIONS: Mapping[str, Callable[[Place], ColumnElement[bool]]] = {  # for lists that staff see
    "number": lambda place: Ticket.id == place("number"),  # a ticket's own
    "quoted": lambda place: Ticket.id.in_(union_all(*_quoting(place("quoted")))),  # an id it quotes
    "words sqlite": lambda place: _mentioning(place, "sqlite"),  # that, or words in it, in a reply or in a note
    "words postgresql": lambda place: _mentioning(place, "postgresql"),
}


def texts_of(hits: Sequence[TextHit]) -> dict[tuple[str, int], str]:
    """(kind, number) → what it says; one query for each kind."""
    found: dict[tuple[str, int], str] = {}
    for kind in ("ticket", "reply", "note"):
        if numbers := [hit.object_id for hit in hits if hit.kind == kind]:
            rows = db.session.execute(_saying(kind), {"numbers": numbers})
            found |= {(kind, row[0]): "\n".join(filter(None, row[1:])) for row in rows}
    return found


def names_of(hits: Sequence[TextHit]) -> dict[int, TicketName]:
    """Number → name of the tickets of these hits."""
    rows = db.session.execute(_NAMES, {"numbers": [hit.ticket_id for hit in hits]}) if hits else ()
    return {row[0]: TicketName(*row) for row in rows}


_NAMES = select(Ticket.id, Ticket.subject, Ticket.state).where(Ticket.id.in_(bindparam("numbers", expanding=True)))


@cache
def _saying(kind: str) -> Select[Any]:
    """Number, then what it says."""
    said = {"reply": (Reply.id, Reply.body), "note": (Note.id, Note.body)}
    told = said.get(kind, (Ticket.id, Ticket.subject, Ticket.description, Ticket.error_text))
    return select(*told).where(told[0].in_(bindparam("numbers", expanding=True)))


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


def _hits(name: str, phrases: Sequence[Phrase], limit: int) -> list[TextHit]:
    """The newest texts of one index that have all the phrases.

    A last word that may go on is first looked for as it stands: when that alone gives enough, its many endings are not gathered.
    """
    if not phrases:
        return []
    whole = [replace(phrase, prefix=phrase.prefix and not _is_word(phrase)) for phrase in phrases]
    found = _told(name, whole, limit)
    return found if len(found) == limit or whole == list(phrases) else _told(name, phrases, limit)


def _is_word(phrase: Phrase) -> bool:
    """Latin: a single Chinese character is a beginning by itself."""
    return phrase.tokens[-1].isascii()


def _told(name: str, phrases: Sequence[Phrase], limit: int) -> list[TextHit]:
    rows = db.session.execute(_finder(name, _dialect()), {"wanted": _WANTED[_dialect()](phrases), "limit": limit})
    return [TextHit(*row) for row in rows]


@cache
def _finder(name: str, dialect: str) -> Select[Any]:
    """The statement for one index, built once."""
    kept: Any = TicketText if name == "ticket_words" else NoteText
    kind = TicketText.kind if name == "ticket_words" else literal_column("'note'", String)
    found = _matching(name, bindparam("wanted", type_=String), bindparam("limit", type_=Integer), dialect)
    return select(kept.ticket_id, kind, kept.object_id, kept.at).where(kept.id.in_(found)).order_by(kept.id.desc())


def _matching(name: str, wanted: Any, limit: Any, dialect: str) -> Select[int]:
    """The newest texts of one index that have what is wanted."""
    if dialect == "sqlite":
        words = table(name, column("rowid"))
        found = select(words.c.rowid).where(literal_column(name).op("MATCH")(wanted))
        return found.order_by(words.c.rowid.desc()).limit(limit)
    words = table(name, column("id"), column("grams"))
    found = select(words.c.id).where(words.c.grams.op("@@")(cast(wanted, TSQUERY)))
    return found.order_by(words.c.id.desc()).limit(limit)


def _as_match(phrases: Sequence[Phrase]) -> str:
    """All the phrases as FTS5 takes them."""
    return " ".join(f'"{" ".join(phrase.tokens)}"' + "*" * phrase.prefix for phrase in phrases)


def _as_tsquery(phrases: Sequence[Phrase]) -> str:
    return " & ".join(_as_terms(phrase) for phrase in phrases)


def _as_terms(phrase: Phrase) -> str:
    parts = [f"'{token}'" for token in phrase.tokens]
    return "(" + " <-> ".join([*parts[:-1], parts[-1] + (":*" if phrase.prefix else "")]) + ")"


_WANTED: Mapping[str, Callable[[Sequence[Phrase]], str]] = {"sqlite": _as_match, "postgresql": _as_tsquery}


def _dialect() -> str:
    return db.engine.dialect.name
