"""Figures of the gateway's traffic, each with its denominator. Definitions people read are in rules/metrics.toml, by the same names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from app.core.change import SIGNIFICANT, rate_chance
from app.core.histogram import NOTHING
from app.core.rollups import FIGURES, Figures

_numbers = attrgetter(*FIGURES)
FEWEST = 5  # a rate of fewer cases says nothing


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. n: of how many cases; value: None when there is none, or n is below FEWEST for a rate; low, high: 95 % bounds.

    Units: share from 0 to 1, milliseconds, a count, micro-USD, minutes; rules/metrics.toml says which.
    """

    id: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class MetricBook:
    """Titles and definitions: rules/metrics.toml."""

    rules: Mapping[str, Any]

    def title(self, metric: str, language: str) -> str:
        """What the figure is called."""
        return str(self.rules["metric"][metric]["title"][language])

    def definition(self, metric: str, language: str) -> str:
        """How the figure is made."""
        return str(self.rules["metric"][metric]["definition"][language])

    def unit(self, metric: str) -> str:
        """share, ms, count, number (with decimals), money or minutes."""
        return str(self.rules["metric"][metric]["unit"])

    def class_title(self, name: str, language: str) -> str:
        """What a class of failures is called."""
        return str(self.rules["class_title"][name][language])

    def is_apart(self, family: str) -> bool:
        """Whether failures of this family never reached a model, and so are no part of an incident of the class `other`."""
        return family in self.rules.get("incident", {}).get("apart", ())

    def class_of_family(self, family: str) -> str:
        """The class of tickets whose cause is of this family."""
        return next((name for name, families in self.rules["ticket_class"].items() if family in families), "other")


def add_up(many: Iterable[Figures]) -> Figures:
    """The figures of several cells together."""
    everything = list(many)
    counts = dict(zip(FIGURES, map(sum, zip(*map(_numbers, everything), strict=True)), strict=False))
    latency, ttft = (sum((getattr(each, name) for each in everything), NOTHING) for name in ("latency", "ttft"))
    return Figures(**counts, latency=latency, ttft=ttft)


def gateway_metrics(figures: Figures) -> dict[str, Metric]:
    """Every figure of one span, by name."""
    latency, ttft, ended = figures.latency, figures.ttft, figures.ok + figures.error + figures.partial
    service_failed = figures.error + figures.partial - figures.caller_side
    metrics = (
        share("success_rate", figures.ok, ended),
        share("service_success_rate", figures.ok, figures.ok + service_failed),
        Metric("failures", figures.error + figures.partial, figures.requests),
        Metric("latency_mean", figures.latency_sum / latency.total if latency.total else None, latency.total),
        Metric("latency_p50", latency.quantile(0.5), latency.total),
        Metric("latency_p95", latency.quantile(0.95), latency.total),
        Metric("ttft_p50", ttft.quantile(0.5), ttft.total),
        share("ttft_coverage", min(ttft.total, figures.streams), figures.streams),
        share("interruption_rate", figures.partial, figures.streams),
        Metric("retries", figures.retries, figures.requests),
        Metric("fallbacks", figures.fallbacks, figures.requests),
        Metric("charged_failures", figures.charged_failures, figures.requests),
        Metric("cost", figures.cost_micros - figures.refund_micros, figures.requests),
    )
    return {metric.id: metric for metric in metrics}


def key_metrics(failures: int, again: int, again_failed: int, failing: int, active: int) -> dict[str, Metric]:
    """Figures of who failed and who tried again, from the log counted by key."""
    metrics = (
        Metric("failing_keys", failing, active),
        Metric("tries_again", again, failures),
        share("tries_again_failed", again_failed, again),
    )
    return {metric.id: metric for metric in metrics}


def share(name: str, part: int, whole: int) -> Metric:
    """A rate, hidden while it is of fewer than FEWEST cases."""
    return Metric(name, part / whole if whole >= FEWEST else None, whole)


def differs(now: Metric, before: Metric) -> bool:
    """Whether a rate changed by more than chance explains; never when either side is of too few cases."""
    if now.value is None or before.value is None or not now.n or not before.n:
        return False
    return rate_chance(part_of(now), now.n, part_of(before), before.n) < SIGNIFICANT


def part_of(rate: Metric) -> int:
    """The cases a rate counts."""
    return round((rate.value or 0) * rate.n)
