"""Runs of checklists with their ticks: every tick and every taking back is kept, the newest counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload

from app.core.article import ArticleState
from app.store.database import db
from app.store.models import Article
from app.store.models_content import ChecklistRun, ChecklistTick
from app.store.plain_rows import plain_rows

SHOWN = 20
_OF_TICKET = select(ChecklistRun).options(joinedload(ChecklistRun.started_by)).where(ChecklistRun.ticket_id == bindparam("number"))
_OF_TICKET = _OF_TICKET.order_by(ChecklistRun.id)
_PUBLISHED = select(Article.id, Article.title).where(Article.kind == "checklist", Article.language == bindparam("language"))
_PUBLISHED = _PUBLISHED.where(Article.state == ArticleState.PUBLISHED).order_by(Article.title)


@dataclass(frozen=True, slots=True)
class ChecklistName:
    """A checklist as a list of names needs it."""

    id: int
    title: str


def run(run_id: int) -> ChecklistRun | None:
    """One run with its people and its article."""
    people = (joinedload(ChecklistRun.started_by), joinedload(ChecklistRun.finished_by), joinedload(ChecklistRun.article))
    return db.session.scalar(select(ChecklistRun).options(*people).where(ChecklistRun.id == run_id))


def of_article(article_id: int, limit: int = SHOWN) -> Sequence[ChecklistRun]:
    """The newest runs of a checklist, those under way first."""
    query = select(ChecklistRun).options(joinedload(ChecklistRun.started_by)).where(ChecklistRun.article_id == article_id)
    return db.session.scalars(query.order_by(ChecklistRun.finished_at.is_not(None), ChecklistRun.id.desc()).limit(limit)).all()


def of_ticket(ticket_id: int) -> Sequence[ChecklistRun]:
    """A ticket's runs, oldest first."""
    return db.session.scalars(_OF_TICKET, {"number": ticket_id}).all()


def ticks(run_id: int) -> Mapping[str, ChecklistTick]:
    """Point → its newest row, with who made it."""
    last = select(func.max(ChecklistTick.id)).where(ChecklistTick.run_id == run_id).group_by(ChecklistTick.point)
    rows = db.session.scalars(select(ChecklistTick).options(joinedload(ChecklistTick.actor)).where(ChecklistTick.id.in_(last)))
    return {row.point: row for row in rows}


def ticked_counts(run_ids: Collection[int]) -> dict[int, int]:
    """Run → how many of its points are ticked."""
    if not run_ids:
        return {}
    last = select(func.max(ChecklistTick.id)).where(ChecklistTick.run_id.in_(run_ids)).group_by(ChecklistTick.run_id, ChecklistTick.point)
    query = select(ChecklistTick.run_id, func.count()).where(ChecklistTick.id.in_(last), ChecklistTick.done.is_(True))
    rows = db.session.execute(query.group_by(ChecklistTick.run_id))
    return {row[0]: row[1] for row in rows}


def published(language: str) -> list[ChecklistName]:
    """The checklists that can be run, by title."""
    return [ChecklistName(*row) for row in plain_rows(_PUBLISHED, language=language)]
