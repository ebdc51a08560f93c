"""What a list of tickets asks for, as conditions with named places for their values: statements of one shape are built once.

Building a statement costs more than most of them take to run, so what decides how it reads (the Shape) is kept apart from
what it is asked with (its values). A condition and its values go by the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, String, bindparam, exists, literal_column, or_, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from app.core.ticket import State
from app.core.ticket_query import QueueFilter
from app.store import ticket_search
from app.store.database import UtcDateTime
from app.store.models import Ticket
from app.store.models_desk import TicketTag
from app.store.models_guests import Satisfaction

Place = Callable[[str], BindParameter[Any]]  # the place of a value, by its name
ORDERS: Mapping[str, tuple[InstrumentedAttribute[Any], bool]] = {  # the column, and whether the newest comes first
    "changed": (Ticket.updated_at, True),
    "waiting": (Ticket.waiting_since, False),
    "due": (Ticket.due_at, False),
    "oldest": (Ticket.created_at, False),
}
EQUAL = ("origin", "queue", "key_group", "key_environment", "match_state", "language", "client", "model")
MOMENTS = ("created_from", "created_until", "filed_from", "filed_until", "solved_from", "solved_until", "due_until")
SINGLE = ("causes", "assignee_id", *MOMENTS)
ALWAYS_THERE = frozenset({"updated_at", "created_at"})
RARE = frozenset(  # conditions with an index of their own: when few tickets meet one, these are sorted, and nothing is walked
    {
        *("assignee_id", "unassigned", "answered", "unanswered", "next agreed", "next due", "due_until"),
        *("created_from", "created_until", "filed_from", "filed_until", "solved_from", "solved_until"),
        *("client", "key_environment", "key_group", "model", "origin", "queue"),
    }
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a list's statement reads: the states, the order, and which conditions there are."""

    states: tuple[State, ...]
    sort: str
    parts: tuple[str, ...]

    @property
    def has_words(self) -> bool:
        """Whether words narrow the list: they leave few enough to be sorted."""
        return not ticket_search.MENTIONS.keys().isdisjoint(self.parts)


def shape_of(chosen: QueueFilter) -> tuple[Shape, dict[str, Any]]:
    """A list's shape, and the values its conditions are asked with."""
    parts = _parts(chosen)
    values = {name: value for given in parts.values() for name, value in given.items()}
    return Shape(chosen.states, chosen.sort, tuple(parts)), values


def conditions(shape: Shape, prefix: str = "", *, walked: bool = False) -> list[ColumnElement[bool]]:
    """Everything but the state; the values' names begin with the prefix. walked: only the order's index is to be used."""
    place = partial(_place, prefix)
    column, _newest_first = ORDERS[shape.sort]
    there = [] if column.key in ALWAYS_THERE else [column.is_not(None)]
    return [*there, *(_condition(part, shape.sort, place, walked=walked) for part in shape.parts)]


def _condition(part: str, sort: str, place: Place, *, walked: bool) -> ColumnElement[bool]:
    if part not in _CONDITIONS:
        return _after(sort, place)
    return _equals(part, place, past_index=True) if walked and part in EQUAL else _CONDITIONS[part](place)


def rare_parts(shape: Shape) -> list[str]:
    """The conditions that an index of their own answers."""
    return [part for part in shape.parts if part in RARE]


def condition(part: str) -> ColumnElement[bool]:
    """One of the conditions that an index of its own answers."""
    return _CONDITIONS[part](partial(_place, ""))


def in_states(states: tuple[State, ...]) -> ColumnElement[bool]:
    """One of these states. They are written out: a list of values would be filled in anew each time."""
    return Ticket.state.in_([literal_column(f"'{state}'") for state in states])


def in_order(sort: str) -> tuple[ColumnElement[Any], ...]:
    """A list's order: its column, then the number."""
    column, newest_first = ORDERS[sort]
    return (column.desc(), Ticket.id.desc()) if newest_first else (column.asc(), Ticket.id.asc())


def _parts(chosen: QueueFilter) -> dict[str, dict[str, Any]]:
    """Condition → its values."""
    return {**_plain_parts(chosen), **_flags(chosen), **_compound_parts(chosen)}


def _plain_parts(chosen: QueueFilter) -> dict[str, dict[str, Any]]:
    """The conditions with one value, which has their name."""
    given = {**chosen.equal, "tag": chosen.tag or None} | {name: getattr(chosen, name) for name in SINGLE}
    return {name: {name: value} for name, value in given.items() if value is not None}


def _flags(chosen: QueueFilter) -> dict[str, dict[str, Any]]:
    """The conditions without a value."""
    there = {
        "unassigned": chosen.unassigned,
        "answered": chosen.answered is True,
        "unanswered": chosen.answered is False,
        f"rated {chosen.rated}": bool(chosen.rated),
    }
    return {name: {} for name, holds in there.items() if holds}


def _compound_parts(chosen: QueueFilter) -> dict[str, dict[str, Any]]:
    """The conditions that need more than one look."""
    parts: dict[str, dict[str, Any]] = {}
    if chosen.score is not None:
        parts["score"] = {"least": chosen.score[0], "most": chosen.score[1]}
    if chosen.next_due is not None:
        asked, today = chosen.next_due
        parts[f"next {asked}"] = {"today": today} if asked == "due" else {}
    if chosen.words:
        name, told = ticket_search.mention(chosen.words)
        parts[name] = told
    if chosen.before is not None:
        parts["before"] = {"before": chosen.before[0], "before_number": chosen.before[1]}
    return parts


def _place(prefix: str, name: str) -> BindParameter[Any]:
    return bindparam(prefix + name, type_=_TYPES.get(name), expanding=name == "causes")


_TYPES: Mapping[str, Any] = dict.fromkeys((*MOMENTS, "before"), UtcDateTime()) | dict.fromkeys(EQUAL, String())


def _equals(name: str, place: Place, *, past_index: bool = False) -> ColumnElement[bool]:
    """past_index: compared in a way no index answers, for one that answers it would be taken instead of the order's."""
    column = type_coerce(getattr(Ticket, name), String)
    return (column.concat("") if past_index else column) == place(name)


def _rated(*, good: bool) -> ColumnElement[bool]:
    return exists().where(Satisfaction.ticket_id == Ticket.id, Satisfaction.good.is_(good))


def _after(sort: str, place: Place) -> ColumnElement[bool]:
    """Only what follows the cursor."""
    column, newest_first = ORDERS[sort]
    at, number = place("before"), place("before_number")
    further, same = (column < at, Ticket.id < number) if newest_first else (column > at, Ticket.id > number)
    return (column <= at if newest_first else column >= at) & or_(further, (column == at) & same)


_CONDITIONS: Mapping[str, Callable[[Place], ColumnElement[bool]]] = {
    **{name: partial(_equals, name) for name in EQUAL},
    "causes": lambda place: Ticket.cause.in_(place("causes")),
    "assignee_id": lambda place: Ticket.assignee_id == place("assignee_id"),
    "unassigned": lambda _place: Ticket.assignee_id.is_(None),
    "score": lambda place: Ticket.evidence_score.between(place("least"), place("most")),
    "answered": lambda _place: Ticket.waiting_since.is_not(None) & Ticket.first_replied_at.is_not(None),
    "unanswered": lambda _place: Ticket.waiting_since.is_not(None) & Ticket.first_replied_at.is_(None),
    "tag": lambda place: exists().where(TicketTag.ticket_id == Ticket.id, type_coerce(TicketTag.tag, String) == place("tag")),
    "rated none": lambda _place: ~exists().where(Satisfaction.ticket_id == Ticket.id),
    "rated good": lambda _place: _rated(good=True),
    "rated bad": lambda _place: _rated(good=False),
    "created_from": lambda place: Ticket.created_at >= place("created_from"),
    "created_until": lambda place: Ticket.created_at <= place("created_until"),
    "filed_from": lambda place: Ticket.created_at >= place("filed_from"),
    "filed_until": lambda place: Ticket.created_at < place("filed_until"),
    "solved_from": lambda place: Ticket.solved_at >= place("solved_from"),
    "solved_until": lambda place: Ticket.solved_at < place("solved_until"),
    "due_until": lambda place: Ticket.due_at <= place("due_until"),
    "next missing": lambda _place: Ticket.next_due.is_(None),
    "next agreed": lambda _place: Ticket.next_due.is_not(None),
    "next due": lambda place: Ticket.next_due <= place("today"),
    **ticket_search.MENTIONS,
}
