"""Every figure of every report is what a slow, plain recomputation from the raw rows says, whatever happened."""

from __future__ import annotations

import csv
import io
import itertools
import os
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.core.key_tally import Side
from app.core.record import RedactedRecord
from app.core.review import Counted
from app.core.roles import Role
from app.core.rollups import Dimension
from app.core.week import Week
from app.operations.key_tallies import tally_keys
from app.operations.week_facts import week_facts
from app.settings import Settings, load
from app.store import desk_slots, key_slots
from app.store.database import db
from app.store.logs_open import open_log_store
from app.web.reports import consumption, gateway
from app.web.reports.span import DAY, Span
from tests import plain_figures as plain
from tests.conftest import NOW
from tests.hostile_world import Example, Raw, examples, store_desk
from tests.world import World, inhabit

ZONE = "Asia/Shanghai"
OFFICE = {"zone": ZONE, "hours": ((9, 12), (13, 18)), "off": {"2027-01-01"}}
THIS_HOUR = NOW.replace(minute=0) + timedelta(hours=1)
MIDNIGHT = THIS_HOUR.replace(hour=0) + DAY
SPANS = {"24h": (THIS_HOUR - DAY, THIS_HOUR), "7d": (MIDNIGHT - 7 * DAY, MIDNIGHT)}
FACT: dict[Dimension, Callable[[RedactedRecord], str]] = {
    Dimension.MODEL: lambda record: record.model_requested or "",
    Dimension.GROUP: lambda record: record.group or "",
    Dimension.ENVIRONMENT: lambda record: record.environment or "",
    Dimension.REQUEST_TYPE: lambda record: record.request_type,
    Dimension.PROVIDER: lambda record: record.provider or "",
    Dimension.CLIENT: lambda record: "cursor" if record.client else "",
    Dimension.OWNER: lambda record: record.owner or "",
}
EXAMPLES = int(os.environ.get("PROOF_EXAMPLES", "10"))
numbers = itertools.count()


@pytest.fixture
def settings_of_desk(tmp_path: Path) -> Settings:
    return load({"GATEDESK_DATA_DIR": str(tmp_path), "GATEDESK_SECRET_KEY": "s" * 40, "GATEDESK_TIME_ZONE": ZONE})


@pytest.fixture
def world(app: Flask, settings_of_desk: Settings) -> World:
    app.extensions["settings"] = settings_of_desk
    return inhabit(app)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(example=examples(), by=st.sampled_from(list(FACT)), counted=st.sampled_from([0, 3, 1000]))
def test_every_figure_equals_a_plain_recomputation(world: World, tmp_path: Path, example: Example, by: Dimension, counted: int) -> None:
    """counted: how many of the desk's hours were counted before; the pages count the others."""
    raw = Raw()
    empty_desk()
    store_log(world, tmp_path, raw, example)
    store_desk(raw, example.desk, example.more, [world.users[Role.AGENT], world.users[Role.MANAGER]])
    desk_slots.count_marked(counted)
    db.session.commit()
    manager = world.client(Role.MANAGER)
    for span in SPANS:
        check_gateway_page(manager, raw, span, by)
        check_failures(world, raw, span, by)
        check_desk_page(world, manager, raw, span)
    check_consumption(world, manager, raw, by)
    check_review(world, manager, raw)


def store_log(world: World, tmp_path: Path, raw: Raw, example: Example) -> None:
    """Batches with repeats, the counting by key in between, one batch that comes late and one that is taken out again."""
    store = open_log_store(f"sqlite:///{tmp_path}/log-{next(numbers)}.db")
    store.prepare()
    world.app.extensions["log_store"].close()
    world.app.extensions["log_store"] = store
    known: dict[str, RedactedRecord] = {}
    for records, classes in (example.first, example.late):
        store.append("ndjson", [*records, *records[:3]], [], NOW)
        tally_keys(store, NOW)
        for record in records:
            if record.record_id not in known:
                known[record.record_id], raw.classes[record.record_id] = record, classes[record.record_id]
    outcome = store.append("ndjson", example.undone[0], [], NOW)
    tally_keys(store, NOW)
    if outcome.batch_id is not None:
        store.rollback(outcome.batch_id)
    tally_keys(store, NOW)
    raw.records = list(known.values())


def empty_desk() -> None:
    """Forget the example before; the people stay."""
    db.session.rollback()
    db.session.execute(db.text("PRAGMA defer_foreign_keys=ON"))
    for table in reversed(db.metadata.sorted_tables):
        if table.name != "user":
            db.session.execute(table.delete())
    db.session.commit()


def rows_of(client: FlaskClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return list(csv.DictReader(io.StringIO(answer.text)))


def same(told: str | float | None, expected: float | None, what: object) -> None:
    """A number of a sheet beside the expected one; an empty cell is None."""
    number = None if told in ("", None) else float(told)  # type: ignore[arg-type]
    assert (number is None) == (expected is None), (what, told, expected)
    assert number is None or expected is None or number == pytest.approx(expected, abs=2e-6), (what, told, expected)


def check_gateway_page(manager: FlaskClient, raw: Raw, span: str, by: Dimension) -> None:
    assert manager.get(f"/reports/?span={span}&by={by}").status_code == 200
    records = plain.of_span(raw.records, *SPANS[span])
    values = {FACT[by](record) for record in records}
    rows = {row[by.value]: row for row in rows_of(manager, f"/reports/gateway.csv?span={span}&by={by}")}
    assert rows.keys() == values
    for value in values:
        alike = [record for record in records if FACT[by](record) == value]
        for name, (expected, _n) in plain.gateway(alike).items():
            same(rows[value][name], expected / 1e6 if name == "cost" and expected is not None else expected, (span, by, value, name))
        counted = int(rows[value]["requests"]), int(rows[value]["failing_keys"])
        assert counted == (len(alike), plain.keys_of(plain.failures_of(alike))), (span, by, value)
        check_percentiles(rows[value], alike)


def check_percentiles(row: dict[str, str], records: Sequence[RedactedRecord]) -> None:
    took = [record.latency_ms for record in records if record.outcome == "ok" and record.latency_ms is not None]
    first = [record.ttft_ms for record in records if record.ttft_ms is not None]
    for name, values, share in (("latency_p50", took, 0.5), ("latency_p95", took, 0.95), ("ttft_p50", first, 0.5)):
        bounds = plain.percentile_bounds(values, share)
        assert (row[name] == "") == (bounds is None), name
        assert bounds is None or bounds[0] - 1e-6 <= float(row[name]) <= bounds[1] + 1e-6, (name, row[name], bounds)


def check_failures(world: World, raw: Raw, span: str, by: Dimension) -> None:
    """By side, by class, by value, and step by step; each with its distinct keys."""
    start, end = SPANS[span]
    records = plain.of_span(raw.records, start, end)
    failed = plain.failures_of(records)
    by_side = {side: [r for r in failed if plain.side_of(r, raw.classes[r.record_id]) == side] for side in Side}
    counted = key_slots.counted(start, end)
    assert counted.by_side() == {side: (len(rows), plain.keys_of(rows)) for side, rows in by_side.items() if rows}
    classes = Counter(raw.classes[record.record_id] for record in failed)
    keys = counted.keys_behind("failure")
    assert {name: keys.get(name, 0) for name in classes} == {
        name: plain.keys_of(r for r in failed if raw.classes[r.record_id] == name) for name in classes
    }
    assert counted.requests() == len(records)
    with world.app.test_request_context(f"/reports/?span={span}"):
        asked = Span(span, start, end)
        store = world.app.extensions["log_store"]
        columns = gateway._columns(store.series(Dimension.ALL, None, start, end, asked.step), asked)
        shown = gateway._classes(store.totals(Dimension.FAILURE, start, end, 1000), counted, asked)
        metrics = gateway.all_metrics(gateway.add_up(p.figures for p in store.series(Dimension.ALL, None, start, end, asked.step)), counted)
    assert sorted(count for _title, count, _keys, _statuses, _href in shown) == sorted(classes.values())
    for step, (_label, requests, failures) in zip(asked.steps, columns, strict=True):
        inside = plain.of_span(records, step, step + asked.step)
        assert (requests, failures) == (len(inside), len(plain.failures_of(inside)))
    for name, (value, n) in (plain.gateway(records) | plain.by_key(records, raw.records)).items():
        assert metrics[name].n == n, name
        same(metrics[name].value, value, (span, name))


def check_desk_page(world: World, manager: FlaskClient, raw: Raw, span: str) -> None:
    start, end = SPANS[span]
    assert manager.get(f"/reports/desk?span={span}").status_code == 200
    told = {row["figure"]: row for row in rows_of(manager, f"/reports/desk.csv?span={span}")}
    records = plain.of_span(raw.records, start, end)
    expected = plain.desk(raw, start, end, required(world), OFFICE) | needed(raw, start, end, records)
    assert {name for name in told if not name.startswith("tickets:")} == expected.keys()
    for name, (value, n) in expected.items():
        assert int(told[name]["n"]) == n, (span, name)
        same(told[name]["value"], value, (span, name))
    causes = Counter(t["cause"] or "none" for t in filed(raw, start, end))
    assert {name.removeprefix("tickets: "): int(row["n"]) for name, row in told.items() if name.startswith("tickets:")} == causes


def filed(raw: Raw, start: datetime, end: datetime) -> list[dict[str, Any]]:
    return [t for t in raw.tickets if t["state"] not in plain.ASIDE and start <= t["created_at"] < end]


def needed(raw: Raw, start: datetime, end: datetime, records: Sequence[RedactedRecord]) -> dict[str, plain.Figure]:
    n, keys = len(filed(raw, start, end)), plain.keys_of(records)
    return {
        "tickets_per_requests": (10_000 * n / len(records) if len(records) >= 5 else None, len(records)),
        "tickets_per_keys": (1_000 * n / keys if keys >= 5 else None, keys),
    }


def required(world: World) -> dict[str, tuple[str, ...]]:
    return {cause.id: cause.required for cause in world.app.extensions["rulebook"].causes.causes.values()}


def check_consumption(world: World, manager: FlaskClient, raw: Raw, by: Dimension) -> None:
    """Days of Shanghai, charges and refunds apart."""
    assert manager.get(f"/reports/consumption?span=7d&by={by}").status_code == 200
    told = {(row["day"], row[by.value]): row for row in rows_of(manager, f"/reports/consumption.csv?span=7d&by={by}")}
    start, end = SPANS["7d"]
    days = {(start + n * DAY).date() for n in range((end - start).days)}
    groups: dict[tuple[str, str], list[RedactedRecord]] = {}
    for record in raw.records:
        day = plain.at(record).astimezone(ZoneInfo(ZONE)).date()
        if day in days:
            groups.setdefault((day.isoformat(), FACT[by](record)), []).append(record)
    assert told.keys() == groups.keys()
    for place, records in groups.items():
        charged = sum(max(record.cost_micros or 0, 0) for record in records)
        same(told[place]["charged"], charged / 1e6, place)
        same(told[place]["net"], plain.cost(records) / 1e6, place)
        same(told[place]["refunded"], (charged - plain.cost(records)) / 1e6, place)
        assert int(told[place]["requests"]) == len(records)
    with world.app.test_request_context("/reports/consumption?span=7d"):
        spent = consumption.spent_by_day(Span("7d", start, end), by)
    assert {day.day for day in spent} == days


def check_review(world: World, manager: FlaskClient, raw: Raw) -> None:
    """The week under way, beside the same part of the week before."""
    week = Week.of(NOW)
    spans = [(week.start, THIS_HOUR), (week.start - timedelta(days=7), THIS_HOUR - timedelta(days=7))]
    told = {row["figure"]: row for row in rows_of(manager, f"/reports/review/{week}/figures.csv")}
    for column, (start, end) in zip(("this_week", "week_before"), spans, strict=True):
        records = plain.of_span(raw.records, start, end)
        expected = plain.gateway(records) | plain.by_key(records, raw.records) | plain.desk(raw, start, end, required(world), OFFICE)
        for name in told.keys() - {"latency_p95"}:
            value = expected[name][0]
            same(told[name][column], value / 1e6 if name == "cost" and value is not None else value, (column, name))
    check_lists(world, raw, week, spans)
    assert manager.get(f"/reports/review/{week}").status_code == 200


def check_lists(world: World, raw: Raw, week: Week, spans: list[tuple[datetime, datetime]]) -> None:
    store, book = world.app.extensions["log_store"], world.app.extensions["rulebook"]
    facts = week_facts(week, book, store, NOW)
    now, before = (plain.of_span(raw.records, *span) for span in spans)
    for lines, fact in ((facts.costliest_models, FACT[Dimension.MODEL]), (facts.costliest_groups, FACT[Dimension.GROUP])):
        costs = [{v: plain.cost(r for r in records if fact(r) == v) for v in map(fact, records) if v} for records in (now, before)]
        assert pairs(lines) == {v: (micros, costs[1].get(v, 0)) for v, micros in costs[0].items() if micros > 0}
    keys = Counter[object]()
    for record in now:
        keys[plain.key_of(record)] += record.cost_micros or 0
    assert sorted(key.now for key in facts.costliest_keys) == sorted(m for key, m in keys.items() if key is not None and m > 0)
    failed = [Counter(raw.classes[r.record_id] for r in plain.failures_of(records)) for records in (now, before)]
    assert pairs(facts.failures) == {each.name: (failed[0][each.name], failed[1][each.name]) for each in facts.failures}
    assert sum(each.now for each in facts.failures) == sum(failed[0].values())
    again = [
        Counter(r.model_requested or "" for r in plain.failures_of(plain.tried_again(records, raw.records))) for records in (now, before)
    ]
    assert pairs(facts.tried_again) == {model: (count, again[1][model]) for model, count in again[0].items()}
    open_ones = [t for t in raw.tickets if t["state"] in plain.ACTIVE]
    assert set(facts.without_action) == {t["id"] for t in open_ones}  # none of them has a next action of its own row
    assert set(facts.unassigned) == {t["id"] for t in open_ones if not t["assignee"]}
    about_money = {t["id"] for t in filed(raw, *spans[0]) if t["cause"] == "charged-but-failed"}
    assert set(facts.disputes) == about_money
    told = [t | {"key": plain.key_told(t)} for t in filed(raw, *spans[0])]
    lacking = {name: sum(t[name] is None for t in told) for name in ("client", "model", "status_code", "error_text", "key", "request_time")}
    found = {each.name: each.now for each in facts.missing}
    assert {name: found.get(name, 0) for name in lacking} == lacking


def pairs(lines: Sequence[Counted]) -> dict[str, tuple[float, float]]:
    return {line.name: (line.now, line.before) for line in lines}
