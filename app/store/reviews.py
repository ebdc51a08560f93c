"""What a review reads from the desk's own tables, and what people said in reviews."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.core.ticket import ACTIVE, SET_ASIDE
from app.store.database import db
from app.store.models import Article, ArticleCause, Ticket
from app.store.models_articles import MissedSearch
from app.store.models_desk import NextAction, Notice
from app.store.models_incidents import Incident
from app.store.models_reviews import Decision, Review

LIMIT = 50


def review(week: str) -> Review | None:
    """The review of a week, if anybody said anything."""
    return db.session.scalar(select(Review).options(joinedload(Review.closed_by)).where(Review.week == week))


def by_id(number: int) -> Review | None:
    """One review."""
    return db.session.get(Review, number)


def was_reminded(number: int) -> bool:
    """Whether anybody was told that this review is due."""
    told = (Notice.about == "review", Notice.about_id == number, Notice.kind == "review_due")
    return db.session.scalar(select(Notice.id).where(*told).limit(1)) is not None


def closed_weeks(limit: int = LIMIT) -> Sequence[Review]:
    """Closed reviews, the newest first."""
    return db.session.scalars(select(Review).where(Review.closed_at.is_not(None)).order_by(Review.week.desc()).limit(limit)).all()


def first_ticket_at() -> datetime | None:
    """When the desk's first ticket was filed."""
    return db.session.scalar(select(func.min(Ticket.created_at)))


def open_decisions(week: str) -> Sequence[Decision]:
    """Decisions of this week and of earlier ones that are not ended, and those ended that were made this week."""
    shown = (Decision.week <= week) & (Decision.ended_at.is_(None) | (Decision.week == week))
    people = (joinedload(Decision.owner), joinedload(Decision.backup))
    return db.session.scalars(select(Decision).options(*people).where(shown).order_by(Decision.due, Decision.id)).all()


def decision(number: int) -> Decision | None:
    """One decision."""
    return db.session.get(Decision, number)


def incidents_of(start: datetime, end: datetime) -> Sequence[Incident]:
    """Incidents that began in the span."""
    began = (Incident.started_at >= start, Incident.started_at < end, Incident.state != "dismissed")
    return db.session.scalars(select(Incident).where(*began).order_by(Incident.started_at).limit(LIMIT)).all()


def tickets_of_causes(causes: Sequence[str], start: datetime, end: datetime) -> Sequence[int]:
    """Numbers of tickets of these causes filed in the span."""
    real = (Ticket.created_at >= start, Ticket.created_at < end, Ticket.state.not_in(SET_ASIDE))
    filed = select(Ticket.id).where(Ticket.cause.in_(causes), *real)
    return db.session.scalars(filed.order_by(Ticket.id).limit(LIMIT)).all()


def answered_causes() -> dict[str, datetime]:
    """Cause → since when a published article answers it."""
    since = select(ArticleCause.cause, func.min(Article.published_at)).join(Article, Article.id == ArticleCause.article_id)
    published = since.where(Article.state == "published", Article.published_at.is_not(None)).group_by(ArticleCause.cause)
    return {row[0]: row[1] for row in db.session.execute(published) if row[1] is not None}


def unassigned() -> Sequence[int]:
    """Numbers of active tickets nobody has taken."""
    return db.session.scalars(
        select(Ticket.id).where(Ticket.state.in_(ACTIVE), Ticket.assignee_id.is_(None)).order_by(Ticket.id).limit(LIMIT)
    ).all()


def without_next_action() -> Sequence[int]:
    """Numbers of active tickets without an agreed next action."""
    agreed = select(NextAction.id).where(NextAction.ticket_id == Ticket.id, NextAction.ended_at.is_(None)).exists()
    return db.session.scalars(select(Ticket.id).where(Ticket.state.in_(ACTIVE), ~agreed).order_by(Ticket.id).limit(LIMIT)).all()


def missed_words(start: datetime, end: datetime, limit: int) -> list[tuple[str, int]]:
    """Words last searched for in vain in the span, the most frequent first."""
    missed = select(MissedSearch).where(MissedSearch.last_at >= start, MissedSearch.last_at < end)
    return [(str(row.word), row.count) for row in db.session.scalars(missed.order_by(MissedSearch.count.desc()).limit(limit))]


def stale_articles(day: str, limit: int) -> list[tuple[int, str, str]]:
    """(id, title, due) of published articles whose review was due before `day`."""
    due = select(Article).where(Article.state == "published", Article.review_due.is_not(None), Article.review_due <= day)
    return [
        (row.id, str(row.title), row.review_due or "")
        for row in db.session.scalars(due.order_by(Article.review_due, Article.id).limit(limit))
    ]
