"""Figures of the desk's own work. Definitions people read are in rules/metrics.toml, by the same names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from app.core.metrics import Metric, share

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TicketTimes:
    """The moments of one ticket that figures are made of."""

    id: int
    created_at: datetime
    first_replied_at: datetime | None
    solved_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeskFigures:
    """Everything counted in a span from `start` to before `end`."""

    by_cause: Mapping[str | None, int]  # tickets filed
    filed: Sequence[TicketTimes]
    solved: Sequence[TicketTimes]  # solved in the span, whenever filed
    solved_with_article: int
    reopened: frozenset[int]  # of those filed
    staff_replies: Mapping[int, int]  # by ticket, of those filed
    confirmed: int  # of those filed: somebody confirmed a log line
    self_service: Mapping[bool, int]  # solved without a ticket, or not


@dataclass(frozen=True, slots=True)
class ClassCount:
    """Tickets of one class, by cause, the most frequent first."""

    name: str
    tickets: int
    causes: tuple[tuple[str | None, int], ...]


def desk_metrics(counted: DeskFigures) -> dict[str, Metric]:
    """Every figure of one span, by name."""
    ever_solved = {ticket.id for ticket in counted.filed if ticket.solved_at} | counted.reopened
    one_touch = {ticket for ticket in ever_solved - counted.reopened if counted.staff_replies.get(ticket) == 1}
    answered = sum(counted.self_service.values())
    metrics = (
        Metric("tickets", len(counted.filed), len(counted.filed)),
        _median("first_response", [ticket.first_replied_at - ticket.created_at for ticket in counted.filed if ticket.first_replied_at]),
        _median("resolution", [ticket.solved_at - ticket.created_at for ticket in counted.solved if ticket.solved_at]),
        share("reopen_rate", len(counted.reopened), len(ever_solved)),
        share("one_touch", len(one_touch), len(ever_solved)),
        share("self_service", counted.self_service.get(True, 0), answered),
        share("link_rate", counted.solved_with_article, len(counted.solved)),
        share("match_rate", counted.confirmed, len(counted.filed)),
    )
    return {metric.id: metric for metric in metrics}


def by_class(by_cause: Mapping[str | None, int], class_of: Mapping[str | None, str], classes: Sequence[str]) -> tuple[ClassCount, ...]:
    """Tickets by class in the order of `classes`; a cause that is in none of them counts as the last."""
    groups: dict[str, dict[str | None, int]] = {name: {} for name in classes}
    for cause, tickets in by_cause.items():
        groups[class_of.get(cause, classes[-1])][cause] = tickets
    ranked = {name: sorted(group.items(), key=lambda pair: (-pair[1], pair[0] or "")) for name, group in groups.items()}
    return tuple(ClassCount(name, sum(tickets for _cause, tickets in causes), tuple(causes)) for name, causes in ranked.items())


def _median(name: str, spans: Sequence[timedelta]) -> Metric:
    """The median in minutes; None without any."""
    return Metric(name, median(span / MINUTE for span in spans) if spans else None, len(spans))
