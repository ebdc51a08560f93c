"""Lists of tickets: one page of a filter, many filters counted in one statement, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, TextClause, exists, func, literal, or_, select, text, type_coerce, union_all
from sqlalchemy.orm import InstrumentedAttribute, joinedload, load_only

from app.core.ticket import ACTIVE, State
from app.core.ticket_query import QueueFilter
from app.store import ticket_search
from app.store.database import db
from app.store.models import Ticket, User
from app.store.models_desk import TicketTag
from app.store.models_guests import Satisfaction

MOST_COUNTED = 1_000  # beyond it a number tells a person nothing more, and costs
ORDERS: Mapping[str, tuple[InstrumentedAttribute[Any], bool]] = {  # the column, and whether the newest comes first
    "changed": (Ticket.updated_at, True),
    "waiting": (Ticket.waiting_since, False),
    "due": (Ticket.due_at, False),
    "oldest": (Ticket.created_at, False),
}


_IN_A_ROW = (  # the columns that a row of a list shows or sorts by
    load_only(
        *(Ticket.subject, Ticket.state, Ticket.status_code, Ticket.cause, Ticket.cause_confirmed_at, Ticket.confidence, Ticket.client),
        *(Ticket.model, Ticket.evidence_score, Ticket.match_state, Ticket.assignee_id, Ticket.updated_at, Ticket.created_at),
        *(Ticket.due_at, Ticket.due_clock, Ticket.waiting_since),
    ),
    joinedload(Ticket.assignee).load_only(User.display_name),
)


def page(chosen: QueueFilter) -> Sequence[Ticket]:
    """One page and one row more, which tells that another page follows. Each state is walked along its own index."""
    if chosen.words:  # the words leave few enough to be sorted
        numbers: Any = select(Ticket.id).where(Ticket.state.in_(chosen.states), *_conditions(chosen))
    else:
        numbers = union_all(*(select(_walk(chosen, state).subquery().c.id) for state in chosen.states))
    query = select(Ticket).options(*_IN_A_ROW)
    query = query.where(Ticket.id.in_(numbers)).order_by(*_order(chosen)).limit(chosen.limit + 1)
    return db.session.scalars(query).all()


def counts(lists: Sequence[QueueFilter]) -> list[int]:
    """How many tickets each list has, at most MOST_COUNTED + 1; one statement for all."""
    if not lists:
        return []
    row = db.session.execute(select(*(_count(chosen).label(f"c{place}") for place, chosen in enumerate(lists)))).one()
    return [int(value) for value in row]


def first_of(lists: Mapping[str, QueueFilter], each: int) -> dict[str, list[Ticket]]:
    """The first tickets of several lists; one statement."""
    walks = [_first(chosen, name, each) for name, chosen in lists.items()]
    found = union_all(*walks).subquery()
    query = select(found.c.list, Ticket).join(Ticket, Ticket.id == found.c.id).options(*_IN_A_ROW)
    kept: dict[str, list[Ticket]] = {name: [] for name in lists}
    for name, ticket in db.session.execute(query):
        kept[name].append(ticket)
    return {name: sorted(rows, key=_sort_key(lists[name])) for name, rows in kept.items()}


def counts_by_cause(causes: Iterable[str]) -> dict[str, int]:
    """How many active tickets have which of the causes: one probe of an index for each, for grouping would read every ticket."""
    asked = {f"c{place}": cause for place, cause in enumerate(causes)}
    if not asked:
        return {}
    return {cause: count for cause, count in db.session.execute(_cause_counter(len(asked)), asked) if count}


def cursor_of(ticket: Ticket, sort: str) -> tuple[Any, int]:
    """Where a page ended: the sort column's moment and the number."""
    return getattr(ticket, ORDERS[sort][0].key), ticket.id


@cache
def _cause_counter(asked: int) -> TextClause:
    """The statement for so many causes; as text, because a list of values is compiled anew each time it is asked."""
    rows = ", ".join(f"(:c{place})" for place in range(asked))
    states = ", ".join(f"'{state}'" for state in sorted(ACTIVE))
    counted = f"SELECT count(*) FROM ticket WHERE ticket.cause = asked.cause AND ticket.state IN ({states})"  # noqa: S608 - our own states
    return text(f"WITH asked(cause) AS (VALUES {rows}) SELECT cause, ({counted}) FROM asked")  # noqa: S608 - numbered parameters


def _walk(chosen: QueueFilter, state: State) -> Select[Any]:
    """One state's tickets in order, as far as a page can need them."""
    return select(Ticket.id).where(Ticket.state == state, *_conditions(chosen)).order_by(*_order(chosen)).limit(chosen.limit + 1)


def _first(chosen: QueueFilter, name: str, each: int) -> Select[Any]:
    """The beginning of one list, under its name."""
    walks = union_all(*(select(_walk(chosen, state).limit(each).subquery().c.id) for state in chosen.states)).subquery()
    ordered = select(Ticket.id).where(Ticket.id.in_(select(walks.c.id))).order_by(*_order(chosen)).limit(each).subquery()
    return select(literal(name).label("list"), ordered.c.id)


def _count(chosen: QueueFilter) -> Any:
    """A bounded count as a scalar."""
    found = select(literal(1)).select_from(Ticket).where(Ticket.state.in_(chosen.states), *_conditions(chosen)).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def _order(chosen: QueueFilter) -> tuple[ColumnElement[Any], ...]:
    column, newest_first = ORDERS[chosen.sort]
    return (column.desc(), Ticket.id.desc()) if newest_first else (column.asc(), Ticket.id.asc())


def _sort_key(chosen: QueueFilter) -> Callable[[Ticket], tuple[float, int]]:
    """The same order in Python, for a handful of rows."""
    column, newest_first = ORDERS[chosen.sort]
    sign = -1 if newest_first else 1
    return lambda ticket: (sign * getattr(ticket, column.key).timestamp(), sign * ticket.id)


def _conditions(chosen: QueueFilter) -> list[ColumnElement[bool]]:
    """Everything but the state."""
    conditions = [type_coerce(getattr(Ticket, name), String) == value for name, value in chosen.equal.items()]
    if chosen.causes is not None:
        conditions.append(Ticket.cause.in_(chosen.causes))
    if chosen.assignee_id is not None:
        conditions.append(Ticket.assignee_id == chosen.assignee_id)
    if chosen.unassigned:
        conditions.append(Ticket.assignee_id.is_(None))
    if chosen.score is not None:
        conditions.append(Ticket.evidence_score.between(*chosen.score))
    if chosen.answered is not None:
        conditions += [Ticket.waiting_since.is_not(None), Ticket.first_replied_at.is_not(None) == chosen.answered]
    if chosen.tag:
        tagged = exists().where(TicketTag.ticket_id == Ticket.id, type_coerce(TicketTag.tag, String) == chosen.tag)
        conditions.append(tagged)
    if chosen.rated:
        conditions.append(_rated(chosen.rated))
    if chosen.words:
        conditions.append(ticket_search.mentions(chosen.words))
    return [*conditions, *_moments(chosen), *_after(chosen)]


def _rated(wanted: str) -> ColumnElement[bool]:
    """What the requester said in the end: good, bad, or none."""
    said = exists().where(Satisfaction.ticket_id == Ticket.id)
    return ~said if wanted == "none" else said.where(Satisfaction.good.is_(wanted == "good"))


def _moments(chosen: QueueFilter) -> list[ColumnElement[bool]]:
    """Age, clock and next action."""
    conditions: list[ColumnElement[bool]] = []
    if chosen.created_from is not None:
        conditions.append(Ticket.created_at >= chosen.created_from)
    if chosen.created_until is not None:
        conditions.append(Ticket.created_at <= chosen.created_until)
    if chosen.due_until is not None:
        conditions.append(Ticket.due_at <= chosen.due_until)
    if chosen.next_due is not None:
        asked, today = chosen.next_due
        conditions.append(
            {"missing": Ticket.next_due.is_(None), "agreed": Ticket.next_due.is_not(None), "due": Ticket.next_due <= today}[asked]
        )
    return conditions


def _after(chosen: QueueFilter) -> list[ColumnElement[bool]]:
    """Only what the sort column places, and only what follows the cursor."""
    column, newest_first = ORDERS[chosen.sort]
    conditions: list[ColumnElement[bool]] = [column.is_not(None)] if column.key in {"waiting_since", "due_at"} else []
    if chosen.before is not None:
        at, number = chosen.before
        further, same = (column < at, Ticket.id < number) if newest_first else (column > at, Ticket.id > number)
        conditions += [column <= at if newest_first else column >= at, or_(further, (column == at) & same)]
    return conditions
