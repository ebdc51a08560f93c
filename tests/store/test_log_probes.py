"""A search of a crowd compares few of its rows in full, and finds what a search that compares all of them finds."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.core.key_ref import KeyRef
from app.core.matching import search_hints
from app.core.record import RedactedRecord
from app.store import logs_candidates, logs_probes
from app.store.logs_likeness import likeness_values, said_of
from app.store.logs_probes import By, Taken, Window
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_engines import SQL_ENGINES, new_log_url
from tests.matching import CLIENTS, FINGERPRINT, LIMIT, MODELS, a_failure, a_report

AT = int(NOW.timestamp() * 1000)
WINDOW = Window.around(AT, 15 * 60_000)
TAKEN = 20
STATUSES, NAMES = (429, 503, 500), ("gpt-4o", "claude-sonnet-4-5", "kling-v2")
AGENTS, TEXTS = ("curl/8.5.0", "Cursor/1.7", "CherryStudio/1.6.2"), (LIMIT, "overloaded", "the server had an error")
KEYS = (("f" * 32, "zzzz"), (FINGERPRINT, "9f3c"), ("e" * 32, "9fc3"))


def a_crowd(chance: random.Random, count: int) -> list[RedactedRecord]:
    def one(number: int) -> RedactedRecord:
        fingerprint, tail = chance.choices(KEYS, (60, 1, 1))[0]
        return a_failure(
            f"r{number}", minutes=chance.uniform(-14, 14), status_code=chance.choices(STATUSES, (1, 30, 30))[0],
            model_requested=chance.choices(NAMES, (1, 30, 30))[0], client=chance.choice(AGENTS), error_message=chance.choice(TEXTS),
            stream=chance.random() < 0.5, key_fingerprint=fingerprint, key_last4=tail,
        )  # fmt: skip

    return [one(number) for number in range(count)]


def some_report(chance: random.Random):
    """Of what can be said, now this and now that."""
    said = {
        "status_code": 429, "model": "GPT4o", "client": "Cherry Studio", "error_text": LIMIT, "stream": True,
        "key": KeyRef("sk-", "9f3c"),
    }  # fmt: skip
    nothing = {"status_code": None, "model": None, "client": None, "error_text": None, "stream": None, "key": KeyRef()}
    return a_report(**{name: value if chance.random() < 0.7 else nothing[name] for name, value in said.items()})


@pytest.fixture(params=SQL_ENGINES)
def crowded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLogStore]:
    with new_log_url(str(request.param), tmp_path) as url:
        store = SqlLogStore(url)
        store.append("ndjson", a_crowd(random.Random(5), 300), (), NOW)
        yield store
        store.close()


def found(store: SqlLogStore, values: Mapping[str, Any]) -> Taken:
    with store.places.reading() as log:
        return logs_probes.search(log, By.TIME, (WINDOW,), TAKEN, values)


def test_a_narrow_search_finds_the_same_as_one_that_compares_all(crowded, monkeypatch):
    chance = random.Random(7)
    reports = [some_report(chance) for _ in range(40)]
    asked = [likeness_values(report, search_hints(report, CLIENTS, MODELS)) for report in reports]
    narrow = [found(crowded, values) for values in asked]
    monkeypatch.setattr(logs_probes, "tells", lambda *_: "")
    for values, quick in zip(asked, narrow, strict=True):
        full = found(crowded, values)
        assert [(row.id, row.likeness) for row in quick.rows] == [(row.id, row.likeness) for row in full.rows], said_of(values)
        assert quick.met == full.met
        assert is_capped(quick) == is_capped(full), said_of(values)


def is_capped(taken: Taken) -> bool:
    return taken.least >= logs_candidates.ALIKE * taken.rows[0].likeness


def test_most_reports_are_answered_by_comparing_few(crowded, monkeypatch):
    asked = []
    ask = logs_probes._ask
    monkeypatch.setattr(logs_probes, "_ask", lambda *arguments: asked.append(arguments[1].is_narrow) or ask(*arguments))
    report = a_report(status_code=429, model="GPT4o", client="Cherry Studio", error_text=LIMIT)
    found(crowded, likeness_values(report, search_hints(report, CLIENTS, MODELS)))
    assert asked == [True]


def test_where_too_little_is_like_the_report_all_are_compared(crowded):
    report = a_report(status_code=404, model="gemini 2.5 pro", client="curl", error_text=None)
    rows = found(crowded, likeness_values(report, search_hints(report, CLIENTS, MODELS))).rows
    assert len(rows) == TAKEN
    assert {row.client for row in rows} == {"curl/8.5.0"}


def test_only_the_nearest_on_each_side_are_looked_at(crowded, monkeypatch):
    monkeypatch.setattr(logs_probes, "SCANNED_PER_SIDE", 15)
    rows = found(crowded, likeness_values(a_report(), search_hints(a_report(), CLIENTS, MODELS))).rows
    with crowded.places.reading() as log:
        times = [time for each in log.everywhere() for (time,) in each.exec_driver_sql("SELECT started_at FROM log_record").all()]
    looked_at = {*sorted(time for time in times if time < AT)[-15:], *sorted(time for time in times if time >= AT)[:15]}
    assert rows
    assert {row.started_at for row in rows} <= looked_at


def ids(store: SqlLogStore, report) -> set[str]:
    return {record.request_id for record in store.candidates(report, 1, search_hints(report, CLIENTS, MODELS)).records}


@pytest.fixture
def busy_key(tmp_path: Path) -> Iterator[SqlLogStore]:
    """A key with many problems of another kind hours away, and one there that is like the one in time."""
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    others = [a_failure(f"o{n}", minutes=-300 - n, status_code=503, client="curl/8.5.0") for n in range(12)]
    store.append("ndjson", [a_failure("in time", minutes=2), a_failure("as like", minutes=-480), *others], (), NOW)
    yield store
    store.close()


def test_of_a_busy_key_what_is_out_of_time_and_no_rival_of_the_best_in_time_is_not_read(busy_key):
    assert ids(busy_key, a_report(key=KeyRef("sk-", "9f3c", FINGERPRINT), error_text=LIMIT)) == {"in time", "as like"}


def test_of_a_busy_key_with_nothing_in_time_whatever_is_like_the_report_is_read(busy_key):
    report = a_report(minutes=-310, key=KeyRef("sk-", "9f3c", FINGERPRINT), status_code=503, client="curl", error_text=LIMIT)
    assert {f"o{n}" for n in range(12)} <= ids(busy_key, report)


def test_in_another_zone_only_rivals_of_the_best_in_time_are_read_where_there_are_many(tmp_path, monkeypatch):
    monkeypatch.setattr(logs_candidates, "TAKEN_SHIFTED", 3)
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    strange = [a_failure(f"s{n}", minutes=-480 + n / 10, model_requested="kling-v2", error_message="overloaded") for n in range(5)]
    store.append("ndjson", [a_failure("in time", minutes=1), *strange], (), NOW)
    assert ids(store, a_report(error_text=LIMIT)) == {"in time"}
    store.append("ndjson", [a_failure("shanghai", minutes=-481)], (), NOW)
    assert ids(store, a_report(error_text=LIMIT)) == {"in time", "shanghai"}
    store.close()
