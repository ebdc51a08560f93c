"""Hourly roll-ups: what dashboards read instead of the log. Counts, sums and histograms by hour and one dimension.

All figures of a cell stand side by side in one whole number, so that adding a record to a cell, or a cell to another,
is one addition however many figures there are; and taking one away again is one subtraction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.core.failure_class import FailureClass, failure_class
from app.core.histogram import BUCKETS, LANE, NOTHING, Histogram, bucket_of
from app.core.record import Origin, Outcome, RedactedRecord

HOUR_MS = 3_600_000


class Dimension(StrEnum):
    """What a cell's value names. A record without the fact counts under the empty value."""

    ALL = "all"  # one cell an hour, of the empty value
    GROUP = "group"
    ENVIRONMENT = "environment"
    MODEL = "model"  # as requested
    REQUEST_TYPE = "request_type"
    FAILURE = "failure"  # "<status> <failure class>", of problems only: its cells sum up to the problems
    CLIENT = "client"  # the products of the user agent, without versions
    PROVIDER = "provider"
    OWNER = "owner"


COUNTS = (
    *("requests", "ok", "error", "partial", "cancelled"),
    *(f"failed_{name.value}" for name in FailureClass),  # problems (whatever is not ok) by class
    "caller_side",  # problems whose origin is the user, the key's owner or the client
    "streams",  # requests for a stream
    "charged_failures",  # problems that were charged
    *("retries", "fallbacks"),
)
SUMS = (
    *("prompt_tokens", "completion_tokens"),
    "cost_micros",  # of amounts above zero
    "refund_micros",  # of amounts below zero, as a positive number
    "charged_micros",  # of amounts above zero that were charged
    "latency_sum",  # ms, over requests that went well: a timeout's length says nothing about speed
    "ttft_sum",  # ms, over requests that tell their time to first token
)
FIGURES = (*COUNTS, *SUMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything counted in a cell, or in several cells added up."""

    requests: int = 0
    ok: int = 0
    error: int = 0
    partial: int = 0
    cancelled: int = 0
    failed_auth: int = 0
    failed_balance: int = 0
    failed_rate_limit: int = 0
    failed_model_not_found: int = 0
    failed_timeout: int = 0
    failed_task_failed: int = 0
    failed_other: int = 0
    caller_side: int = 0
    streams: int = 0
    charged_failures: int = 0
    retries: int = 0
    fallbacks: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_micros: int = 0
    refund_micros: int = 0
    charged_micros: int = 0
    latency_sum: int = 0
    ttft_sum: int = 0
    latency: Histogram = NOTHING  # of requests that went well
    ttft: Histogram = NOTHING

    def by_class(self) -> Mapping[FailureClass, int]:
        """Problems by class."""
        return {name: getattr(self, f"failed_{name.value}") for name in FailureClass}


class Cell(NamedTuple):
    """What a cell is of. `hour` is the epoch hour: milliseconds since 1970 by HOUR_MS."""

    dimension: Dimension
    hour: int
    value: str


# where each figure stands in the packed number, in bits; sums get two lanes, so that no amount runs over
_SHIFTS = {
    **{name: LANE * place for place, name in enumerate(COUNTS)},
    **{name: LANE * (len(COUNTS) + 2 * place) for place, name in enumerate(SUMS)},
}
_LATENCY = LANE * (len(COUNTS) + 2 * len(SUMS))
_TTFT = _LATENCY + LANE * BUCKETS
_WIDTHS = dict.fromkeys(COUNTS, (1 << LANE) - 1) | dict.fromkeys(SUMS, (1 << 2 * LANE) - 1)
_HISTOGRAM = (1 << LANE * BUCKETS) - 1
_S_RETRIES, _S_FALLBACKS = _SHIFTS["retries"], _SHIFTS["fallbacks"]
_S_PROMPT, _S_COMPLETION = _SHIFTS["prompt_tokens"], _SHIFTS["completion_tokens"]
_S_COST, _S_REFUND, _S_CHARGED = _SHIFTS["cost_micros"], _SHIFTS["refund_micros"], _SHIFTS["charged_micros"]
_S_LATENCY, _S_TTFT = _SHIFTS["latency_sum"], _SHIFTS["ttft_sum"]
_CALLER_SIDE = frozenset({Origin.USER, Origin.KEY_OWNER, Origin.CLIENT})
_VERSION = re.compile(r"[/ ]v?[0-9][0-9A-Za-z._+-]*")


def roll_up(records: Iterable[RedactedRecord]) -> dict[Cell, int]:
    """The cells of some records, packed. First by every dimension at once: alike records are many, and spread once."""
    combined: dict[tuple[object, ...], int] = {}
    for record in records:
        problem = failure_class(record)
        key = (
            *(record.started_at // HOUR_MS, record.group, record.environment, record.model_requested, record.request_type),
            *(_failure_value(record.status_code, problem) if problem else None, client_value(record.client), record.provider, record.owner),
        )
        combined[key] = combined.get(key, 0) + _packed(record, problem)
    return _spread(combined)


def merge(into: dict[Cell, int], cells: Mapping[Cell, int], sign: int = 1) -> None:
    """Add cells to others, or take them away."""
    for cell, packed in cells.items():
        into[cell] = into.get(cell, 0) + sign * packed


def pack(values: Sequence[int], latency: int, ttft: int) -> int:
    """One number of a cell's FIGURES, in their order, and its packed histograms."""
    number = (ttft << _TTFT) + (latency << _LATENCY)
    for name, value in zip(FIGURES, values, strict=True):
        number += value << _SHIFTS[name]
    return number


def unpack(number: int) -> tuple[tuple[int, ...], int, int]:
    """The cell's FIGURES, in their order, and its packed histograms of latency and time to first token."""
    values = tuple([number >> _SHIFTS[name] & _WIDTHS[name] for name in FIGURES])
    return values, number >> _LATENCY & _HISTOGRAM, number >> _TTFT & _HISTOGRAM


def figures(number: int) -> Figures:
    """A packed cell made readable."""
    values, latency, ttft = unpack(number)
    return Figures(**dict(zip(FIGURES, values, strict=True)), latency=Histogram(latency), ttft=Histogram(ttft))


@lru_cache(maxsize=4096)
def client_value(client: str | None) -> str:
    """A user agent without versions, so that a new release is not a new client."""
    return " ".join(_VERSION.sub(" ", client).split()) if client else ""


def values_of(record: RedactedRecord) -> dict[Dimension, str]:
    """Which cell of each dimension the record counts in; no FAILURE for a success."""
    problem = failure_class(record)
    failure = {Dimension.FAILURE: _failure_value(record.status_code, problem)} if problem else {}
    return failure | {
        Dimension.ALL: "",
        Dimension.GROUP: record.group or "",
        Dimension.ENVIRONMENT: record.environment or "",
        Dimension.MODEL: record.model_requested or "",
        Dimension.REQUEST_TYPE: record.request_type,
        Dimension.CLIENT: client_value(record.client),
        Dimension.PROVIDER: record.provider or "",
        Dimension.OWNER: record.owner or "",
    }


def _spread(combined: Mapping[tuple[object, ...], int]) -> dict[Cell, int]:
    """Cells by one dimension each."""
    cells: dict[tuple[Dimension, object, object], int] = {}
    for (hour, group, environment, model, request_type, failure, client, provider, owner), packed in combined.items():
        for key in (
            (Dimension.ALL, hour, None),
            (Dimension.GROUP, hour, group),
            (Dimension.ENVIRONMENT, hour, environment),
            (Dimension.MODEL, hour, model),
            (Dimension.REQUEST_TYPE, hour, request_type),
            (Dimension.CLIENT, hour, client),
            (Dimension.PROVIDER, hour, provider),
            (Dimension.OWNER, hour, owner),
        ):
            cells[key] = cells.get(key, 0) + packed
        if failure is not None:
            key = (Dimension.FAILURE, hour, failure)
            cells[key] = cells.get(key, 0) + packed
    return _named(cells)


def _named(cells: Mapping[tuple[Dimension, object, object], int]) -> dict[Cell, int]:
    """A missing fact and an empty one are the same value."""
    named: dict[Cell, int] = {}
    for (dimension, hour, value), packed in cells.items():
        cell = Cell(dimension, hour, value or "")  # type: ignore[arg-type]
        named[cell] = named.get(cell, 0) + packed
    return named


def _packed(record: RedactedRecord, problem: FailureClass | None) -> int:
    """One record's figures."""
    cost = record.cost_micros or 0
    number = _kind(record.outcome, problem, record.origin, bool(record.stream), bool(record.charged))
    number += ((record.retries or 0) << _S_RETRIES) + ((record.fallback_from is not None) << _S_FALLBACKS)
    number += ((record.prompt_tokens or 0) << _S_PROMPT) + ((record.completion_tokens or 0) << _S_COMPLETION)
    if cost > 0:
        number += (cost << _S_COST) + ((cost if record.charged else 0) << _S_CHARGED)
    elif cost:
        number += -cost << _S_REFUND
    if record.latency_ms is not None and problem is None:
        number += _duration(record.latency_ms, _S_LATENCY, _LATENCY)
    if record.ttft_ms is not None:
        number += _duration(record.ttft_ms, _S_TTFT, _TTFT)
    return number


def _duration(milliseconds: int, sum_shift: int, histogram_shift: int) -> int:
    """A duration in its sum and in its bucket."""
    return (milliseconds << sum_shift) + (1 << histogram_shift + LANE * bucket_of(milliseconds))


@lru_cache(maxsize=1024)
def _kind(outcome: Outcome, problem: FailureClass | None, origin: Origin, stream: bool, charged: bool) -> int:
    """The counts that depend on what kind of request it was; there are few kinds."""
    counted = {"requests", outcome.value}
    if problem:
        counted |= {f"failed_{problem.value}"}
        counted |= ({"caller_side"} if origin in _CALLER_SIDE else set()) | ({"charged_failures"} if charged else set())
    if stream:
        counted.add("streams")
    return sum(1 << _SHIFTS[name] for name in counted)


@lru_cache(maxsize=1024)
def _failure_value(status: int | None, problem: FailureClass) -> str:
    return f"{status or '-'} {problem.value}"
