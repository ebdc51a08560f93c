"""Fill a week's review from the roll-ups, the hours counted by key and the desk's tables: a fixed number of look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.change import Change, of_times
from app.core.desk_metrics import DeskFigures, Traffic, desk_metrics, in_minutes
from app.core.failure_class import FailureClass
from app.core.key_slots import KeyCounts
from app.core.metrics import Metric, add_up, gateway_metrics, key_metrics
from app.core.review import (
    MOST_ROWS,
    DisputeLine,
    KeyCounted,
    WeekFacts,
    change_of,
    compared,
    compared_share,
    cost,
    pairs,
    ranked,
)
from app.core.rollups import Dimension, Figures
from app.core.rulebook import Rulebook
from app.core.ticket_query import FACTS
from app.core.week import DAYS, Week
from app.store import claims, desk_warnings, key_slots, key_tallies, keys, reviews
from app.store.desk_figures import Standing, desk_figures, standing
from app.store.logs import LogStore

GATEWAY_FIGURES = ("success_rate", "service_success_rate", "interruption_rate", "latency_p95", "fallbacks", "charged_failures", "cost")
KEY_FIGURES = ("failing_keys", "tries_again", "tries_again_failed")
DESK_FIGURES = (
    *("tickets", "first_response", "first_response_business", "resolution", "reopen_rate", "one_touch", "self_service", "repeat_rate"),
    *("link_rate", "evidence", "next_action", "disputes", "approval_rate", "converted", "one_person", "satisfaction"),
)
MONEY_CAUSES = ("charged-but-failed", "usage-or-billing-mismatch", "duplicate-submission")
PARTS = ("requests", "active", "side", "failure", "again", "again_failed", "cost", "refund")  # of what is counted by key
MOST_VALUES = 5000
COVERED = 0.5  # of the hours with traffic: with fewer the log is younger than the week before


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Side:
    """Everything counted of one of the two weeks."""

    span: Span
    models: Mapping[str, Figures]
    groups: Mapping[str, Figures]
    whole: Figures
    hours: int  # with any request
    desk: DeskFigures
    keys: KeyCounts
    metrics: Mapping[str, Metric]

    @property
    def uncounted(self) -> int:
        """Requests of the log that are not yet counted by key."""
        return max(0, self.whole.requests - self.keys.requests())


def week_facts(week: Week, rulebook: Rulebook, log_store: LogStore, now: datetime) -> WeekFacts:
    """Everything a review is filled with. A week under way is compared with the same part of the week before."""
    span = Span(week.start, min(week.end, _next_hour(now)))
    as_it_is = standing()
    new, old = (_side(each, rulebook, log_store, as_it_is) for each in (span, Span(span.start - DAYS, span.end - DAYS)))
    first = reviews.first_ticket_at()
    log_before, desk_before = old.hours >= COVERED * new.hours, first is not None and first <= old.span.start
    metrics = pairs(new.metrics, old.metrics, (*GATEWAY_FIGURES, *KEY_FIGURES, *DESK_FIGURES))
    return WeekFacts(
        requests=compared("requests", new.whole.requests, old.whole.requests, tested=False),
        metrics=metrics,
        changes=_changes(metrics, new, old, rulebook) | _unsaid(log_before, desk_before),
        log_before=log_before,
        desk_before=desk_before,
        uncounted=new.uncounted,
        until=span.end.isoformat(),
        **_money(new, old),
        **_troubles(new, old, rulebook, log_before=log_before, desk_before=desk_before),
        **_talk(new, old, week, as_it_is.answered, tested=desk_before),
        **_open_ends(span, now),
    )


def _side(span: Span, rulebook: Rulebook, log_store: LogStore, now: Standing) -> Side:
    models, groups = (_totals(dimension, span, log_store) for dimension in (Dimension.MODEL, Dimension.GROUP))
    hours = len(log_store.series(Dimension.ALL, None, span.start, span.end, timedelta(hours=1)))
    whole = add_up(total.figures for total in log_store.totals(Dimension.ALL, span.start, span.end))
    desk = desk_figures(span.start, span.end, {cause.id: cause.required for cause in rulebook.causes.causes.values()}, now)
    by_key = key_slots.counted(span.start, span.end, PARTS)
    tried, active = by_key.tries(), by_key.active()
    metrics = (
        gateway_metrics(whole)
        | key_metrics(whole.error + whole.partial, tried.again, tried.failed, by_key.failing(), active)
        | desk_metrics(desk, Traffic(whole.requests, active))
    )
    return Side(span, models, groups, whole, hours, desk, by_key, metrics)


def _totals(dimension: Dimension, span: Span, log_store: LogStore) -> dict[str, Figures]:
    return {total.value: total.figures for total in log_store.totals(dimension, span.start, span.end, MOST_VALUES)}


def _changes(metrics: tuple[tuple[Metric, Metric | None], ...], new: Side, old: Side, rulebook: Rulebook) -> dict[str, Change]:
    """What the tests say: rates and counts by their numbers, waits by every single one."""
    said = {metric.id: change_of(metric, before, rulebook.metrics.unit(metric.id)) for metric, before in metrics}
    return said | {
        "first_response": of_times(in_minutes(new.desk.first_waits), in_minutes(old.desk.first_waits)),
        "resolution": of_times(in_minutes(new.desk.solve_waits), in_minutes(old.desk.solve_waits)),
        "next_action": Change.UNTESTED,  # of this moment, whatever the week
        "one_person": Change.UNTESTED,
    }


def _money(new: Side, old: Side) -> dict[str, Any]:
    """What cost most."""
    costs_before = old.keys.costs()
    dearest = key_tallies.costliest(new.keys.costs(), MOST_ROWS)
    return {
        "costliest_models": ranked(_costs(new.models), _costs(old.models)),
        "costliest_groups": ranked(_costs(new.groups), _costs(old.groups)),
        "costliest_keys": tuple(KeyCounted(key.registered, key.name, key.cost_micros, costs_before.get(key.number, 0)) for key in dearest),
    }


def _unsaid(log_before: bool, desk_before: bool) -> dict[str, Change]:
    """Figures whose week before is not there: no test says anything of them."""
    return {
        **({} if log_before else dict.fromkeys((*GATEWAY_FIGURES, *KEY_FIGURES), Change.UNTESTED)),
        **({} if desk_before else dict.fromkeys(DESK_FIGURES, Change.UNTESTED)),
    }


def _troubles(new: Side, old: Side, rulebook: Rulebook, *, log_before: bool, desk_before: bool) -> dict[str, Any]:
    """What failed, and what was tried again."""
    by_key = new.keys.keys_behind("failure")
    failed, failed_before = _classes(new.whole), _classes(old.whole)
    again, again_before = ({model: float(count) for model, count in side.keys.tries_failed().items()} for side in (new, old))
    return {
        "failures": tuple(
            compared(name, failed[name], failed_before[name], tested=log_before, keys=None if new.uncounted else by_key.get(name, 0))
            for name in failed
        ),
        "tickets": ranked(_by_class(new.desk, rulebook), _by_class(old.desk, rulebook), tested=desk_before),
        "most_retried": ranked(_retries(new.models), _retries(old.models), tested=log_before),
        "tried_again": ranked(again, again_before, tested=log_before),
        "incidents": tuple(
            (incident.id, incident.failure, str(incident.value), sum(entry["count"] for entry in incident.hours))
            for incident in reviews.incidents_of(new.span.start, new.span.end)
        ),
        "warnings": tuple(
            (warning.id, warning.rule, str(warning.value))
            for warning in desk_warnings.seen_between(list(rulebook.warnings.kinds), new.span.start, new.span.end)
        ),
    }


def _talk(new: Side, old: Side, week: Week, answered: Mapping[str, datetime], *, tested: bool) -> dict[str, Any]:
    """What people asked, and what was missing when they did."""
    known = {cause for cause, since in answered.items() if since < week.start}
    asked, asked_before = ({cause: float(n) for cause, n in side.desk.by_cause.items() if cause} for side in (new, old))
    lacked, lacked_before = ({name: side.desk.lacking.get(name, 0) for name in FACTS} for side in (new, old))
    filed, filed_before = new.desk.filed, old.desk.filed
    missing = [
        compared_share(name, (count, filed), (lacked_before[name], filed_before), tested=tested) for name, count in lacked.items() if count
    ]
    return {
        "repeated": ranked({cause: n for cause, n in asked.items() if cause in known}, asked_before, tested=tested),
        "unanswered": ranked({cause: n for cause, n in asked.items() if cause not in answered}, asked_before, tested=tested),
        "missing": tuple(sorted(missing, key=lambda each: (-each.now, each.name))[:MOST_ROWS]),
        "missed_words": tuple(reviews.missed_words(new.span.start, new.span.end, MOST_ROWS)),
        "stale_articles": tuple(reviews.stale_articles(week.end.date().isoformat(), MOST_ROWS)),
    }


def _open_ends(span: Span, now: datetime) -> dict[str, Any]:
    """What nobody has taken in hand."""
    nobodys = keys.search(ownerless=True, limit=MOST_ROWS)
    return {
        "disputes": tuple(reviews.tickets_of_causes(MONEY_CAUSES, span.start, span.end)),
        "claims": tuple(
            DisputeLine(row.ticket_id, row.claim, row.state, row.outcome or "", ((row.closed_at or now) - row.claimed_at).days)
            for row in claims.disputes_of_review(span.start, span.end)
        ),
        "approvals": tuple((row.id, (now - row.asked_at).days) for row in claims.open_approvals(now, MOST_ROWS)),
        "unassigned": tuple(reviews.unassigned()),
        "without_action": tuple(reviews.without_next_action()),
        "ownerless": nobodys.ownerless,
        "ownerless_keys": tuple(
            (row.id, str(row.alias) if row.alias else f"{row.prefix}…{row.last4}" if row.last4 else f"#{row.id}") for row in nobodys.keys
        ),
    }


def _next_hour(moment: datetime) -> datetime:
    """Roll-ups are whole hours: the one under way is in."""
    return moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _costs(by_value: Mapping[str, Figures]) -> dict[str, float]:
    return {value: cost(figures) for value, figures in by_value.items() if value}


def _retries(by_value: Mapping[str, Figures]) -> dict[str, float]:
    return {value: figures.retries for value, figures in by_value.items()}


def _classes(figures: Figures) -> dict[str, float]:
    """Failures by class; a client that went away is none."""
    counts = {name.value: float(count) for name, count in figures.by_class().items()}
    return counts | {FailureClass.OTHER.value: counts[FailureClass.OTHER.value] - figures.cancelled}


def _by_class(desk: DeskFigures, rulebook: Rulebook) -> dict[str, float]:
    """Tickets by class of their cause."""
    causes, counts = rulebook.causes.causes, dict[str, float]()
    for cause, tickets in desk.by_cause.items():
        known = causes.get(cause or "")
        name = rulebook.metrics.class_of_family(known.family) if known else "other"
        counts[name] = counts.get(name, 0) + tickets
    return counts
