"""Hours of the desk counted from its rows: tickets where they were filed and where they were solved, answers where they were given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.core.business_waits import BusinessWaits
from app.core.desk_cells import COLUMNS, LACKABLE, Answer, DeskCell, Filed, Solved, cell_of
from app.core.ticket import ACTIVE, SET_ASIDE
from app.core.told_facts import NAMES
from app.store.database import db
from app.store.models import Change, Reply, Ticket, TicketMatch
from app.store.models_desk import HandOff
from app.store.models_guests import Satisfaction
from app.store.service_rules import service_book

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
MOST_RANGES = 64
_FACTS: dict[str, Any] = {
    **{name: getattr(Ticket, name) for name in (*COLUMNS, "request_type", "base_url", "key_last4")},
    "key": func.coalesce(Ticket.key_fingerprint, Ticket.key_last4),
    **{name: Ticket.told_facts[name].as_string() for name in NAMES},
}
_REAL = Ticket.state.not_in(SET_ASIDE)  # spam is no work
_Item = TypeVar("_Item")


def count_hours(hours: Collection[int]) -> dict[int, DeskCell]:
    """Hour → what was counted in it, for those of `hours` (since 1970) in which anything was: three queries."""
    if not hours:
        return {}
    wanted, ranges = set(hours), _ranges(hours)
    filed = _by_hour(_filed(ranges), wanted)
    solved = _by_hour(_solved(ranges), wanted)
    answers = _by_hour(_answers(ranges), wanted)
    return {
        hour: cell_of(filed.get(hour, ()), solved.get(hour, ()), answers.get(hour, ()))
        for hour in filed.keys() | solved.keys() | answers.keys()
    }


def _filed(ranges: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, Filed]]:
    """Tickets by when they were filed, with what became of them."""
    again = and_(Change.what == "state", Change.before.not_in({*ACTIVE, *SET_ASIDE}), Change.after.in_(ACTIVE))
    of_ticket: dict[str, Any] = {
        "reopened": select(Change.id).where(Change.ticket_id == Ticket.id, again).exists(),
        "replies": select(func.count()).where(Reply.ticket_id == Ticket.id, Reply.by_staff).scalar_subquery(),
        "handed": select(func.count(HandOff.id)).where(HandOff.ticket_id == Ticket.id).scalar_subquery(),
        "confirmed": select(TicketMatch.id).where(TicketMatch.ticket_id == Ticket.id, TicketMatch.decision == "confirmed").exists(),
    }
    facts = sum(case((_FACTS[name].is_not(None), 1 << place), else_=0) for place, name in enumerate(LACKABLE))
    columns = (Ticket.created_at, Ticket.first_replied_at, Ticket.solved_at, Ticket.queue, Ticket.cause, *of_ticket.values(), facts)
    rows = db.session.execute(select(*columns).where(_within(Ticket.created_at, ranges), _REAL)).all()
    business = _business_waits([(row[0], row[1]) for row in rows if row[1]])
    for created, replied, solved, queue, cause, reopened, replies, handed, confirmed, has in rows:
        wait, worked = ((replied - created) // MICROSECOND, business(queue, created, replied) // MICROSECOND) if replied else (None, None)
        yield created, Filed(cause, wait, worked, solved is not None, bool(reopened), replies, handed, bool(confirmed), has)


def _solved(ranges: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, Solved]]:
    """Tickets by when they were solved, whenever filed."""
    query = select(Ticket.created_at, Ticket.solved_at, Ticket.article_id, Satisfaction.good)
    query = query.outerjoin(Satisfaction, Satisfaction.ticket_id == Ticket.id).where(_within(Ticket.solved_at, ranges), _REAL)
    rows: Any = db.session.execute(query)
    for created, solved, article, good in rows:
        yield solved, Solved((solved - created) // MICROSECOND, article is not None, good)


def _answers(ranges: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, Answer]]:
    """Public answers by staff."""
    query = select(Reply.created_at, Reply.ticket_id, Reply.author_id, Ticket.cause, Reply.article_id)
    query = query.outerjoin(Ticket, Ticket.id == Reply.ticket_id).where(Reply.by_staff, _within(Reply.created_at, ranges))
    for at, ticket, author, cause, article in db.session.execute(query):
        yield at, Answer(ticket, author, cause, article is not None)


def _business_waits(spans: list[tuple[datetime, datetime]]) -> Callable[[str, datetime, datetime], timedelta]:
    """Business hours from the first ticket to the last answer."""
    calendars = {queue.id: queue.targets.calendar for queue in service_book()}
    start, end = (min((start for start, _end in spans), default=_EPOCH), max((end for _start, end in spans), default=_EPOCH))
    return BusinessWaits(calendars, start, end).between


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _within(column: Any, ranges: list[tuple[datetime, datetime]]) -> ColumnElement[bool]:
    return or_(*(and_(column >= start, column < end) for start, end in ranges))


def _ranges(hours: Iterable[int]) -> list[tuple[datetime, datetime]]:
    """Spans that hold these hours; others too only where there were too many. Of few sizes, so that statements are alike."""
    gap = 1
    while len(runs := _runs(sorted(hours), gap)) > MOST_RANGES:
        gap *= 2
    wanted = next(size for size in (1, 4, 16, MOST_RANGES) if size >= len(runs))
    spans = [(_EPOCH + first * HOUR, _EPOCH + (last + 1) * HOUR) for first, last in runs]
    return spans + spans[-1:] * (wanted - len(spans))


def _runs(hours: list[int], gap: int) -> list[tuple[int, int]]:
    """First and last of every run of hours no further apart than `gap`."""
    runs: list[tuple[int, int]] = []
    for hour in hours:
        if runs and hour - runs[-1][1] <= gap:
            runs[-1] = runs[-1][0], hour
        else:
            runs.append((hour, hour))
    return runs


def _by_hour(entries: Iterable[tuple[datetime, _Item]], wanted: set[int]) -> dict[int, list[_Item]]:
    found: dict[int, list[_Item]] = {}
    for at, entry in entries:
        if (hour := int(at.timestamp()) // 3600) in wanted:
            found.setdefault(hour, []).append(entry)
    return found
