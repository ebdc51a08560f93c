"""Find warnings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.store.database import db
from app.store.models_warnings import DeskWarning

PAGE = 50


def by_id(number: int) -> DeskWarning | None:
    """One warning."""
    return db.session.get(DeskWarning, number)


def latest_of(rule: str, subject: str) -> DeskWarning | None:
    """The newest warning of this kind about this, whatever became of it."""
    alike = (DeskWarning.rule == rule, DeskWarning.subject == subject)
    return db.session.scalar(select(DeskWarning).where(*alike).order_by(DeskWarning.id.desc()).limit(1))


def standing(rules: Sequence[str], limit: int = PAGE) -> Sequence[DeskWarning]:
    """Warnings of these kinds that nobody dismissed, the last seen first."""
    found = select(DeskWarning).where(DeskWarning.rule.in_(rules), DeskWarning.dismissed_at.is_(None))
    return db.session.scalars(found.order_by(DeskWarning.last_seen_at.desc(), DeskWarning.id.desc()).limit(limit)).all()


def dismissed(rules: Sequence[str], limit: int = PAGE) -> Sequence[DeskWarning]:
    """Warnings of these kinds that somebody dismissed, the latest first, with who did."""
    found = select(DeskWarning).options(joinedload(DeskWarning.dismissed_by)).where(DeskWarning.rule.in_(rules))
    return db.session.scalars(
        found.where(DeskWarning.dismissed_at.is_not(None)).order_by(DeskWarning.dismissed_at.desc()).limit(limit)
    ).all()


def seen_between(rules: Sequence[str], start: datetime, end: datetime, limit: int = PAGE) -> Sequence[DeskWarning]:
    """Warnings of these kinds that held at some time from `start` to before `end`: what a review is filled with."""
    held = (DeskWarning.started_at < end, DeskWarning.last_seen_at >= start)
    found = select(DeskWarning).where(DeskWarning.rule.in_(rules), *held)
    return db.session.scalars(found.order_by(DeskWarning.last_seen_at.desc(), DeskWarning.id.desc()).limit(limit)).all()
