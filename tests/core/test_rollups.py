"""Cells made of whole columns are what counting the records one by one gives."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from app.core.failure_class import FailureClass, failure_class
from app.core.figure_lanes import COUNTS, SUMS
from app.core.histogram import Histogram, bucket_of
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.record_columns import chosen, columns_of
from app.core.rollups import HOUR_MS, Dimension, Figures, client_value, figures, merge, requests, roll_up, roll_up_columns
from tests.random_records import random_records

CALLERS = {Origin.USER, Origin.KEY_OWNER, Origin.CLIENT}
NOTHING_SPECIAL: dict[str, Any] = {"outcome": Outcome.OK, "retries": None, "fallback_from": None}


def by_one_record(record: RedactedRecord) -> dict[str, int]:
    """What it adds to each figure."""
    problem, failed = failure_class(record), record.outcome in {Outcome.ERROR, Outcome.PARTIAL}
    cost = record.cost_micros or 0
    return {
        "requests": 1,
        record.outcome.value: 1,
        f"failed_{problem.value}" if problem else "requests": 1,
        "caller_side": failed and record.origin in CALLERS,
        "streams": bool(record.stream) or record.outcome is Outcome.PARTIAL,
        "charged_failures": failed and bool(record.charged),
        "retries": record.retries or 0,
        "fallbacks": record.fallback_from is not None,
        "prompt_tokens": record.prompt_tokens or 0,
        "completion_tokens": record.completion_tokens or 0,
        "cost_micros": max(cost, 0),
        "refund_micros": max(-cost, 0),
        "charged_micros": max(cost, 0) if record.charged else 0,
        "latency_sum": (record.latency_ms or 0) if record.outcome is Outcome.OK else 0,
        "ttft_sum": record.ttft_ms or 0,
    }


def cells_of(record: RedactedRecord) -> list[tuple[Dimension, int, str]]:
    """What it counts under."""
    values = {
        Dimension.ALL: "",
        Dimension.GROUP: record.group or "",
        Dimension.ENVIRONMENT: record.environment or "",
        Dimension.MODEL: record.model_requested or "",
        Dimension.REQUEST_TYPE: record.request_type,
        Dimension.CLIENT: client_value(record.client),
        Dimension.PROVIDER: record.provider or "",
        Dimension.OWNER: record.owner or "",
    }
    problem = failure_class(record)
    if problem:
        values[Dimension.FAILURE] = f"{record.status_code or '-'} {problem.value}"
    return [(dimension, record.started_at // HOUR_MS, value) for dimension, value in values.items()]


def counted_one_by_one(records: list[RedactedRecord]) -> dict[tuple[Dimension, int, str], Figures]:
    sums: defaultdict[tuple[Dimension, int, str], Counter[str]] = defaultdict(Counter)
    latencies: defaultdict[tuple[Dimension, int, str], Counter[int]] = defaultdict(Counter)
    ttfts: defaultdict[tuple[Dimension, int, str], Counter[int]] = defaultdict(Counter)
    for record in records:
        for cell in cells_of(record):
            sums[cell].update(by_one_record(record))
            if record.latency_ms is not None and record.outcome is Outcome.OK:
                latencies[cell][bucket_of(record.latency_ms)] += 1
            if record.ttft_ms is not None:
                ttfts[cell][bucket_of(record.ttft_ms)] += 1
    return {
        cell: Figures(
            **{name: int(counts[name]) for name in (*COUNTS, *SUMS)},
            latency=Histogram.of_counts(latencies[cell][bucket] for bucket in range(64)),
            ttft=Histogram.of_counts(ttfts[cell][bucket] for bucket in range(64)),
        )
        for cell, counts in sums.items()
    }


@pytest.mark.parametrize(
    "fixed", [{}, NOTHING_SPECIAL, {"outcome": Outcome.ERROR}, {"cost_micros": None, "ttft_ms": None, "charged": None}]
)
@pytest.mark.parametrize("seed", range(3))
def test_cells_are_what_counting_one_by_one_gives(seed: int, fixed: dict[str, Any]) -> None:
    records = random_records(seed, 150, **fixed)
    cells = roll_up(records)
    assert {tuple(cell): figures(packed) for cell, packed in cells.items()} == counted_one_by_one(records)
    assert sum(requests(packed) for cell, packed in cells.items() if cell.dimension is Dimension.ALL) == 150


def test_nothing_has_no_cells() -> None:
    assert roll_up([]) == {}


def test_parts_add_up_to_the_whole_however_they_are_cut() -> None:
    records = random_records(9, 120)
    whole, columns = roll_up(records), columns_of(records)
    cells: dict[Any, int] = {}
    for third in range(3):
        merge(cells, roll_up_columns(chosen(columns, [place % 3 == third for place in range(len(records))])))
    assert cells == whole
    merge(cells, whole, -1)
    assert set(cells.values()) == {0}


def test_a_record_alone_counts_once_in_each_dimension() -> None:
    [record] = random_records(4, 1, outcome=Outcome.CANCELLED)
    told = {cell.dimension: figures(packed) for cell, packed in roll_up([record]).items()}
    assert set(told) == set(Dimension)
    assert {(each.requests, each.cancelled, each.by_class()[FailureClass.OTHER]) for each in told.values()} == {(1, 1, 1)}
