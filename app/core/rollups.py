"""Hourly roll-ups: what dashboards read instead of the log. Counts, sums and histograms by hour and one dimension.

All figures of a cell stand side by side in one whole number, so that adding a record to a cell, or a cell to another,
is one addition however many figures there are; and taking one away again is one subtraction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

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
    "caller_side",  # failed or broken requests whose origin is the user, the key's owner or the client
    "streams",  # requests for a stream; a broken one is one whether its source says so or not
    "charged_failures",  # failed or broken requests that were charged
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


# Where each figure stands in the packed number, in bits. Sums get two lanes, so that no amount runs over; the buckets of
# both histograms take turns behind them, so that the number is only as long as the longest duration needs.
_COUNT_LANES, _SUM_LANES = 20, 2 * 8  # some are free: a figure added later moves no other, so what is stored stays readable
_SUMS = LANE * _COUNT_LANES
_DURATIONS = _SUMS + LANE * _SUM_LANES
_SHIFTS = {
    **{name: LANE * place for place, name in enumerate(COUNTS)},
    **{name: _SUMS + LANE * 2 * place for place, name in enumerate(SUMS)},
}
_ALL_NUMBERS = (1 << _DURATIONS) - 1
_WIDTHS = dict.fromkeys(COUNTS, (1 << LANE) - 1) | dict.fromkeys(SUMS, (1 << 2 * LANE) - 1)
_IN_SUMS = {name: 2 * LANE * place for place, name in enumerate(SUMS)}
_LATENCY_BUCKETS = tuple(1 << _DURATIONS + 2 * LANE * bucket for bucket in range(BUCKETS))
_TTFT_BUCKETS = tuple(1 << _DURATIONS + 2 * LANE * bucket + LANE for bucket in range(BUCKETS))
_RETRIES, _FALLBACK = _SHIFTS["retries"], 1 << _SHIFTS["fallbacks"]
_COMPLETION, _COST, _REFUND = _IN_SUMS["completion_tokens"], _IN_SUMS["cost_micros"], _IN_SUMS["refund_micros"]
_CHARGED, _LATENCY, _TTFT = _IN_SUMS["charged_micros"], _IN_SUMS["latency_sum"], _IN_SUMS["ttft_sum"]
_CALLER_SIDE = frozenset({Origin.USER, Origin.KEY_OWNER, Origin.CLIENT})
_VERSION = re.compile(r"[/ ]v?[0-9][0-9A-Za-z._+-]*")


def roll_up(records: Iterable[RedactedRecord]) -> dict[Cell, int]:
    """The cells of some records, packed. First by every dimension at once: alike records are many, and spread once."""
    combined: dict[tuple[Any, ...], int] = {}
    for record in records:
        problem = None if record.outcome is Outcome.OK else failure_class(record)
        key = (  # in the order of _SPREAD
            *(record.started_at // HOUR_MS, None, record.group, record.environment, record.model_requested, record.request_type),
            *(failure_value(record.status_code, problem) if problem else None, client_value(record.client), record.provider, record.owner),
        )
        combined[key] = combined.get(key, 0) + _packed(record, problem)
    return _spread(combined)


def merge(into: dict[Cell, int], cells: Mapping[Cell, int], sign: int = 1) -> None:
    """Add cells to others, or take them away."""
    for cell, packed in cells.items():
        into[cell] = into.get(cell, 0) + sign * packed


def figures(packed: int) -> Figures:
    """A packed cell made readable."""
    numbers = packed & _ALL_NUMBERS  # shifting a short number is cheaper
    values = {name: numbers >> shift & _WIDTHS[name] for name, shift in _SHIFTS.items()}
    durations = packed >> _DURATIONS
    return Figures(**values, latency=Histogram(durations, 2, 0), ttft=Histogram(durations, 2, 1))


def requests(packed: int) -> int:
    """How many requests a packed cell counts."""
    return packed & _WIDTHS["requests"]


@lru_cache(maxsize=4096)
def client_value(client: str | None) -> str:
    """A user agent without versions, so that a new release is not a new client."""
    return " ".join(_VERSION.sub(" ", client).split()) if client else ""


_SPREAD = (
    *(Dimension.ALL, Dimension.GROUP, Dimension.ENVIRONMENT, Dimension.MODEL, Dimension.REQUEST_TYPE),
    *(Dimension.FAILURE, Dimension.CLIENT, Dimension.PROVIDER, Dimension.OWNER),
)


def _spread(combined: Mapping[tuple[Any, ...], int]) -> dict[Cell, int]:
    """Cells by one dimension each. A table for each: a member of an enum in a key would be hashed, slowly, for every record."""
    tables: tuple[dict[tuple[int, str | None], int], ...] = tuple({} for _ in _SPREAD)
    for (hour, *values), packed in combined.items():
        for table, value in zip(tables, values, strict=True):
            key = hour, value
            table[key] = table.get(key, 0) + packed
    return _named(tables)


def _named(tables: Iterable[Mapping[tuple[int, str | None], int]]) -> dict[Cell, int]:
    """A missing fact and an empty one are the same value; what did not fail counts under no failure."""
    named: dict[Cell, int] = {}
    for dimension, table in zip(_SPREAD, tables, strict=True):
        for (hour, value), packed in table.items():
            if value is not None or dimension is not Dimension.FAILURE:
                cell = Cell(dimension, hour, value or "")
                named[cell] = named.get(cell, 0) + packed
    return named


def _packed(record: RedactedRecord, problem: FailureClass | None) -> int:
    """One record's figures. This runs for every record that is stored: small numbers are added before they are shifted."""
    stream, charged = record.stream, record.charged
    number = _WENT_WELL[stream, charged] if problem is None else _kind(record.outcome, problem, record.origin, stream, charged)
    sums = (record.prompt_tokens or 0) + ((record.completion_tokens or 0) << _COMPLETION)
    if record.cost_micros:
        sums += _money(record.cost_micros, record.charged)
    if record.latency_ms is not None and problem is None:
        sums += record.latency_ms << _LATENCY
        number += _LATENCY_BUCKETS[bucket_of(record.latency_ms)]
    if record.ttft_ms is not None:
        sums += record.ttft_ms << _TTFT
        number += _TTFT_BUCKETS[bucket_of(record.ttft_ms)]
    if record.retries:
        number += record.retries << _RETRIES
    if record.fallback_from is not None:
        number += _FALLBACK
    return number + (sums << _SUMS)


def _money(cost: int, charged: bool | None) -> int:
    """An amount in its sums; lanes hold no numbers below zero."""
    if cost < 0:
        return -cost << _REFUND
    return (cost << _COST) + (cost << _CHARGED if charged else 0)


@lru_cache(maxsize=1024)
def _kind(outcome: Outcome, problem: FailureClass | None, origin: Origin, stream: bool | None, charged: bool | None) -> int:
    """The counts that depend on what kind of request it was; there are few kinds."""
    counted = {"requests", outcome.value}
    if problem:
        counted.add(f"failed_{problem.value}")
    if problem and outcome is not Outcome.CANCELLED:
        counted |= ({"caller_side"} if origin in _CALLER_SIDE else set()) | ({"charged_failures"} if charged else set())
    if stream or outcome is Outcome.PARTIAL:
        counted.add("streams")
    return sum(1 << _SHIFTS[name] for name in counted)


_WENT_WELL = {
    (stream, charged): _kind(Outcome.OK, None, Origin.UNKNOWN, stream, charged)
    for stream in (None, False, True)
    for charged in (None, False, True)
}


@lru_cache(maxsize=1024)
def failure_value(status: int | None, problem: FailureClass) -> str:
    """What a problem counts under in the FAILURE dimension."""
    return f"{status or '-'} {problem.value}"
