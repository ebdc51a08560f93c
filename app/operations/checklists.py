"""Go through a checklist: begin a run, tick its points, note something, end it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from app.core.article import ArticleState, fill_in
from app.core.checklist import Point, is_finished, points
from app.core.redacted_text import RedactedText
from app.core.redaction import Redactor
from app.operations.audit import record
from app.store import checklists
from app.store.database import db
from app.store.models import Article, Change, Ticket, User
from app.store.models_content import ChecklistRun, ChecklistTick


class NothingToTick(ValueError):
    """Only a published checklist with points can be run."""


class Ended(ValueError):
    """A run that ended is changed no more; it can be taken up again."""


class OpenPoints(ValueError):
    """A run that ends with points open says why in its note."""


def begin_run(
    article: Article, ticket: Ticket | None, actor: User, redactor: Redactor, now: datetime, gateway: tuple[str, str]
) -> ChecklistRun:
    """Begin with the points as they are published today; later changes of the checklist do not reach the run. Raises NothingToTick."""
    wanted = points(fill_in(article.body, *gateway)) if article.kind == "checklist" and article.state == ArticleState.PUBLISHED else ()
    if not wanted:
        raise NothingToTick("no points")
    run = ChecklistRun(
        article_id=article.id,
        version=article.version,
        title=article.title,
        points=[_clean(point, redactor) for point in wanted],
        ticket_id=ticket.id if ticket else None,
        started_by_id=actor.id,
        started_at=now,
    )
    db.session.add(run)
    db.session.flush()
    _note(run, "started", actor, now)
    db.session.commit()
    return run


def tick_point(run: ChecklistRun, point: str, actor: User, now: datetime, *, done: bool) -> None:
    """Say that a point is done, or that it is not after all. Raises Ended, and KeyError for a point the run does not have."""
    _check_open(run)
    if point not in {each["id"] for each in run.points}:
        raise KeyError(point)
    db.session.add(ChecklistTick(run_id=run.id, point=point, done=done, actor_id=actor.id, at=now))
    db.session.commit()


def note_on_run(run: ChecklistRun, note: RedactedText | None) -> None:
    """Keep what there is to say about the run. Raises Ended."""
    _check_open(run)
    run.note = note
    db.session.commit()


def end_run(run: ChecklistRun, actor: User, now: datetime) -> None:
    """The run is over. Raises OpenPoints when points are open and nothing says why, Ended."""
    _check_open(run)
    ticked = [point for point, tick in checklists.ticks(run.id).items() if tick.done]
    if not run.note and not is_finished([Point(**each) for each in run.points], ticked):
        raise OpenPoints("points are open")
    run.finished_at, run.finished_by_id = now, actor.id
    _note(run, "ended", actor, now)
    db.session.commit()


def reopen_run(run: ChecklistRun, actor: User, now: datetime) -> None:
    """Go on with a run that ended."""
    run.finished_at = run.finished_by_id = None
    _note(run, "reopened", actor, now)
    db.session.commit()


def _check_open(run: ChecklistRun) -> None:
    if run.finished_at is not None:
        raise Ended("the run ended")


def _note(run: ChecklistRun, what: str, actor: User, now: datetime) -> None:
    """The audit, and the ticket's history where there is a ticket, say so."""
    record(f"checklist_{what}", "checklist_run", run.id, now, actor)
    if run.ticket_id is not None:
        db.session.add(Change(ticket_id=run.ticket_id, actor_id=actor.id, what="checklist", before=None, after=what, created_at=now))


def _clean(point: Point, redactor: Redactor) -> dict[str, str]:
    return {name: str(redactor.clean(text)) if name != "id" else text for name, text in asdict(point).items()}
