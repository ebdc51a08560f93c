"""Roll-ups say what the records say: after any batches, replays, rollbacks, corrections and purges, on every engine."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from app.core.failure_class import FailureClass
from app.core.metrics import add_up
from app.core.record import Origin, Outcome, RedactedRecord
from app.core.record_text import with_clean_texts
from app.core.redacted_text import seal
from app.core.rollups import HOUR_MS, Dimension, Figures
from app.store.logs import LogStore, Total
from tests import postgres
from tests.conftest import NOW
from tests.log_records import START, a_record

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO, LATER = NOW - 90 * DAY, NOW + 90 * DAY


def total(store: LogStore, start: datetime = LONG_AGO, end: datetime = LATER) -> Figures:
    totals = store.totals(Dimension.ALL, start, end)
    return totals[0].figures if totals else Figures()


MOMENTS = st.sampled_from([START - 40 * 24 * HOUR_MS, START - 3 * HOUR_MS, START - 5, START, START + 20 * 24 * HOUR_MS])
RECORDS = st.builds(
    lambda number, moment, **fields: a_record(f"r-{number}", started_at=moment + number, **fields),
    st.integers(0, 30),
    st.just(START) | MOMENTS,
    outcome=st.sampled_from(Outcome),
    origin=st.sampled_from(Origin),
    status_code=st.sampled_from([None, 200, 401, 404, 429, 500]),
    error_message=st.sampled_from([None, "insufficient balance", "timed out"]),
    latency_ms=st.none() | st.integers(0, 2**31 - 1),
    ttft_ms=st.none() | st.integers(0, 2**31 - 1),
    prompt_tokens=st.none() | st.integers(0, 2**31 - 1),
    cost_micros=st.none() | st.integers(-(2**53), 2**53),
    charged=st.sampled_from([None, True, False]),
    retries=st.none() | st.integers(0, 2**31 - 1),
    group=st.sampled_from([None, "", "sales"]),
    model_requested=st.sampled_from([None, "gpt-4o", "模型"]),
    client=st.sampled_from([None, "OpenAI/Python 2.1.0", "OpenAI/Python 2.2.0"]),
    fallback_from=st.sampled_from([None, "gpt-4o"]),
    stream=st.sampled_from([None, True, False]),
)
STEPS = st.lists(
    st.tuples(st.just("append"), st.lists(RECORDS, max_size=12))
    | st.tuples(st.just("again"), st.integers(0, 5))
    | st.tuples(st.just("rollback"), st.integers(1, 6))
    | st.tuples(st.just("add up"))
    | st.tuples(st.just("purge"), st.sampled_from([NOW - 50 * DAY, NOW, NOW + 50 * DAY]), st.booleans()),
    max_size=7,
)


def same_identity_same_record(records: list[RedactedRecord], known: dict[str, RedactedRecord]) -> list[RedactedRecord]:
    """What gateways send: the same record again, never another of the same identity."""
    return [known.setdefault(record.record_id, record) for record in records]


@given(steps=STEPS)
@hypothesis_settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_roll_ups_equal_a_plain_recount_whatever_happened(url: str, store: LogStore, steps: list[tuple]) -> None:
    known: dict[str, RedactedRecord] = {}
    sent: list[list[RedactedRecord]] = []
    empty(url, store)
    for step in steps:
        if step[0] == "append":
            sent.append(same_identity_same_record(step[1], known))
            store.append("ndjson", sent[-1], [], NOW)
        elif step[0] == "again" and sent:
            store.append("ndjson", sent[step[1] % len(sent)], [], NOW)
        elif step[0] == "rollback":
            store.rollback(step[1])
        elif step[0] == "add up":
            store.add_up_rollups(NOW + 50 * DAY)
        elif step[0] == "purge":
            before = total(store)
            store.purge(step[1], step[1] if step[2] else None)
            assert total(store) == before, "roll-ups outlive their records"
        assert store.check_rollups() == ()
        assert store.totals(Dimension.MODEL, LONG_AGO, LATER) == by_the_hour(store, Dimension.MODEL)
    assert store.count() == sum(len(page) for page in store.walk())


def by_the_hour(store: LogStore, dimension: Dimension) -> tuple[Total, ...]:
    """The whole span by value, from single hours."""
    sums: dict[str, Figures] = {}
    for point in store.series(dimension, None, LONG_AGO, LATER, HOUR):
        sums[point.value] = add_up([sums.get(point.value, Figures()), point.figures])
    return tuple(Total(value, sums[value]) for value in sorted(sums, key=lambda value: (-sums[value].requests, value)))


def empty(url: str, store: Any) -> None:
    """A new store for each example."""
    if url.startswith("chdb"):
        for table in ("log_record", "rollup", "log_batch", "log_reject"):
            store.engine.run(f"TRUNCATE TABLE {table}")
        return
    store.close()
    if url.startswith("sqlite"):
        for path in Path(make_url(url).database or "").parent.glob("logs*"):
            path.unlink()
    else:
        postgres.empty(url)
    store.__dict__.pop("places", None)


def damage(url: str, store: Any) -> None:
    """Lose the roll-ups by model."""
    if url.startswith("chdb"):
        store.engine.run("ALTER TABLE rollup DELETE WHERE dimension = 'model'")
        return
    with store.places.writing(START) as connection:
        connection.exec_driver_sql("DELETE FROM log_rollup WHERE dimension = 'model'")


def test_a_batch_sent_again_counts_once(store: LogStore) -> None:
    batch = [a_record(f"r-{n}", prompt_tokens=10, cost_micros=7, charged=True) for n in range(80)]
    for _each in range(3):
        store.append("ndjson", [*batch, *batch[:9]], [], NOW)
    assert (total(store).requests, total(store).prompt_tokens, total(store).charged_micros) == (80, 800, 560)


def test_a_batch_that_repeats_some_records_counts_only_the_new(store: LogStore) -> None:
    store.append("ndjson", [a_record(f"r-{n}") for n in range(60)], [], NOW)
    store.append("ndjson", [a_record(f"r-{n}") for n in range(30, 120)], [], NOW)
    assert total(store).requests == store.count() == 120


def test_every_dimension_tells_its_values(store: LogStore) -> None:
    one = a_record(
        "a", group="sales", environment="prod", model_requested="m-1", client="OpenAI/Python 2.1.0", provider="openai", owner="x"
    )
    two = a_record("b", client="OpenAI/Python 2.2.0", outcome=Outcome.ERROR, status_code=429, request_type="video")
    store.append("ndjson", [one, two], [], NOW)
    seen = {dimension: {t.value: t.figures.requests for t in store.totals(dimension, LONG_AGO, LATER)} for dimension in Dimension}
    assert seen == {
        Dimension.ALL: {"": 2},
        Dimension.GROUP: {"": 1, "sales": 1},
        Dimension.ENVIRONMENT: {"": 1, "prod": 1},
        Dimension.MODEL: {"": 1, "m-1": 1},
        Dimension.REQUEST_TYPE: {"chat": 1, "video": 1},
        Dimension.FAILURE: {"429 rate_limit": 1},
        Dimension.CLIENT: {"OpenAI/Python": 2},
        Dimension.PROVIDER: {"": 1, "openai": 1},
        Dimension.OWNER: {"": 1, "x": 1},
    }


def test_figures_are_what_happened(store: LogStore) -> None:
    facts = {"stream": True, "charged": True, "status_code": 200, "ttft_ms": 400}
    store.append(
        "ndjson",
        [
            a_record("a", latency_ms=1000, prompt_tokens=3, completion_tokens=4, cost_micros=50, retries=2, fallback_from="m", **facts),
            a_record(
                "b", latency_ms=9000, outcome=Outcome.PARTIAL, cost_micros=20, origin=Origin.PROVIDER, error_message="timed out", **facts
            ),
            a_record("c", outcome=Outcome.CANCELLED, origin=Origin.CLIENT),
            a_record("d", cost_micros=-30),
        ],
        [],
        NOW,
    )
    found = total(store)
    assert (found.requests, found.ok, found.error, found.partial, found.cancelled) == (4, 2, 0, 1, 1)
    assert +Counter(found.by_class()) == Counter({FailureClass.TIMEOUT: 1, FailureClass.OTHER: 1})
    assert (found.streams, found.charged_failures, found.caller_side, found.retries, found.fallbacks) == (2, 1, 0, 2, 1)
    assert (found.prompt_tokens, found.completion_tokens) == (3, 4)
    assert (found.cost_micros, found.refund_micros, found.charged_micros) == (70, 30, 70)
    assert (found.latency.total, found.latency_sum, found.ttft.total, found.ttft_sum) == (1, 1000, 2, 800)


def test_a_series_goes_in_steps_from_its_start_and_leaves_empty_ones_out(store: LogStore) -> None:
    day = NOW.replace(hour=16, minute=0) - DAY  # midnight somewhere else
    moments = [day, day + 5 * HOUR, day + DAY, day + 3 * DAY]
    store.append("ndjson", [a_record(f"r-{n}", started_at=int(at.timestamp() * 1000)) for n, at in enumerate(moments)], [], NOW)
    points = store.series(Dimension.ALL, None, day, day + 4 * DAY, DAY)
    assert [(point.start, point.figures.requests) for point in points] == [(day, 2), (day + DAY, 1), (day + 3 * DAY, 1)]
    assert [point.figures.requests for point in store.series(Dimension.ALL, None, day, day + DAY, HOUR)] == [1, 1]


def test_a_series_of_chosen_values_spans_periods(store: LogStore) -> None:
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in (9, 10, 11)]
    batch = [
        a_record(f"{name}-{month}", started_at=int(month.timestamp() * 1000) - 1, model_requested=name)
        for month in months
        for name in "abc"
    ]
    store.append("ndjson", batch, [], NOW)
    points = store.series(Dimension.MODEL, ["a", "c"], months[0] - DAY, months[2], 400 * DAY)
    assert [(point.value, point.figures.requests) for point in points] == [("a", 3), ("c", 3)]
    assert store.totals(Dimension.MODEL, months[0], months[1], limit=1) == store.totals(Dimension.MODEL, months[0], months[1])[:1]


def test_a_damaged_roll_up_is_found_and_made_anew(url: str, store: LogStore) -> None:
    store.append("ndjson", [a_record("a"), a_record("b", started_at=START - 40 * 24 * HOUR_MS)], [], NOW)
    damage(url, store)
    wrong = store.check_rollups()
    assert {error.cell.dimension for error in wrong} == {Dimension.MODEL}
    assert wrong[-1].stored.requests == 0 != wrong[-1].counted.requests
    assert store.rebuild_rollups() == 16
    assert store.check_rollups() == ()


def test_sums_of_several_hours_are_used_only_while_nothing_changed_in_them(url: str, store: LogStore) -> None:
    day = START // HOUR_MS // 24 * 24 * HOUR_MS
    records = [a_record(f"r-{n}", started_at=day + n * HOUR_MS, model_requested="gpt-4o", cost_micros=n) for n in range(1, 40)]
    batch = store.append("ndjson", records, [], NOW)
    start, end = (datetime.fromtimestamp(at / 1000, UTC) for at in (day, day + 40 * HOUR_MS))
    spans = [(start, end), (start + 3 * HOUR, end - 5 * HOUR), (start + 9 * HOUR, start + 14 * HOUR)]
    before = [store.totals(Dimension.MODEL, *span) for span in spans]
    days = store.series(Dimension.MODEL, None, start, end, DAY)
    store.add_up_rollups(end)
    assert [store.totals(Dimension.MODEL, *span) for span in spans] == before
    assert store.series(Dimension.MODEL, None, start, end, DAY) == days
    assert store.series(Dimension.MODEL, ["none"], start, end, DAY) == ()
    assert store.add_up_rollups(end) == 0
    store.append("ndjson", [a_record("late", started_at=day + 2 * HOUR_MS, model_requested="gpt-4o")], [], NOW)
    assert [each.figures.requests for each in store.totals(Dimension.MODEL, start, end)] == [40]
    store.rollback(batch.batch_id or 0)
    assert [each.figures.requests for each in store.totals(Dimension.MODEL, start, end)] == [1]


def test_a_corrected_record_counts_under_its_new_name_only(store: LogStore) -> None:
    record = a_record("a", owner="loud", latency_ms=5)
    store.append("ndjson", [record], [], NOW)
    store.replace(with_clean_texts(record, {"loud": seal("quiet")}))
    assert [total.value for total in store.totals(Dimension.OWNER, LONG_AGO, LATER)] == ["quiet"]
    assert store.check_rollups() == ()
