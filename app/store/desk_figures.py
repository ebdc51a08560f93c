"""What the desk's own tables say of a span of whole hours: tickets and answers from their slots, the rest counted as it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.core.desk_cells import FACTS, LACKABLE, SOLVED, DeskCell, causes_answered, count_of, solved_count
from app.core.desk_metrics import DeskFigures, completeness
from app.core.metrics import FEWEST
from app.core.satisfaction import Ratings
from app.core.ticket import ACTIVE, SET_ASIDE
from app.core.waits import Waits
from app.store import claims, content_figures
from app.store.database import db
from app.store.desk_slots import desk_cell
from app.store.models import SelfService, Ticket
from app.store.models_tallies import ShownAnswer
from app.store.reviews import answered_causes


@dataclass(frozen=True, slots=True)
class Standing:
    """What is of this moment, whatever the span: read once for several."""

    in_work: tuple[int, int]  # tickets, and those of them with an agreed next action
    published: tuple[int, int]  # articles, and those of them of one person
    answered: Mapping[str, datetime]  # cause → since when a published article answers it


def standing() -> Standing:
    """How things stand."""
    return Standing(_in_work(), content_figures.published(), answered_causes())


def desk_figures(
    start: datetime, end: datetime, required: Mapping[str, Sequence[str]] | None = None, now: Standing | None = None
) -> DeskFigures:
    """Count what happened from `start` to before `end`. required: cause → the facts it needs."""
    cell, now = desk_cell(start, end), now or standing()
    answered, of_one = causes_answered(cell.answered, FEWEST)
    return DeskFigures(
        **_of_tickets(cell, required or {}),
        repeats=_repeats(cell, now.answered, start, end),
        causes_answered=answered,
        causes_of_one=of_one,
        self_service=dict(_rows(_self_service(start, end))),
        answers_shown=_shown(start, end),
        wording=content_figures.removals(start, end),
        converted=content_figures.converted(start, end),
        approvals=claims.approvals_ended(start, end),
        disputes=claims.claims_made(start, end),
        active=now.in_work[0],
        active_with_action=now.in_work[1],
        published=now.published[0],
        published_of_one=now.published[1],
    )


def _of_tickets(cell: DeskCell, required: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What the slots know."""
    whole, solved = sum(cell.filed.values()), {name: solved_count(cell.solved, name) for name in SOLVED}
    filed = count_of(whole, "tickets")
    return {
        "by_cause": {cause or None: count_of(counts, "tickets") for cause, counts in cell.filed.items()},
        "filed": filed,
        "solved": solved["tickets"],
        "first_waits": Waits(cell.first_waits),
        "business_waits": Waits(cell.business_waits),
        "solve_waits": Waits(cell.solve_waits),
        "solved_with_article": solved["with_article"],
        "ratings": Ratings(solved["tickets"], solved["rated"], solved["rated_good"]),
        **{name: count_of(whole, name) for name in ("ever_solved", "reopened", "one_touch", "confirmed")},
        "handed": count_of(whole, "hand_offs"),
        "evidence": completeness(_present(cell, "tickets", "has"), required),
        "evidence_handed": completeness(_present(cell, "handed", "handed"), required),
        "lacking": {name: filed - count_of(whole, f"has_{name}") for name in LACKABLE},
        "replies": sum(told.replies for told in cell.answered.values()),
        "replies_citing": sum(told.citing for told in cell.answered.values()),
    }


def _present(cell: DeskCell, tickets: str, facts: str) -> dict[str | None, tuple[int, dict[str, int]]]:
    """Cause → (tickets, fact → how many of them have it)."""
    return {
        cause or None: (count_of(counts, tickets), {name: count_of(counts, f"{facts}_{name}") for name in FACTS})
        for cause, counts in cell.filed.items()
    }


def _repeats(cell: DeskCell, known: Mapping[str, datetime], start: datetime, end: datetime) -> int:
    """Tickets filed although a published article had answered their cause before."""
    long_known = sum(count_of(counts, "tickets") for cause, counts in cell.filed.items() if cause in known and known[cause] < start)
    return long_known + _filed_after({cause: since for cause, since in known.items() if cause in cell.filed and start <= since < end}, end)


def _filed_after(since: Mapping[str, datetime], end: datetime) -> int:
    """Tickets of causes that got their article within the span, filed after it."""
    if not since:
        return 0
    causes: dict[datetime, list[str]] = {}
    for cause, at in since.items():
        causes.setdefault(at, []).append(cause)
    filed = or_(*(and_(Ticket.cause.in_(some), Ticket.created_at > at, Ticket.created_at < end) for at, some in causes.items()))
    return db.session.scalar(select(func.count()).select_from(Ticket).where(filed, Ticket.state.not_in(SET_ASIDE))) or 0


def _within(column: Any, start: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


def _self_service(start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    return select(SelfService.solved, func.count()).where(_within(SelfService.at, start, end)).group_by(SelfService.solved)


def _shown(start: datetime, end: datetime) -> int:
    """Answers shown, in whole hours."""
    first, last = int(start.timestamp()) // 3600, -(-int(end.timestamp()) // 3600)
    return int(db.session.scalar(select(func.sum(ShownAnswer.shown)).where(ShownAnswer.hour >= first, ShownAnswer.hour < last)) or 0)


def _in_work() -> tuple[int, int]:
    """Tickets in work now, and those of them with an agreed next action."""
    row = db.session.execute(select(func.count(), func.count(Ticket.next_due)).where(Ticket.state.in_(ACTIVE))).one()
    return row[0], row[1]


def _rows(query: Select[*tuple[Any, ...]]) -> Iterable[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in db.session.execute(query)]
