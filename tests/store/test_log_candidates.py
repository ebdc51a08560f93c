"""Which records the store brings to the matcher: by id, by key, by likeness near the time, in a bounded number of probes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from app.core.evidence import Evidence
from app.core.key_ref import KeyRef
from app.core.matching import SearchHints, search_hints
from app.core.record import Outcome
from app.core.redacted_text import seal
from app.store import logs_candidates, logs_probes
from app.store.logs import LogStore
from app.store.logs_sql import SqlLogStore
from tests.conftest import NOW
from tests.log_engines import SQL_ENGINES, new_log_url
from tests.matching import CLIENTS, FINGERPRINT, LIMIT, MODELS, a_failure, a_report

KEY = KeyRef("sk-", "9f3c", FINGERPRINT)


@pytest.fixture(params=SQL_ENGINES)
def sql_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlLogStore]:
    with new_log_url(str(request.param), tmp_path) as url:
        store = SqlLogStore(url)
        yield store
        store.close()


def keep(store: LogStore, *records) -> None:
    store.append("ndjson", records, (), NOW)


def found(store: LogStore, evidence: Evidence, widen: int = 1, hints: SearchHints | None = None) -> set[str]:
    hints = hints or search_hints(evidence, CLIENTS, MODELS)
    return {record.request_id for record in store.candidates(evidence, widen, hints).records}


def test_an_empty_log_has_nothing_and_says_so(store):
    result = store.candidates(a_report(key=KEY))
    assert (result.records, result.capped, result.log_has_records) == ((), False, False)


def test_failures_near_the_time_are_found_and_successes_are_not(store):
    keep(store, a_failure("near", minutes=3), a_failure("far", minutes=300), a_failure("fine", outcome=Outcome.OK))
    assert found(store, a_report()) == {"near"}


def test_a_request_id_is_found_at_any_time_and_outcome_in_its_field_or_in_the_text(store):
    rid = "2fc13fb4fea7600a41f2654bd7966fb5"
    keep(store, a_failure(rid, minutes=-9000, outcome=Outcome.OK), a_failure("other", minutes=-9000))
    assert found(store, a_report(request_id=rid)) == {rid}
    assert found(store, a_report(error_text=f"无效的令牌 (request id: {rid})")) == {rid}


def test_the_id_of_an_action_brings_its_attempts(store):
    keep(store, *(a_failure(f"try-{n}", action_id="trace-1", attempt=n, minutes=-9000) for n in (1, 2)))
    assert found(store, a_report(request_id="trace-1")) == {"try-1", "try-2"}


def test_a_task_id_is_found_at_any_time(store):
    keep(store, a_failure("submit", task_id="task_1", minutes=-4000), a_failure("other", task_id="task_2", minutes=-4000))
    assert found(store, a_report(task_id="task_1")) == {"submit"}


def test_a_key_is_followed_into_other_time_zones(store):
    keep(store, a_failure("mine", minutes=-330), a_failure("theirs", minutes=-330, key_fingerprint="f" * 32, key_last4="zzzz"))
    assert found(store, a_report(key=KeyRef(fingerprint=FINGERPRINT))) == {"mine"}
    assert found(store, a_report(key=KeyRef("sk-", "9f3c"))) == {"mine"}
    assert found(store, a_report()) == set()


def test_eight_hours_off_are_searched_without_a_key_and_five_on_request(store):
    keep(store, a_failure("shanghai", minutes=-480), a_failure("karachi", minutes=-300))
    assert found(store, a_report()) == {"shanghai"}
    assert found(store, a_report(), widen=2) == {"shanghai", "karachi"}


def test_a_wider_search_reaches_further(store):
    keep(store, a_failure("late", minutes=40))
    assert found(store, a_report()) == set()
    assert found(store, a_report(), widen=2) == {"late"}


def test_without_a_time_the_newest_failures_and_those_of_the_key_are_searched(store):
    keep(store, a_failure("old", minutes=-40_000), a_failure("new", minutes=-10, key_fingerprint="f" * 32))
    assert found(store, a_report(minutes=None, key=KeyRef(fingerprint=FINGERPRINT))) == {"old", "new"}


def test_slow_successes_of_the_key_are_brought_when_the_report_speaks_of_a_timeout(store):
    slow = a_failure("slow", outcome=Outcome.OK, status_code=200, latency_ms=90_000, minutes=-2)
    keep(store, slow, a_failure("quick", outcome=Outcome.OK, status_code=200, latency_ms=900))
    key = KeyRef(fingerprint=FINGERPRINT)
    assert found(store, a_report(key=key, status_code=None, error_text="Request timed out.")) == {"slow"}
    assert found(store, a_report(key=key)) == set()


@pytest.fixture
def tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that may take little."""
    monkeypatch.setattr(logs_candidates, "TAKEN_NEAR", 5)
    monkeypatch.setattr(logs_candidates, "TAKEN_SHIFTED", 2)


def crowd(count: int = 60, **changes):
    fields = {
        "model_requested": "claude-sonnet-4-5",
        "client": "curl/8.5.0",
        "error_message": "overloaded",
        "status_code": 503,
        "stream": True,
    }
    return [
        a_failure(f"crowd-{n}", minutes=(n % 20) / 10 - 1, key_fingerprint="f" * 32, key_last4="zzzz", **(fields | changes))
        for n in range(count)
    ]


@pytest.mark.usefixtures("tight")
@pytest.mark.parametrize(
    "known",
    [
        {"status_code": 429},
        {"model": "GPT4o"},
        {"client": "樱桃"},
        {"error_text": LIMIT},
        {"stream": False},
        {"key": KeyRef("sk-", "9fc3")},
    ],
    ids=lambda known: next(iter(known)),
)
def test_whatever_is_known_counts_before_the_bound(store, known):
    keep(store, *crowd(), a_failure("mine", minutes=10, stream=False))
    nothing = {"status_code": None, "model": None, "client": None, "error_text": None}
    assert "mine" not in found(store, a_report(**nothing))
    assert "mine" in found(store, a_report(**(nothing | known)))


def test_the_request_that_a_report_names_comes_with_its_other_attempts_and_nothing_else(store):
    tries = [a_failure(f"try-{n}", action_id="trace-1", attempt=n, minutes=n) for n in (1, 2, 3)]
    keep(store, *tries, *crowd(5), a_failure("alike"))
    assert found(store, a_report(request_id="try-2", key=KEY)) == {"try-1", "try-2", "try-3"}


def test_a_problem_of_the_reports_own_key_in_time_needs_no_rival_but_a_sample_of_the_usual(store, monkeypatch):
    monkeypatch.setattr(logs_candidates, "FEW", 30)
    others = [a_failure(f"o{n}", minutes=n / 10, key_fingerprint="f" * 32, key_last4="zzzz") for n in range(60)]
    keep(store, *others, a_failure("mine", minutes=2), a_failure("mine far off", minutes=300))
    for key in (KeyRef(fingerprint=FINGERPRINT), KeyRef("sk-", "9f3c")):
        result = store.candidates(a_report(key=key), 1, search_hints(a_report(), CLIENTS, MODELS))
        assert {record.request_id for record in result.records} == {"mine", "mine far off"}
        assert result.background.total == 61
    assert {f"o{n}" for n in range(60)} < found(store, a_report(key=KeyRef("sk-", "9f3c"), model="claude sonnet 4.5", status_code=503))


def test_in_another_zone_only_problems_that_agree_in_what_tells_most_are_looked_at(store):
    keep(store, a_failure("same status", minutes=-480), a_failure("another", minutes=-480, status_code=503))
    assert found(store, a_report()) == {"same status"}
    assert found(store, a_report(status_code=None)) == {"same status", "another"}


def test_more_problems_than_are_counted_are_told_by_the_rollups(store, monkeypatch):
    if not isinstance(store, SqlLogStore):
        pytest.skip("ClickHouse counts them all")
    monkeypatch.setattr(logs_probes, "MOST_COUNTED", 50)
    monkeypatch.setattr(logs_candidates, "TAKEN_NEAR", 20)
    keep(store, *(a_failure(f"r{n}", minutes=n % 20) for n in range(200)))
    result = store.candidates(a_report(minutes=10))
    assert result.capped
    assert 100 <= result.background.total <= 200  # all began in one hour, of which the window holds a part


@pytest.mark.usefixtures("tight")
def test_it_is_said_when_records_as_good_were_left_out(store):
    keep(store, *crowd(), a_failure("mine"))
    alike = {"model": "claude sonnet 4.5", "status_code": 503, "client": "curl", "error_text": "overloaded"}
    assert store.candidates(a_report(**alike)).capped
    assert not store.candidates(a_report()).capped


def test_of_a_full_search_those_without_a_chance_beside_the_best_are_not_read(sql_store, tight):
    strange = [a_failure(f"s{n}", minutes=n / 10, model_requested="kling-v2", client="curl/8", status_code=500) for n in range(9)]
    keep(sql_store, a_failure("own", minutes=3), *strange)
    report = a_report(error_text=LIMIT)
    found_at_all = sql_store.candidates(report, 1, search_hints(report, CLIENTS, MODELS))
    assert {record.request_id for record in found_at_all.records} == {"own"}
    assert found_at_all.background.total == 10
    assert not found_at_all.capped


def test_the_log_knows_whether_it_reaches_the_stated_time(store):
    keep(store, a_failure("first", minutes=-3000), a_failure("last", minutes=-2000))
    assert store.candidates(a_report(minutes=-2500)).log_has_records
    assert not store.candidates(a_report(minutes=0)).log_has_records
    assert not store.candidates(a_report(minutes=-9000)).log_has_records


def test_a_record_that_several_probes_find_comes_once(store):
    keep(store, a_failure("mine"))
    result = store.candidates(a_report(key=KEY, request_id="mine", error_text="request id: mine"))
    assert len(result.records) == 1


def statements_for(store: SqlLogStore, evidence: Evidence) -> list[tuple[str, tuple[object, ...]]]:
    """What was asked of the records, whichever file holds them."""
    seen: list[tuple[str, tuple[object, ...]]] = []

    def note(_connection, _cursor, statement, parameters, *_):
        if "log_record" in statement:
            seen.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        store.candidates(evidence)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return seen


def full_report() -> Evidence:
    text = "Request timed out. request id: 2fc13fb4fea7600a41f2654bd7966fb5"
    return a_report(key=KEY, request_id="r", task_id="t", stream=True, error_text=text)


def test_the_number_of_probes_does_not_grow_with_the_log(sql_store):
    keep(sql_store, a_failure("one"))
    few = len(statements_for(sql_store, full_report()))
    keep(sql_store, *(a_failure(f"r{n}", minutes=n / 10) for n in range(400)))
    assert len(statements_for(sql_store, full_report())) <= few + 1  # one more when the bound was met
    assert few <= 12


def test_every_probe_of_sqlite_goes_by_its_index(tmp_path):
    store = SqlLogStore(f"sqlite:///{tmp_path / 'logs.db'}")
    keep(store, *(a_failure(f"r{n}", minutes=n) for n in range(300)))
    elsewhere = a_report(minutes=-9000, key=KeyRef("sk-", "0000"))
    asked = [each for report in (full_report(), elsewhere) for each in statements_for(store, report)]
    plans = [plan_of(store, statement, parameters) for statement, parameters in asked]
    used = {word for plan in plans for word in plan.split() if word.startswith("ix_log")}
    problem_rows = {"ix_log_problem_key", "ix_log_problem_tail", "ix_log_problem_time"}
    late_successes, ends = "ix_log_key_time", "ix_log_time"
    assert used == problem_rows | {"ix_log_request", "ix_log_action", "ix_log_task", late_successes, ends}
    for plan in plans:
        assert "SCAN log_record" not in plan or "USING COVERING INDEX ix_log_time" in plan, plan  # the ends
    by_time = [plan for (statement, _), plan in zip(asked, plans, strict=True) if "likeness" in statement and "problem_time" in plan]
    assert by_time
    assert all("COVERING INDEX ix_log_problem_time" in plan for plan in by_time)  # rows that are not wanted are not read
    store.close()


def plan_of(store: SqlLogStore, statement: str, parameters: tuple[object, ...]) -> str:
    with store.places.reading() as log:
        connection = log.everywhere()[0]
        return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))


def test_wildcards_in_a_users_words_are_only_letters(store):
    keep(store, a_failure("mine"))
    assert found(store, a_report(model="%_%", client="100%_"), hints=SearchHints()) == {"mine"}


def test_a_key_tells_what_it_did_that_day(store):
    keep(
        store,
        a_failure("bad", minutes=-5, key_alias="team key", owner="team-1"),
        a_failure("good", minutes=-60, outcome=Outcome.OK, status_code=200),
        a_failure("old", minutes=-3000),
        a_failure("foreign", key_fingerprint="f" * 32),
    )
    activity = store.key_activity(FINGERPRINT, NOW, limit=1)
    assert activity is not None
    assert (activity.total, activity.ok, activity.by_status) == (2, 1, {429: 1, 200: 1})
    assert activity.last_ok_at == int((NOW - timedelta(minutes=60)).timestamp() * 1000)
    assert (activity.alias, activity.owner) == ("team key", "team-1")
    assert [record.request_id for record in activity.recent] == ["bad"]
    assert store.key_activity("e" * 32, NOW) is None


def test_neighbours_are_failures_alike_over_all_keys(store):
    keep(
        store,
        a_failure("a"),
        a_failure("b", minutes=20, key_fingerprint="f" * 32),
        a_failure("c", minutes=20, key_fingerprint="f" * 32),
        a_failure("d", status_code=503),
        a_failure("e", model_requested="other"),
        a_failure("f", minutes=90),
        a_failure("g", outcome=Outcome.OK, status_code=200),
    )
    alike = store.neighbours(429, "gpt-4o", NOW, 60)
    assert (alike.window_minutes, alike.failures, alike.distinct_keys, alike.requests) == (60, 3, 2, 5)
    assert store.neighbours(None, "gpt-4o", NOW, 60).failures == 4
    assert store.neighbours(429, None, NOW, 60).failures == 4


def test_stored_text_comes_back_as_redacted_text(store):
    keep(store, a_failure("mine", error_message=LIMIT))
    record = store.candidates(a_report()).records[0]
    assert type(record.error_message) is type(seal(""))
