"""The weekly review: filled in by itself, decided by people, frozen when it is closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.core.desk_metrics import desk_metrics
from app.core.metrics import add_up, gateway_metrics
from app.core.redacted_text import RedactedText
from app.core.review import MOST_ROWS, Counted, WeekFacts, cost, keep, pairs, ranked
from app.core.rollups import Dimension, Figures
from app.core.rulebook import Rulebook
from app.core.week import Week
from app.operations.audit import record
from app.store import reviews
from app.store.database import db
from app.store.desk_figures import desk_figures
from app.store.logs import LogStore
from app.store.models import User
from app.store.models_reviews import Decision, Review

BOXES = ("repeated_questions", "missing_fields", "unclear_ownership", "needs_a_person")
GATEWAY_FIGURES = ("success_rate", "service_success_rate", "interruption_rate", "latency_p95", "charged_failures", "cost")
DESK_FIGURES = ("tickets", "first_response", "resolution", "reopen_rate", "self_service", "link_rate")
DISPUTES = ("charged-but-failed", "usage-or-billing-mismatch", "duplicate-submission")
MOST_VALUES = 500


class ReviewClosed(Exception):
    """A closed review stays as it was."""


def week_facts(week: Week, rulebook: Rulebook, log_store: LogStore) -> WeekFacts:
    """Everything a review is filled with, from the roll-ups and the desk's tables: a fixed number of look-ups."""
    now, before = _traffic(week, log_store), _traffic(week.before, log_store)
    desk_now, desk_before = desk_figures(week.start, week.end), desk_figures(week.before.start, week.before.end)
    tickets_now, tickets_before = _by_class(desk_now.by_cause, rulebook), _by_class(desk_before.by_cause, rulebook)
    all_now, all_before = add_up(now[Dimension.MODEL].values()), add_up(before[Dimension.MODEL].values())
    models, groups = (now[dimension] for dimension in (Dimension.MODEL, Dimension.GROUP))
    models_before, groups_before = (before[dimension] for dimension in (Dimension.MODEL, Dimension.GROUP))
    return WeekFacts(
        requests=Counted("requests", all_now.requests, all_before.requests),
        metrics=(
            *pairs(gateway_metrics(all_now), gateway_metrics(all_before), GATEWAY_FIGURES),
            *pairs(desk_metrics(desk_now), desk_metrics(desk_before), DESK_FIGURES),
        ),
        costliest_models=ranked(_costs(models), _costs(models_before)),
        costliest_groups=ranked(_costs(groups), _costs(groups_before)),
        most_retried=ranked(_retries(models), _retries(models_before)),
        failures=ranked(_classes(all_now), _classes(all_before)),
        tickets=ranked(tickets_now, tickets_before),
        incidents=tuple(
            (incident.id, incident.failure, str(incident.value), sum(entry["count"] for entry in incident.hours))
            for incident in reviews.incidents_of(week.start, week.end)
        ),
        disputes=tuple(reviews.tickets_of_causes(DISPUTES, week.start, week.end)),
        repeated=_repeated(desk_now.by_cause, desk_before.by_cause, week),
        missing=ranked(reviews.lacking(week.start, week.end), reviews.lacking(week.before.start, week.before.end)),
        unassigned=tuple(reviews.unassigned()),
        without_action=tuple(reviews.without_next_action()),
        missed_words=tuple(reviews.missed_words(week.start, week.end, MOST_ROWS)),
        stale_articles=tuple(reviews.stale_articles(week.end.date().isoformat(), MOST_ROWS)),
    )


def note_findings(week: Week, findings: Mapping[str, RedactedText], actor: User, now: datetime) -> None:
    """Keep what people found, box by box. Raises ReviewClosed."""
    review = _open_review(week)
    for box in BOXES:
        setattr(review, box, findings.get(box) or None)
    record("note", "review", str(week), now, actor)
    db.session.commit()


def decide(week: Week, what: RedactedText, owner_id: int, backup_id: int | None, due: str, actor: User, now: datetime) -> Decision:
    """Decide something: who does it until when. Raises ReviewClosed."""
    _open_review(week)
    decision = Decision(week=str(week), what=what, owner_id=owner_id, backup_id=backup_id, due=due, made_by_id=actor.id, created_at=now)
    db.session.add(decision)
    db.session.commit()
    return decision


def end_decision(decision: Decision, done: bool, actor: User, now: datetime) -> None:
    """It is done, or dropped; it is carried over no more."""
    if decision.ended_at is None:
        decision.ended_at, decision.ended_by_id, decision.done = now, actor.id, done
        record("done" if done else "drop", "decision", decision.id, now, actor)
        db.session.commit()


def close(week: Week, rulebook: Rulebook, log_store: LogStore, actor: User, now: datetime) -> None:
    """Freeze the week's figures as they stand. Raises ReviewClosed."""
    review = _open_review(week)
    review.snapshot = keep(week_facts(week, rulebook, log_store))
    review.closed_at, review.closed_by_id = now, actor.id
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


def _traffic(week: Week, log_store: LogStore) -> dict[Dimension, dict[str, Figures]]:
    """The week's figures by model and by group."""
    return {
        dimension: {total.value: total.figures for total in log_store.totals(dimension, week.start, week.end, MOST_VALUES)}
        for dimension in (Dimension.MODEL, Dimension.GROUP)
    }


def _costs(by_value: Mapping[str, Figures]) -> dict[str, float]:
    return {value: cost(figures) for value, figures in by_value.items() if value}


def _retries(by_value: Mapping[str, Figures]) -> dict[str, float]:
    return {value: figures.retries for value, figures in by_value.items()}


def _classes(figures: Figures) -> dict[str, float]:
    return {name.value: count for name, count in figures.by_class().items()}


def _by_class(by_cause: Mapping[str | None, int], rulebook: Rulebook) -> dict[str, float]:
    """Tickets by class of their cause."""
    causes, counts = rulebook.causes.causes, dict[str, float]()
    for cause, tickets in by_cause.items():
        known = causes.get(cause or "")
        name = rulebook.metrics.class_of_family(known.family) if known else "other"
        counts[name] = counts.get(name, 0) + tickets
    return counts


def _repeated(now: Mapping[str | None, int], before: Mapping[str | None, int], week: Week) -> tuple[Counted, ...]:
    """Causes asked about although an article has answered them since before the week."""
    answered = {cause for cause, since in reviews.answered_causes().items() if since < week.start}
    asked = {cause: float(tickets) for cause, tickets in now.items() if cause in answered and cause is not None}
    return ranked(asked, {cause: float(tickets) for cause, tickets in before.items() if cause is not None})
