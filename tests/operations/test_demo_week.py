"""The demonstration's week read by the desk's own jobs: every planted trouble is found in its proper form, nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.jobs import watch_for_incidents, watch_for_slow_rises, watch_for_waste, watch_spending
from app.operations.keys import rebuild_keys
from app.operations.setup import fill_demo
from app.settings import load
from app.store import desk_warnings, incidents
from app.store.database import db
from app.store.models_budgets import BudgetAlert
from app.store.models_incidents import Incident
from app.store.models_warnings import DeskWarning

END = datetime(2026, 11, 20, 8, 40, tzinfo=UTC)  # a Friday
STEP = timedelta(hours=2)  # each look judges the last two whole hours
WASTE = 18  # the hour at which spending is looked at here
SLOW = 6  # hours between two looks at slow rises: the job looks every hour, and finds no less


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A desk filled with the demonstration, and every hour of its week watched."""
    folder: Path = tmp_path_factory.mktemp("week")
    settings = load({"GATEDESK_DATA_DIR": str(folder), "GATEDESK_SECRET_KEY": "s" * 40, "GATEDESK_KB_DIR": str(folder / "kb")})
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        app.extensions["log_store"].prepare()
        fill_demo(settings, app.extensions["rulebook"], app.extensions["log_store"], END, lived=False)
        rebuild_keys(app.extensions["log_store"], app.extensions["rulebook"].redactor)
        _watch(app)
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["log_store"].close()


def _watch(app: Flask) -> None:
    """As the jobs do, without looking twice at the same hour."""
    moment = (END - timedelta(days=7)).replace(minute=13)
    while moment <= END:
        watch_for_incidents(app, moment)
        watch_spending(app, moment)
        if moment.hour % SLOW == 0:
            watch_for_slow_rises(app, moment)
        if moment.hour == WASTE:
            watch_for_waste(app, moment)
        moment += STEP


def by_place() -> dict[tuple[str, str, str], Incident]:
    return {(each.failure, each.dimension, each.value): each for each in incidents.newest(100)}


def test_exactly_the_planted_failures_become_incidents(week: Flask) -> None:
    assert set(by_place()) == {
        ("other", "model", "claude-sonnet-4-5-20250929"),  # a provider's outage
        ("other", "model", "gemini-2.5-pro"),  # another one, under way
        ("balance", "group", "growth"),  # a budget used up
        ("balance", "model", "qwen-max"),  # the gateway's own account at a provider unpaid
        ("timeout", "model", "deepseek-reasoner"),  # a slow model
        ("task_stuck", "model", "kling-v2"),  # a queue that stands still
        ("model_not_found", "all", ""),  # programs that still use the names of before the migration
    }
    assert len(incidents.newest(100)) == 7


@pytest.mark.parametrize(
    ("place", "day", "hours"),
    [
        (("other", "model", "claude-sonnet-4-5-20250929"), 18, (6, 7)),
        (("other", "model", "gemini-2.5-pro"), 20, (7, 7)),
        (("balance", "group", "growth"), 19, (7, 12)),
        (("balance", "model", "qwen-max"), 15, (8, 11)),
        (("timeout", "model", "deepseek-reasoner"), 18, (13, 14)),
        (("task_stuck", "model", "kling-v2"), 19, (2, 7)),
        (("model_not_found", "all", ""), 16, (1, 6)),
    ],
)
def test_each_began_when_it_was_planted(week: Flask, place: tuple[str, str, str], day: int, hours: tuple[int, int]) -> None:
    found = by_place()[place]
    assert found.started_at.day == day
    assert hours[0] <= found.started_at.hour <= hours[1]
    assert found.found_at - found.started_at <= timedelta(hours=12)
    assert max(entry["keys"] for entry in found.hours) >= 3


def test_one_keys_retries_are_a_warning_with_key_client_count_and_advice(week: Flask) -> None:
    storm, revoked = sorted(desk_warnings.standing(["retry-storm"]), key=lambda each: -each.facts["count"])
    assert (storm.value, storm.facts["failure"], storm.facts["client"]) == ("data-batch-prod", "rate_limit", "AsyncOpenAI/Python 1.99.9")
    assert storm.facts["count"] >= 300
    assert (storm.started_at.day, storm.started_at.hour) == (17, 13)
    assert (revoked.facts["failure"], revoked.facts["group"]) == ("auth", "content")  # a key that was switched off, still in use
    rule = week.extensions["rulebook"].warnings.kinds["retry-storm"]
    assert str(storm.facts["count"]) in rule.said(storm.facts, "en")
    assert storm.examples


def test_a_budget_used_up_reaches_every_mark_on_its_day_alone(week: Flask) -> None:
    told = [alert for alert in db.session.query(BudgetAlert) if alert.budget.value == "growth"]
    assert {alert.mark for alert in told} == {"50", "80", "90", "100", "hard", "jump"}
    assert len(told) == 6
    assert {alert.window_start.day for alert in told} == {19}
    [full] = [alert for alert in told if alert.mark == "100"]
    assert full.at.hour <= 8


def test_a_costly_day_is_a_jump_that_names_model_and_key(week: Flask) -> None:
    [jump] = [alert for alert in db.session.query(BudgetAlert) if alert.budget.value == "engineering"]
    assert (jump.mark, jump.at.day) == ("jump", 19)
    model = next(each for each in jump.because if each["what"] == "model")
    key = next(each for each in jump.because if each["what"] == "key")
    assert model["value"] == "gpt-5"
    assert model["share"] > 0.5
    assert key["value"].startswith("engineering-")


def test_money_spent_in_ways_nobody_meant_is_warned_of(week: Flask) -> None:
    kinds = [kind.id for kind in week.extensions["rulebook"].warnings.kinds.values() if kind.costs]
    found = {(each.rule, each.value) for each in desk_warnings.standing(kinds)}
    assert found == {
        ("mixed-group", "content"),
        ("test-key-in-production", "engineering-test-2"),
        ("shared-key", "support-bot-pers-2"),
        ("ownerless-key", "video-studio-pers-1"),
    }
    assert all(each.examples and each.facts["money"] > 0 for each in desk_warnings.standing(kinds))


def test_watching_again_finds_nothing_new(week: Flask) -> None:
    assert watch_for_incidents(week, END) == watch_for_slow_rises(week, END) == watch_spending(week, END) == 0
    assert db.session.query(DeskWarning).filter_by(rule="retry-storm").count() == 2
