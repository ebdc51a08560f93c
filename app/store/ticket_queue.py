"""Lists of tickets: one page of a filter, many filters counted in one statement, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Integer, Select, TextClause, bindparam, func, literal, select, text, union_all

from app.core.ticket import ACTIVE, State
from app.core.ticket_query import QueueFilter
from app.store.database import db
from app.store.models import Ticket, User
from app.store.ticket_filter import ORDERS, Shape, condition, conditions, in_order, in_states, rare_parts, shape_of

MOST_COUNTED = 1_000  # beyond it a number tells a person nothing more, and costs
FEW = 500  # so many are sorted sooner than a page of them is found by walking
KEPT = 256  # statements of so many shapes


@dataclass(frozen=True, slots=True)
class ListedTicket:
    """What a row of a list shows or sorts by."""

    id: int
    subject: str
    state: str
    status_code: int | None
    cause: str | None
    cause_confirmed_at: datetime | None
    confidence: float | None
    client: str | None
    model: str | None
    evidence_score: int
    match_state: str
    updated_at: datetime
    created_at: datetime
    due_at: datetime | None
    due_clock: str | None
    waiting_since: datetime | None
    assignee: str | None


_IN_A_ROW = (
    *(Ticket.id, Ticket.subject, Ticket.state, Ticket.status_code, Ticket.cause, Ticket.cause_confirmed_at, Ticket.confidence),
    *(Ticket.client, Ticket.model, Ticket.evidence_score, Ticket.match_state, Ticket.updated_at, Ticket.created_at),
    *(Ticket.due_at, Ticket.due_clock, Ticket.waiting_since, User.display_name),
)


def page(chosen: QueueFilter) -> list[ListedTicket]:
    """One page and one row more, which tells that another page follows."""
    shape, values = shape_of(chosen)
    rows = db.session.execute(_pager(shape, _rarest(shape, values)), {**values, "limit": chosen.limit + 1})
    return [ListedTicket(*row) for row in rows]


def _rarest(shape: Shape, values: Mapping[str, Any]) -> tuple[str, ...]:
    """For each state the condition that the fewest tickets meet, when they are few enough to be sorted; else nothing."""
    rare = () if shape.has_words else tuple(rare_parts(shape))
    if not rare:
        return ("",) * len(shape.states)
    counted = db.session.execute(_rarity(shape.states, rare), values).one()
    by_state = [counted[at : at + len(rare)] for at in range(0, len(counted), len(rare))]
    return tuple(part if least <= FEW else "" for least, part in (min(zip(each, rare, strict=True)) for each in by_state))


def counts(lists: Sequence[QueueFilter]) -> list[int]:
    """How many tickets each list has, at most MOST_COUNTED + 1; one statement for all."""
    if not lists:
        return []
    shapes, values = _together(lists)
    return [int(value) for value in db.session.execute(_counter(shapes), values).one()]


def first_of(lists: Mapping[str, QueueFilter], each: int) -> dict[str, list[ListedTicket]]:
    """The first tickets of several lists; one statement."""
    shapes, values = _together(list(lists.values()))
    kept: dict[str, list[ListedTicket]] = {name: [] for name in lists}
    for name, *row in db.session.execute(_firsts(tuple(lists), shapes), {**values, "limit": each}):
        kept[name].append(ListedTicket(*row))
    return {name: sorted(rows, key=_sort_key(lists[name].sort)) for name, rows in kept.items()}


def counts_by_cause(causes: Iterable[str]) -> dict[str, int]:
    """How many active tickets have which of the causes: one probe of an index for each, for grouping would read every ticket."""
    asked = {f"c{place}": cause for place, cause in enumerate(causes)}
    if not asked:
        return {}
    return {cause: count for cause, count in db.session.execute(_cause_counter(len(asked)), asked) if count}


def cursor_of(ticket: ListedTicket, sort: str) -> tuple[Any, int]:
    """Where a page ended: the sort column's moment and the number."""
    return getattr(ticket, ORDERS[sort][0].key), ticket.id


@lru_cache(maxsize=KEPT)
def _rarity(states: tuple[State, ...], parts: tuple[str, ...]) -> Select[Any]:
    """The statement that counts, as far as it matters, how many tickets of each state meet each condition."""
    found = (_meeting(state, part).subquery() for state in states for part in parts)
    return select(*(select(func.count()).select_from(each).scalar_subquery().label(f"c{place}") for place, each in enumerate(found)))


def _meeting(state: State, part: str) -> Select[Any]:
    """The tickets of a state that meet one condition, as many as can be sorted; the bound also keeps it a look-up of its own."""
    return select(Ticket.id).where(in_states((state,)), condition(part)).limit(FEW + 1)


@lru_cache(maxsize=KEPT)
def _pager(shape: Shape, rarest: tuple[str, ...]) -> Any:
    """The statement of a page. Each state is walked along its own index, unless words or a rare condition leave few to be sorted."""
    if shape.has_words:
        numbers: Any = select(Ticket.id).where(in_states(shape.states), *conditions(shape))
    else:
        found = (_few(shape, state, part) if part else _walk(shape, state) for state, part in zip(shape.states, rarest, strict=True))
        numbers = union_all(*(select(each.subquery().c.id) for each in found))
    query: Any = select(*_IN_A_ROW).outerjoin(User, User.id == Ticket.assignee_id).where(Ticket.id.in_(numbers))
    return query.order_by(*in_order(shape.sort)).limit(_limit())


@lru_cache(maxsize=KEPT)
def _counter(shapes: tuple[Shape, ...]) -> Select[Any]:
    """The statement that counts lists of these shapes."""
    return select(*(_count(shape, f"l{place}_").label(f"c{place}") for place, shape in enumerate(shapes)))


@lru_cache(maxsize=KEPT)
def _firsts(names: tuple[str, ...], shapes: tuple[Shape, ...]) -> Select[Any]:
    """The statement for the beginnings of lists of these shapes."""
    walks = [_first(shape, name, f"l{place}_") for place, (name, shape) in enumerate(zip(names, shapes, strict=True))]
    found = union_all(*walks).subquery()
    query = select(found.c.list, *_IN_A_ROW).join(Ticket, Ticket.id == found.c.id)
    return query.outerjoin(User, User.id == Ticket.assignee_id)


def _together(lists: Sequence[QueueFilter]) -> tuple[tuple[Shape, ...], dict[str, Any]]:
    """The shapes of several lists, and all their values under the lists' prefixes."""
    read = [shape_of(chosen) for chosen in lists]
    values = {f"l{place}_{name}": value for place, (_shape, given) in enumerate(read) for name, value in given.items()}
    return tuple(shape for shape, _given in read), values


@cache
def _cause_counter(asked: int) -> TextClause:
    """The statement for so many causes; as text, because a list of values is compiled anew each time it is asked."""
    rows = ", ".join(f"(:c{place})" for place in range(asked))
    states = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
    counted = f"SELECT count(*) FROM ticket WHERE ticket.cause = asked.cause AND ticket.state IN ({states})"  # noqa: S608 - our own states
    return text(f"WITH asked(cause) AS (VALUES {rows}) SELECT cause, ({counted}) FROM asked")  # noqa: S608 - numbered parameters


def _walk(shape: Shape, state: State, prefix: str = "") -> Select[Any]:
    """One state's tickets in order, as far as a page can need them."""
    found = select(Ticket.id).where(in_states((state,)), *conditions(shape, prefix, walked=True))
    return found.order_by(*in_order(shape.sort)).limit(_limit())


def _few(shape: Shape, state: State, part: str) -> Select[Any]:
    """One state's tickets in order, out of the few that meet a condition."""
    found = select(Ticket.id).where(Ticket.id.in_(_meeting(state, part)), *conditions(shape, walked=True))
    return found.order_by(*in_order(shape.sort)).limit(_limit())


def _first(shape: Shape, name: str, prefix: str) -> Select[Any]:
    """The beginning of one list, under its name."""
    walks = union_all(*(select(_walk(shape, state, prefix).subquery().c.id) for state in shape.states)).subquery()
    ordered = select(Ticket.id).where(Ticket.id.in_(select(walks.c.id))).order_by(*in_order(shape.sort)).limit(_limit()).subquery()
    return select(literal(name).label("list"), ordered.c.id)


def _count(shape: Shape, prefix: str) -> Any:
    """A bounded count as a scalar."""
    found = select(literal(1)).select_from(Ticket).where(in_states(shape.states), *conditions(shape, prefix)).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def _limit() -> Any:
    return bindparam("limit", type_=Integer)


def _sort_key(sort: str) -> Callable[[ListedTicket], tuple[float, int]]:
    """The same order in Python, for a handful of rows."""
    column, newest_first = ORDERS[sort]
    sign = -1 if newest_first else 1
    return lambda ticket: (sign * getattr(ticket, column.key).timestamp(), sign * ticket.id)
