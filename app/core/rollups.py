"""Hourly roll-ups: what dashboards read instead of the log. Counts, sums and histograms by hour and one dimension.

All figures of a cell stand side by side in one whole number, so that adding a record to a cell, or a cell to another,
is one addition however many figures there are; and taking one away again is one subtraction.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple, TypeVar

from app.core.failure_class import FailureClass, problems_of
from app.core.figure_lanes import COUNTS, DURATIONS, SHIFTS, SUMS, WIDTHS, Packed, pack, together
from app.core.histogram import NOTHING, Histogram
from app.core.record import RedactedRecord
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


_ALL_NUMBERS = (1 << DURATIONS) - 1
_VERSION = re.compile(r"[/ ]v?[0-9][0-9A-Za-z._+-]*")


def roll_up(records: Iterable[RedactedRecord]) -> dict[Cell, int]:
    """The cells of some records, packed."""
    return roll_up_columns(columns_of(tuple(records)))


def roll_up_columns(columns: Columns) -> dict[Cell, int]:
    """The cells of records given as columns. First by facts that go together: alike records are many, and spread once."""
    cells: dict[Cell, int] = {}
    if not columns["started_at"]:
        return cells
    hours = [started_at // HOUR_MS for started_at in columns["started_at"]]
    problems = problems_of(columns)
    records = pack(columns, problems)
    for dimensions in _TOGETHER:
        facts = (columns[_FACTS[dimension]] for dimension in dimensions)
        _spread(cells, dimensions, _by_key(zip(hours, *facts, strict=True), records))
    _count_failures(cells, hours, columns["status_code"], problems, records)
    return cells


def merge(into: dict[Cell, int], cells: Mapping[Cell, int], sign: int = 1) -> None:
    """Add cells to others, or take them away."""
    for cell, packed in cells.items():
        into[cell] = into.get(cell, 0) + sign * packed


def figures(packed: int) -> Figures:
    """A packed cell made readable."""
    numbers = packed & _ALL_NUMBERS  # shifting a short number is cheaper
    values = {name: numbers >> shift & WIDTHS[name] for name, shift in SHIFTS.items()}
    durations = packed >> DURATIONS
    return Figures(**values, latency=Histogram(durations, 2, 0), ttft=Histogram(durations, 2, 1))


def requests(packed: int) -> int:
    """How many requests a packed cell counts."""
    return packed & WIDTHS["requests"]


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


def _by_key(keys: Iterable[Key], records: Packed) -> dict[Key, int]:
    """The sum of the records of each key. Keys are numbered first, without a loop, so that the loop only adds."""
    numbered: defaultdict[Key, int] = defaultdict(count().__next__)
    places = list(map(numbered.__getitem__, keys))
    counts, sums = [0] * len(numbered), [0] * len(numbered)
    for place, counted, summed in zip(places, *records, strict=True):
        counts[place] += counted
        sums[place] += summed
    return dict(zip(numbered, map(together, counts, sums), strict=True))


def _added_up(keys: Iterable[Key], numbers: Iterable[int]) -> dict[Key, int]:
    sums: dict[Key, int] = {}
    for key, number in zip(keys, numbers, strict=True):
        if key in sums:
            sums[key] += number
        else:
            sums[key] = number
    return sums


def _spread(cells: dict[Cell, int], dimensions: Sequence[Dimension], sums: Mapping[tuple[Any, ...], int]) -> None:
    """Cells by one dimension each. A missing fact and an empty one are the same value; every record is in one of MODEL and of ALL."""
    hours, *facts = zip(*sums, strict=True)
    for dimension, values in zip(dimensions, facts, strict=True):
        names = map(client_value, values) if dimension is _CLIENT else [value or "" for value in values]
        by_value = _added_up(zip(hours, names, strict=True), sums.values())
        cells.update(_cells(dimension, by_value))
        if dimension is _MODEL:
            cells.update(_cells(Dimension.ALL, _added_up([(hour, "") for hour, _ in by_value], by_value.values())))


def _count_failures(
    cells: dict[Cell, int], hours: Sequence[int], statuses: Sequence[int | None], problems: Mapping[int, FailureClass], records: Packed
) -> None:
    values = [(hours[place], failure_value(statuses[place], problem)) for place, problem in problems.items()]
    cells.update(_cells(Dimension.FAILURE, _added_up(values, map(records.of, problems))))


def _cells(dimension: Dimension, by_value: Mapping[tuple[int, str], int]) -> Iterator[tuple[Cell, int]]:
    return ((Cell(dimension, hour, value), number) for (hour, value), number in by_value.items())


_CLIENT, _MODEL = Dimension.CLIENT, Dimension.MODEL


@lru_cache(maxsize=1024)
def failure_value(status: int | None, problem: FailureClass) -> str:
    """What a problem counts under in the FAILURE dimension."""
    return f"{status or '-'} {problem.value}"
