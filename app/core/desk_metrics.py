"""Figures of the desk's own work. Definitions people read are in rules/metrics.toml, by the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from app.core.approval import DECIDED, ApprovalState
from app.core.metrics import FEWEST, Metric, share
from app.core.satisfaction import Ratings, response_rate, satisfaction
from app.core.waits import NO_WAITS, Waits

MINUTE, MICROS_A_MINUTE = timedelta(minutes=1), 60_000_000


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts that the causes of some tickets need, and how many of those the tickets have."""

    required: int = 0
    present: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFigures:
    """Everything counted in a span from `start` to before `end`; tickets set aside as spam are in none of it."""

    by_cause: Mapping[str | None, int] = field(default_factory=dict)  # tickets filed
    filed: int = 0
    first_waits: Waits = NO_WAITS  # of those filed: until their first answer, in microseconds
    business_waits: Waits = NO_WAITS  # the same in business hours
    ever_solved: int = 0  # of those filed
    reopened: int = 0  # of those filed
    one_touch: int = 0  # of those filed: solved by one answer, and never opened again
    solved: int = 0  # solved in the span, whenever filed
    solved_with_article: int = 0
    solve_waits: Waits = NO_WAITS  # of those solved
    confirmed: int = 0  # of those filed: somebody confirmed a log line
    self_service: Mapping[bool, int] = field(default_factory=dict)  # solved without a ticket, or not
    answers_shown: int = 0  # reports answered with a likely cause
    handed: int = 0  # hand-offs of the tickets filed
    evidence: Evidence = Evidence()  # of those filed
    evidence_handed: Evidence = Evidence()  # of those filed that were handed over
    lacking: Mapping[str, int] = field(default_factory=dict)  # fact → tickets filed without it
    repeats: int = 0  # of those filed: a published article answered their cause before
    replies: int = 0  # public answers by staff in the span
    replies_citing: int = 0  # and those that cite an article
    causes_answered: int = 0  # causes with at least FEWEST tickets answered in the span
    causes_of_one: int = 0  # and those of them that one person alone answered
    wording: Sequence[timedelta] = ()  # from a reader's flag or a listed phrase to its removal in the span
    converted: Mapping[str, int] = field(default_factory=dict)  # articles published in the span that began as a ticket, by kind
    approvals: Sequence[tuple[str | None, datetime, datetime | None]] = ()  # (decision, asked, decided) that ended in the span
    disputes: Mapping[str, int] = field(default_factory=dict)  # claims made in the span
    active: int = 0  # tickets in work at this moment
    active_with_action: int = 0
    published: int = 0  # articles up at this moment
    published_of_one: int = 0  # and those without a second owner
    ratings: Ratings = field(default_factory=Ratings)  # of the tickets solved


@dataclass(frozen=True, slots=True)
class Traffic:
    """The gateway's traffic of the same span."""

    requests: int = 0
    keys: int = 0


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Tickets of one class, by cause, the most frequent first."""

    name: str
    tickets: int
    causes: tuple[tuple[str | None, int], ...]


def desk_metrics(counted: DeskFigures, traffic: Traffic = Traffic()) -> dict[str, Metric]:
    """Every figure of one span, by name."""
    metrics = (*_speed(counted), *_quality(counted), *_self_service(counted), *_knowledge(counted), *_money(counted))
    return {metric.id: metric for metric in (*metrics, *_need(counted, traffic))}


def in_minutes(waits: Waits) -> list[float]:
    """Every single one, in minutes."""
    return [wait / MICROS_A_MINUTE for wait in waits]


def by_class(by_cause: Mapping[str | None, int], class_of: Mapping[str | None, str], classes: Sequence[str]) -> tuple[ClassCount, ...]:
    """Tickets by class in the order of `classes`; a cause that is in none of them counts as the last."""
    groups: dict[str, dict[str | None, int]] = {name: {} for name in classes}
    for cause, tickets in by_cause.items():
        groups[class_of.get(cause, classes[-1])][cause] = tickets
    ranked = {name: sorted(group.items(), key=lambda pair: (-pair[1], pair[0] or "")) for name, group in groups.items()}
    return tuple(ClassCount(name, sum(tickets for _cause, tickets in causes), tuple(causes)) for name, causes in ranked.items())


def completeness(present: Mapping[str | None, tuple[int, Mapping[str, int]]], required: Mapping[str, Sequence[str]]) -> Evidence:
    """Facts needed and facts there, over cause → (tickets, fact → tickets that have it); facts the desk does not keep are left out."""
    needed, there = 0, 0
    for cause, (tickets, facts) in present.items():
        asked = [name for name in required.get(cause or "", ()) if name in facts]
        needed += tickets * len(asked)
        there += sum(facts[name] for name in asked)
    return Evidence(needed, there)


def _speed(counted: DeskFigures) -> tuple[Metric, ...]:
    """How long people waited, by the calendar and by business hours."""
    return (
        Metric("tickets", counted.filed, counted.filed),
        _middle("first_response", counted.first_waits),
        _middle("first_response_business", counted.business_waits),
        _middle("resolution", counted.solve_waits),
    )


def _quality(counted: DeskFigures) -> tuple[Metric, ...]:
    """How well tickets were worked on."""
    filed = counted.filed
    return (
        share("reopen_rate", counted.reopened, counted.ever_solved),
        share("one_touch", counted.one_touch, counted.ever_solved),
        Metric("hand_offs", counted.handed / filed if filed >= FEWEST else None, filed),
        share("match_rate", counted.confirmed, filed),
        share("evidence", counted.evidence.present, counted.evidence.required),
        share("evidence_handed", counted.evidence_handed.present, counted.evidence_handed.required),
        share("next_action", counted.active_with_action, counted.active),
        Metric("one_person", counted.causes_of_one, counted.causes_answered),
        satisfaction(counted.ratings),
        response_rate(counted.ratings),
    )


def _self_service(counted: DeskFigures) -> tuple[Metric, ...]:
    """How many helped themselves: those who said so, and those of whom nothing more was heard."""
    solved, answered = counted.self_service.get(True, 0), sum(counted.self_service.values())
    silent = max(0, counted.answers_shown - solved - counted.filed)
    return (
        share("self_service", solved, answered),
        share("self_service_assumed", silent, counted.answers_shown),
        share("repeat_rate", counted.repeats, counted.filed),
    )


def _knowledge(counted: DeskFigures) -> tuple[Metric, ...]:
    """Whether answers come from articles, and articles stay true."""
    converted = sum(counted.converted.values())
    return (
        share("link_rate", counted.solved_with_article, counted.solved),
        share("citation_rate", counted.replies_citing, counted.replies),
        _median("wording_removal", [length / MINUTE for length in counted.wording]),
        Metric("converted", converted, converted),
        Metric("single_owner", counted.published_of_one, counted.published),
    )


def _money(counted: DeskFigures) -> tuple[Metric, ...]:
    """Approvals and disputes, without any amount."""
    ended = [(ApprovalState(decision or ApprovalState.EXPIRED), asked, decided) for decision, asked, decided in counted.approvals]
    judged = [entry for entry in ended if entry[0] in DECIDED]
    approved = sum(1 for state, _asked, _decided in judged if state is ApprovalState.APPROVED)
    lengths = [(decided - asked) / MINUTE for _state, asked, decided in judged if decided]
    claims = sum(counted.disputes.values())
    return (
        share("approval_rate", approved, len(judged)),
        _median("approval_time", lengths),
        Metric("disputes", claims, claims),
        Metric("disputes_failed_charge", counted.disputes.get("charged_failed", 0), claims),
    )


def _need(counted: DeskFigures, traffic: Traffic) -> tuple[Metric, ...]:
    """How much help the traffic needs: fewer tickets while traffic halves is no success."""
    filed = counted.filed
    return (
        Metric("tickets_per_requests", 10_000 * filed / traffic.requests if traffic.requests >= FEWEST else None, traffic.requests),
        Metric("tickets_per_keys", 1_000 * filed / traffic.keys if traffic.keys >= FEWEST else None, traffic.keys),
    )


def _middle(name: str, waits: Waits) -> Metric:
    """The median in minutes; None without any."""
    middle = waits.median()
    return Metric(name, None if middle is None else middle / MICROS_A_MINUTE, len(waits))


def _median(name: str, minutes: Sequence[float]) -> Metric:
    """The median in minutes; None without any."""
    return Metric(name, median(minutes) if minutes else None, len(minutes))
