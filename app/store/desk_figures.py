"""What the desk's own tables say of a span: counted by the database, a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, func, select

from app.core.desk_metrics import DeskFigures, TicketTimes, completeness
from app.core.metrics import FEWEST
from app.core.ticket import ACTIVE, SET_ASIDE
from app.store import claims, content_figures, desk_evidence
from app.store.database import db
from app.store.models import Change, Reply, SelfService, Ticket, TicketMatch
from app.store.models_desk import HandOff
from app.store.models_tallies import ShownAnswer
from app.store.reviews import answered_causes
from app.store.satisfaction import ratings


def desk_figures(start: datetime, end: datetime, required: Mapping[str, Sequence[str]] | None = None) -> DeskFigures:
    """Count what happened from `start` to before `end`. required: cause → the facts it needs."""
    real = Ticket.state.not_in(SET_ASIDE)  # spam is no work
    filed, solved = and_(_within(Ticket.created_at, start, end), real), and_(_within(Ticket.solved_at, start, end), real)
    handed = select(HandOff.id).where(HandOff.ticket_id == Ticket.id).exists()
    causes_answered, causes_of_one = _by_people(start, end)
    active, active_with_action = _in_work()
    published, published_of_one = content_figures.published()
    replies, replies_citing = _replies(start, end)
    return DeskFigures(
        by_cause=dict(_rows(select(Ticket.cause, func.count()).where(filed).group_by(Ticket.cause))),
        filed=_times(filed),
        solved=_times(solved),
        solved_with_article=_number(select(func.count()).select_from(Ticket).where(solved, Ticket.article_id.is_not(None))),
        reopened=frozenset(db.session.scalars(_reopenings(filed))),
        staff_replies={ticket: count for ticket, count in _rows(_staff_replies(filed)) if count},
        confirmed=_number(_confirmed(filed)),
        self_service=dict(_rows(_self_service(start, end))),
        answers_shown=_shown(start, end),
        handed=_number(select(func.count(HandOff.id)).join(Ticket, Ticket.id == HandOff.ticket_id).where(filed)),
        evidence=completeness(desk_evidence.present(filed), required or {}),
        evidence_handed=completeness(desk_evidence.present(and_(filed, handed)), required or {}),
        repeats=_repeats(filed),
        replies=replies,
        replies_citing=replies_citing,
        causes_answered=causes_answered,
        causes_of_one=causes_of_one,
        wording=content_figures.removals(start, end),
        converted=content_figures.converted(start, end),
        approvals=claims.approvals_ended(start, end),
        disputes=claims.claims_made(start, end),
        active=active,
        active_with_action=active_with_action,
        published=published,
        published_of_one=published_of_one,
        ratings=ratings(start, end),
    )


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


def _times(condition: ColumnElement[bool]) -> list[TicketTimes]:
    columns = (Ticket.id, Ticket.created_at, Ticket.first_replied_at, Ticket.solved_at, Ticket.queue)
    return [TicketTimes(*row) for row in db.session.execute(select(*columns).where(condition))]


def _reopenings(filed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Tickets that were solved and then opened again, by whomever."""
    again = and_(Change.what == "state", Change.before.not_in({*ACTIVE, *SET_ASIDE}), Change.after.in_(ACTIVE))
    return select(Change.ticket_id).join(Ticket, Ticket.id == Change.ticket_id).where(filed, again).distinct()


def _staff_replies(filed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    by_staff = func.count().filter(Reply.by_staff)  # no condition: that would lead the search through every reply of staff
    return select(Reply.ticket_id, by_staff).join(Ticket, Ticket.id == Reply.ticket_id).where(filed).group_by(Reply.ticket_id)


def _confirmed(filed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    matches = select(func.count(distinct(TicketMatch.ticket_id))).join(Ticket, Ticket.id == TicketMatch.ticket_id)
    return matches.where(filed, TicketMatch.decision == "confirmed")


def _self_service(start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    return select(SelfService.solved, func.count()).where(_within(SelfService.at, start, end)).group_by(SelfService.solved)


def _shown(start: datetime, end: datetime) -> int:
    """Answers shown, in whole hours."""
    first, last = int(start.timestamp()) // 3600, -(-int(end.timestamp()) // 3600)
    return int(db.session.scalar(select(func.sum(ShownAnswer.shown)).where(ShownAnswer.hour >= first, ShownAnswer.hour < last)) or 0)


def _repeats(filed: ColumnElement[bool]) -> int:
    """Tickets filed although a published article had answered their cause before."""
    known = answered_causes()
    rows = db.session.execute(select(Ticket.cause, Ticket.created_at).where(filed, Ticket.cause.in_(known)))
    return sum(1 for cause, created_at in rows if cause and created_at > known[cause])


def _replies(start: datetime, end: datetime) -> tuple[int, int]:
    """Public answers by staff in the span, and those that cite an article."""
    query = select(func.count(), func.count(Reply.article_id)).where(Reply.by_staff, _within(Reply.created_at, start, end))
    row = db.session.execute(query).one()
    return row[0], row[1]


def _by_people(start: datetime, end: datetime) -> tuple[int, int]:
    """Causes with enough tickets answered in the span, and those of them that one person alone answered."""
    people = func.count(distinct(Reply.author_id))
    query = select(people).join(Ticket, Ticket.id == Reply.ticket_id).where(Reply.by_staff, Ticket.cause.is_not(None))
    enough = query.where(_within(Reply.created_at, start, end)).group_by(Ticket.cause).having(func.count(distinct(Ticket.id)) >= FEWEST)
    found = list(db.session.scalars(enough))
    return len(found), sum(1 for number in found if number == 1)


def _in_work() -> tuple[int, int]:
    """Tickets in work now, and those of them with an agreed next action."""
    row = db.session.execute(select(func.count(), func.count(Ticket.next_due)).where(Ticket.state.in_(ACTIVE))).one()
    return row[0], row[1]


def _rows(query: Select[*tuple[Any, ...]]) -> list[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _number(query: Select[*tuple[Any, ...]]) -> int:
    return db.session.scalar(query) or 0
