"""What the desk's own tables say of a span: counted by the database, a fixed number of queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, func, select

from app.core.desk_metrics import DeskFigures, TicketTimes
from app.core.ticket import ACTIVE
from app.store.database import db
from app.store.models import Change, Reply, SelfService, Ticket, TicketMatch


def desk_figures(start: datetime, end: datetime) -> DeskFigures:
    """Count what happened from `start` to before `end`."""
    filed, solved = _within(Ticket.created_at, start, end), _within(Ticket.solved_at, start, end)
    return DeskFigures(
        by_cause=dict(_rows(select(Ticket.cause, func.count()).where(filed).group_by(Ticket.cause))),
        filed=_times(filed),
        solved=_times(solved),
        solved_with_article=_number(select(func.count()).select_from(Ticket).where(solved, Ticket.article_id.is_not(None))),
        reopened=frozenset(db.session.scalars(_reopenings(filed))),
        staff_replies=dict(_rows(_staff_replies(filed))),
        confirmed=_number(_confirmed(filed)),
        self_service=dict(_rows(_self_service(start, end))),
    )


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


def _times(condition: ColumnElement[bool]) -> list[TicketTimes]:
    columns = (Ticket.id, Ticket.created_at, Ticket.first_replied_at, Ticket.solved_at)
    return [TicketTimes(*row) for row in db.session.execute(select(*columns).where(condition))]


def _reopenings(filed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Tickets that were solved and then opened again, by whomever."""
    again = and_(Change.what == "state", Change.before.not_in(ACTIVE), Change.after.in_(ACTIVE))
    return select(Change.ticket_id).join(Ticket, Ticket.id == Change.ticket_id).where(filed, again).distinct()


def _staff_replies(filed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    replies = select(Reply.ticket_id, func.count()).join(Ticket, Ticket.id == Reply.ticket_id)
    return replies.where(filed, Reply.by_staff).group_by(Reply.ticket_id)


def _confirmed(filed: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    matches = select(func.count(distinct(TicketMatch.ticket_id))).join(Ticket, Ticket.id == TicketMatch.ticket_id)
    return matches.where(filed, TicketMatch.decision == "confirmed")


def _self_service(start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    return select(SelfService.solved, func.count()).where(_within(SelfService.at, start, end)).group_by(SelfService.solved)


def _rows(query: Select[*tuple[Any, ...]]) -> list[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]


def _number(query: Select[*tuple[Any, ...]]) -> int:
    return db.session.scalar(query) or 0
