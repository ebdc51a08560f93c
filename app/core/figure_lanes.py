"""Where the figures of a roll-up's cell stand in its whole number, and the figures of many records, made a column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import add
from struct import Struct
from typing import NamedTuple, TypeVar

from app.core.failure_class import FailureClass
from app.core.histogram import BUCKETS, LANE
from app.core.record import Origin, Outcome
from app.core.record_columns import Columns

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

# Where each figure stands in the packed number, in bits. Sums get two lanes, so that no amount runs over; the buckets of
# both histograms take turns behind them, so that the number is only as long as the longest duration needs.
_COUNT_LANES, _SUM_LANES = 20, 2 * 8  # some are free: a figure added later moves no other, so what is stored stays readable
_SUMS = LANE * _COUNT_LANES
DURATIONS = _SUMS + LANE * _SUM_LANES
SHIFTS = {
    **{name: LANE * place for place, name in enumerate(COUNTS)},
    **{name: _SUMS + LANE * 2 * place for place, name in enumerate(SUMS)},
}
WIDTHS = dict.fromkeys(COUNTS, (1 << LANE) - 1) | dict.fromkeys(SUMS, (1 << 2 * LANE) - 1)

# by the length of a duration's square in bits, as bucket_of finds its bucket
_BUCKETS_BY_LENGTH = tuple(2 * LANE * min(max(length - 1, 0), BUCKETS - 1) for length in range(130))
_LATENCY_BUCKETS = tuple(1 << DURATIONS + place for place in _BUCKETS_BY_LENGTH)
_TTFT_BUCKETS = tuple(1 << DURATIONS + place + LANE for place in _BUCKETS_BY_LENGTH)
_RETRIES, _FALLBACK = SHIFTS["retries"], 1 << SHIFTS["fallbacks"]
_SUMS_OF_ONE = Struct("<" + "Q2x" * len(SUMS))  # lanes are whole bytes, and no record's amount needs more than 64 bits
_number: Callable[[bytes, str], int] = int.from_bytes  # type: ignore[assignment] # what it takes besides is of no matter here
_CALLER_SIDE = frozenset({Origin.USER, Origin.KEY_OWNER, Origin.CLIENT})

Value = TypeVar("Value")


class Packed(NamedTuple):
    """The figures of records, as two numbers each: adding both up for themselves costs less than making one of them."""

    counted: Sequence[int]  # counts and durations; records that are alike share a number
    summed: Sequence[int]  # what is to be moved to the place of the sums

    def of(self, place: int) -> int:
        """One record's."""
        return together(self.counted[place], self.summed[place])


def together(counted: int, summed: int) -> int:
    """The packed number."""
    return counted + (summed << _SUMS)


def pack(columns: Columns, problems: Mapping[int, FailureClass]) -> Packed:
    """Every record's figures. `problems` are those that did not go well, by their place."""
    latencies = _without(columns["latency_ms"], problems)
    return Packed(_counted(columns, problems, latencies), _summed(columns, latencies))


def _counted(columns: Columns, problems: Mapping[int, FailureClass], latencies: Sequence[int | None]) -> Sequence[int]:
    durations = _lengths(latencies), _lengths(columns["ttft_ms"])
    counted = list(map(_counts, _kinds(columns, problems), columns["stream"], columns["charged"], *durations))
    tries = columns["retries"], columns["fallback_from"]
    if all(each.count(None) == len(each) for each in tries):  # as nearly always
        return counted
    return list(map(add, counted, map(_tries, *tries)))


def _summed(columns: Columns, latencies: Sequence[int | None]) -> Sequence[int]:
    """In the order of SUMS."""
    numbers = map(
        _SUMS_OF_ONE.pack,
        _or_zero(columns["prompt_tokens"]),
        _or_zero(columns["completion_tokens"]),
        *_money(_or_zero(columns["cost_micros"]), columns["charged"]),
        _or_zero(latencies),
        _or_zero(columns["ttft_ms"]),
    )
    return list(map(_number, numbers, repeat("little")))


def _without(values: Sequence[Value | None], places: Iterable[int]) -> Sequence[Value | None]:
    left = list(values)
    for place in places:
        left[place] = None
    return left


def _lengths(durations: Sequence[int | None]) -> list[int | None]:
    return [ms and (ms * ms).bit_length() for ms in durations]


def _or_zero(values: Sequence[int | None]) -> Sequence[int]:
    return [value or 0 for value in values]


def _money(costs: Sequence[int], charged: Sequence[bool | None]) -> tuple[Iterable[int], Iterable[int], Iterable[int]]:
    """Amounts in their sums: cost, refund, charged. Lanes hold no numbers below zero."""
    refunds: Iterable[int] = repeat(0)
    if min(costs) < 0:
        refunds = [-cost if cost < 0 else 0 for cost in costs]
        costs = [max(cost, 0) for cost in costs]
    return costs, refunds, [cost if was_charged else 0 for cost, was_charged in zip(costs, charged, strict=True)]


def _kinds(columns: Columns, problems: Mapping[int, FailureClass]) -> list[int | None]:
    """The counts of problems; None for what went well."""
    kinds: list[int | None] = [None] * len(columns["outcome"])
    facts = [columns[name] for name in ("outcome", "origin", "stream", "charged")]
    for place, problem in problems.items():
        kinds[place] = _kind(problem, *(fact[place] for fact in facts))
    return kinds


@lru_cache(maxsize=4096)
def _counts(kind: int | None, stream: bool | None, charged: bool | None, latency: int | None, ttft: int | None) -> int:
    """The counts and durations of alike records; there are few kinds of them. Durations by the length of their square."""
    number = _WENT_WELL[stream, charged] if kind is None else kind
    if latency is not None:
        number += _LATENCY_BUCKETS[latency]
    if ttft is not None:
        number += _TTFT_BUCKETS[ttft]
    return number


def _tries(retries: int | None, fallback_from: str | None) -> int:
    return ((retries or 0) << _RETRIES) + (0 if fallback_from is None else _FALLBACK)


@lru_cache(maxsize=1024)
def _kind(problem: FailureClass | None, outcome: Outcome, origin: Origin, stream: bool | None, charged: bool | None) -> int:
    """The counts that depend on what kind of request it was."""
    counted = {"requests", outcome.value}
    if problem:
        counted.add(f"failed_{problem.value}")
    if problem and outcome is not Outcome.CANCELLED:
        counted |= ({"caller_side"} if origin in _CALLER_SIDE else set()) | ({"charged_failures"} if charged else set())
    if stream or outcome is Outcome.PARTIAL:
        counted.add("streams")
    return sum(1 << SHIFTS[name] for name in counted)


_WENT_WELL = {
    (stream, charged): _kind(None, Outcome.OK, Origin.UNKNOWN, stream, charged)
    for stream in (None, False, True)
    for charged in (None, False, True)
}
