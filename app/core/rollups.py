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
from itertools import compress
from typing import Any, NamedTuple, TypeVar

from app.core.failure_class import OF_FAILURE, FailureClass, failure_of
from app.core.histogram import BUCKETS, LANE, NOTHING, Histogram
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.record_columns import Columns, columns_of

HOUR_MS = 3_600_000
Key = TypeVar("Key", bound=tuple[Any, ...])


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
# by the length of a duration's square in bits, as bucket_of finds its bucket
_BUCKETS_BY_LENGTH = tuple(2 * LANE * min(max(length - 1, 0), BUCKETS - 1) for length in range(130))
_LATENCY_BUCKETS = tuple(1 << _DURATIONS + place for place in _BUCKETS_BY_LENGTH)
_TTFT_BUCKETS = tuple(1 << _DURATIONS + place + LANE for place in _BUCKETS_BY_LENGTH)
_RETRIES, _FALLBACK = _SHIFTS["retries"], 1 << _SHIFTS["fallbacks"]
_COMPLETION, _COST, _REFUND = _IN_SUMS["completion_tokens"], _IN_SUMS["cost_micros"], _IN_SUMS["refund_micros"]
_CHARGED, _LATENCY, _TTFT = _IN_SUMS["charged_micros"], _IN_SUMS["latency_sum"], _IN_SUMS["ttft_sum"]
_CALLER_SIDE = frozenset({Origin.USER, Origin.KEY_OWNER, Origin.CLIENT})
_VERSION = re.compile(r"[/ ]v?[0-9][0-9A-Za-z._+-]*")


def roll_up(records: Iterable[RedactedRecord]) -> dict[Cell, int]:
    """The cells of some records, packed."""
    return roll_up_columns(columns_of(tuple(records)))


def roll_up_columns(columns: Columns) -> dict[Cell, int]:
    """The cells of records given as columns. First by facts that go together: alike records are many, and spread once."""
    hours = [started_at // HOUR_MS for started_at in columns["started_at"]]
    problems = tuple(map(failure_of, *(columns[name] for name in OF_FAILURE)))
    packed = tuple(map(_packed, problems, *(columns[name] for name in _COUNTED)))
    cells: dict[Cell, int] = {}
    for dimensions in _TOGETHER:
        facts = (columns[_FACTS[dimension]] for dimension in dimensions)
        _spread(cells, dimensions, _added_up(zip(hours, *facts, strict=True), packed))
    failures = zip(hours, columns["status_code"], problems, strict=True)
    _count_failures(cells, _added_up(compress(failures, problems), compress(packed, problems)))
    return cells


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


_FACTS = {
    Dimension.GROUP: "group",
    Dimension.ENVIRONMENT: "environment",
    Dimension.MODEL: "model_requested",
    Dimension.REQUEST_TYPE: "request_type",
    Dimension.CLIENT: "client",
    Dimension.PROVIDER: "provider",
    Dimension.OWNER: "owner",
}
_TOGETHER = (
    (Dimension.GROUP, Dimension.ENVIRONMENT),
    (Dimension.MODEL, Dimension.REQUEST_TYPE, Dimension.PROVIDER, Dimension.CLIENT),
    (Dimension.OWNER,),
)


def _added_up(keys: Iterable[Key], packed: Iterable[int]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    so_far = sums.get
    for key, number in zip(keys, packed, strict=True):
        sums[key] = so_far(key, 0) + number
    return sums


def _spread(cells: dict[Cell, int], dimensions: Sequence[Dimension], sums: Mapping[tuple[Any, ...], int]) -> None:
    """Cells by one dimension each. A missing fact and an empty one are the same value; every record is in one of MODEL and of ALL."""
    for place, dimension in enumerate(dimensions, 1):
        for (hour, value), packed in _added_up(((key[0], key[place]) for key in sums), sums.values()).items():
            cell = Cell(dimension, hour, client_value(value) if dimension is Dimension.CLIENT else value or "")
            cells[cell] = cells.get(cell, 0) + packed
            if dimension is Dimension.MODEL:
                everything = Cell(Dimension.ALL, hour, "")
                cells[everything] = cells.get(everything, 0) + packed


def _count_failures(cells: dict[Cell, int], sums: Mapping[tuple[int, int | None, FailureClass | None], int]) -> None:
    for (hour, status_code, problem), packed in sums.items():
        cell = Cell(Dimension.FAILURE, hour, failure_value(status_code, problem) if problem else "")
        cells[cell] = cells.get(cell, 0) + packed


_COUNTED = (
    *("outcome", "origin", "stream", "charged", "prompt_tokens", "completion_tokens", "cost_micros"),
    *("latency_ms", "ttft_ms", "retries", "fallback_from"),
)


def _packed(
    problem: FailureClass | None,
    outcome: Outcome,
    origin: Origin,
    stream: bool | None,
    charged: bool | None,
    prompt_tokens: int | None,
    completion_tokens: int | None,
    cost_micros: int | None,
    latency_ms: int | None,
    ttft_ms: int | None,
    retries: int | None,
    fallback_from: str | None,
) -> int:
    """One record's figures (_COUNTED). This runs for every record that is stored: small numbers are added before they are shifted."""
    number = _WENT_WELL[stream, charged] if problem is None else _kind(outcome, problem, origin, stream, charged)
    sums = (prompt_tokens or 0) + ((completion_tokens or 0) << _COMPLETION)
    if cost_micros:
        sums += _money(cost_micros, charged)
    if latency_ms is not None and problem is None:
        sums += latency_ms << _LATENCY
        number += _LATENCY_BUCKETS[(latency_ms * latency_ms).bit_length()]
    if ttft_ms is not None:
        sums += ttft_ms << _TTFT
        number += _TTFT_BUCKETS[(ttft_ms * ttft_ms).bit_length()]
    if retries:
        number += retries << _RETRIES
    if fallback_from is not None:
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
