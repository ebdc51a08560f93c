"""The weekly review: filled in by itself, decided by people, frozen when it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.redacted_text import RedactedText
from app.core.review import keep
from app.core.roles import Role, sees_amounts
from app.core.rulebook import Rulebook
from app.core.week import Week
from app.operations.audit import record
from app.operations.notices import tell_about
from app.operations.week_facts import week_facts
from app.store import reviews, users
from app.store.database import db
from app.store.logs import LogStore
from app.store.models import User
from app.store.models_reviews import Decision, Review

BOXES = ("repeated_questions", "missing_fields", "unclear_ownership", "needs_a_person")


@dataclass(frozen=True, slots=True)
class DecisionWish:
    """What is decided and why, what else was considered, who does it, who stands in, until when."""

    what: RedactedText
    why: RedactedText | None
    instead: RedactedText | None
    owner_id: int
    backup_id: int | None
    due: str  # ISO date


class ReviewClosed(Exception):
    """A closed review stays as it was."""


def note_findings(week: Week, findings: Mapping[str, RedactedText], actor: User, now: datetime) -> None:
    """Keep what people found, box by box. Raises ReviewClosed."""
    review = _open_review(week)
    for box in BOXES:
        setattr(review, box, findings.get(box) or None)
    record("note", "review", str(week), now, actor)
    db.session.commit()


def decide(week: Week, wish: DecisionWish, actor: User, now: datetime) -> Decision:
    """Decide something; its owner and backup hear of it. Raises ReviewClosed."""
    review = _open_review(week)
    decision = Decision(
        week=str(week), what=wish.what, why=wish.why, instead=wish.instead, owner_id=wish.owner_id, backup_id=wish.backup_id,
        due=wish.due, made_by_id=actor.id, created_at=now,
    )  # fmt: skip
    db.session.add(decision)
    db.session.flush()
    tell_about([person for person in (wish.owner_id, wish.backup_id) if person != actor.id], "review", review.id, "decision", now)
    record("decide", "decision", decision.id, now, actor)
    db.session.commit()
    return decision


def end_decision(decision: Decision, done: bool, actor: User, now: datetime) -> None:
    """It is done, or dropped; it is carried over no more."""
    if decision.ended_at is None:
        decision.ended_at, decision.ended_by_id, decision.done = now, actor.id, done
        record("done" if done else "drop", "decision", decision.id, now, actor)
        db.session.commit()


def close(week: Week, rulebook: Rulebook, log_store: LogStore, actor: User, now: datetime) -> None:
    """Freeze the week's figures as they stand; the desk hears of it. Raises ReviewClosed."""
    review = _open_review(week)
    review.snapshot = keep(week_facts(week, rulebook, log_store, now))
    review.closed_at, review.closed_by_id = now, actor.id
    tell_about([user.id for user in users.staff() if user.id != actor.id], "review", review.id, "review_closed", now)
    record("close", "review", str(week), now, actor)
    db.session.commit()


def missed_weeks(now: datetime, limit: int = 8) -> list[Week]:
    """Ended weeks since the first ticket whose review nobody closed, the newest first."""
    first = reviews.first_ticket_at()
    if first is None:
        return []
    closed = {review.week for review in reviews.closed_weeks()}
    week, missed = Week.of(now).before, list[Week]()
    while week >= Week.of(first) and len(missed) < limit:
        if str(week) not in closed:
            missed.append(week)
        week = week.before
    return missed


def remind(now: datetime) -> int:
    """Tell those who see amounts that nobody has closed last week's review: once. Returns how many were told."""
    missed = missed_weeks(now, 1)
    if not missed or missed[0] != Week.of(now).before:
        return 0
    review = _open_review(missed[0])
    people = [user.id for user in users.staff() if sees_amounts(Role(user.role))] if not reviews.was_reminded(review.id) else []
    tell_about(people, "review", review.id, "review_due", now)
    db.session.commit()
    return len(people)


def _open_review(week: Week) -> Review:
    """The week's row, made when it is not there yet."""
    review = reviews.review(str(week))
    if review is None:
        review = Review(week=str(week))
        db.session.add(review)
        db.session.flush()
    if review.closed_at is not None:
        raise ReviewClosed
    return review
