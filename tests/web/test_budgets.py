"""Budgets are for those who may see amounts; each mark is told once a window, and taken note of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.operations.budgets import spending_of, watch_budgets
from app.operations.key_tallies import tally_keys
from app.operations.keys import rebuild_keys
from app.store import budgets
from app.store.database import db
from app.store.models_desk import Notice
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.world import World, inhabit

SPENDER = {"model_requested": "gpt-5", "key_alias": "growth-prod", "environment": "production", "request_type": "chat"}


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def manager(world: World) -> FlaskClient:
    return world.client(Role.MANAGER)


def a_budget(world: World, **changes: object) -> dict[str, object]:
    owner = world.users[Role.AGENT].id
    usual = {
        "dimension": "group",
        "value": "growth",
        "window": "month",
        "soft": "10",
        "hard": "",
        "zone": "UTC",
        "owner": owner,
        "backup": 0,
    }
    return usual | changes


def spend(world: World, usd: int, name: str = "x") -> None:
    at = int((NOW - timedelta(hours=1)).timestamp() * 1000)
    world.app.extensions["log_store"].append(
        "ndjson", [a_record(name, started_at=at, group="growth", cost_micros=usd * 1_000_000, **SPENDER)], [], NOW
    )


def watch(world: World, at: timedelta = timedelta()) -> int:
    return watch_budgets(world.app.extensions["log_store"], world.app.extensions["rulebook"].model_names, NOW + at)


def test_each_mark_is_told_once_a_window(world: World, manager: FlaskClient) -> None:
    assert manager.post("/reports/budgets", data=a_budget(world)).status_code == 303
    spend(world, 8)
    assert (watch(world), watch(world)) == (2, 0)
    spend(world, 4, "y")
    assert watch(world) == 2
    assert watch(world, timedelta(days=40)) == 0


def test_the_page_tells_how_far_it_is_and_what_was_told(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world, hard="12"))
    spend(world, 8)
    watch(world)
    page = read(manager.get("/reports/budgets"))
    for fact in ("growth", "$8", "$10", "$12", "80 %", "four fifths of the budget are spent"):
        assert fact in page.text, fact
    last = budgets.unseen_alerts()[0]
    manager.post(f"/reports/budgets/alerts/{last.id}/seen")
    db.session.rollback()
    assert budgets.unseen_alerts() == []
    assert "four fifths of the budget are spent" not in manager.get("/reports/budgets").text


def test_a_changed_budget_is_told_anew(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world))
    spend(world, 8)
    watch(world)
    manager.post("/reports/budgets", data=a_budget(world, soft="16"))
    db.session.rollback()
    assert len(budgets.in_force()) == 1
    assert watch(world) == 1


def test_an_ended_budget_is_watched_no_more(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world))
    [budget] = budgets.in_force()
    manager.post(f"/reports/budgets/{budget.id}/end")
    db.session.rollback()
    spend(world, 8)
    assert watch(world) == 0


@pytest.mark.parametrize(
    "wrong",
    [{"value": ""}, {"soft": "0"}, {"soft": "many"}, {"zone": "Mars/Base"}, {"owner": 999}, {"dimension": "all"}, {"window": "year"}],
)
def test_a_budget_that_makes_no_sense_is_refused(world: World, manager: FlaskClient, wrong: dict[str, object]) -> None:
    assert manager.post("/reports/budgets", data=a_budget(world, **wrong)).status_code == 422
    assert budgets.in_force() == []


def test_agents_see_shares_and_no_amount(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world))
    spend(world, 8)
    watch(world)
    agent = world.client(Role.AGENT)
    page = read(agent.get("/reports/budgets"))
    assert "80 %" in page.text
    assert "four fifths of the budget are spent" in page.text
    assert "$" not in page.text
    assert agent.post("/reports/budgets", data=a_budget(world)).status_code == 403


def test_a_mark_is_told_to_owner_and_backup_without_a_number(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world, backup=world.users[Role.MANAGER].id))
    spend(world, 8)
    watch(world)
    watch(world)
    told = [(notice.user_id, notice.kind) for notice in db.session.query(Notice).filter_by(about="budget")]
    assert sorted(told) == sorted((world.users[role].id, "budget_part") for role in (Role.AGENT, Role.MANAGER))


def test_an_alert_names_the_model_and_the_key_that_spend(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world))
    spend(world, 8)
    watch(world)
    page = read(manager.get("/reports/budgets"))
    assert "By model: gpt-5" in page.text
    assert "By key: growth-prod" in page.text
    assert "100.0 %" in page.text


@pytest.mark.parametrize(
    ("dimension", "value"),
    [
        ("group", "growth"),
        ("environment", "production"),
        ("model", "gpt-5"),
        ("family", "gpt"),
        ("request_type", "chat"),
        ("key", "growth-prod"),
    ],
)
def test_a_budget_may_be_of_a_team_an_environment_a_class_of_models_a_kind_of_request_or_a_key(
    world: World, manager: FlaskClient, dimension: str, value: str
) -> None:
    assert manager.post("/reports/budgets", data=a_budget(world, dimension=dimension, value=value)).status_code == 303
    spend(world, 8)
    store, redactor = world.app.extensions["log_store"], world.app.extensions["rulebook"].redactor
    rebuild_keys(store, redactor)
    tally_keys(store, NOW, 400)
    assert watch(world) == 2
    assert [alert.spent_micros for alert in budgets.unseen_alerts()] == [8_000_000] * 2


def test_a_window_begins_anew_in_its_own_zone(world: World, manager: FlaskClient) -> None:
    manager.post("/reports/budgets", data=a_budget(world, window="day", zone="Asia/Shanghai"))
    spend(world, 8)
    assert watch(world) == 2
    midnight_there = NOW.replace(hour=16, minute=0) - NOW  # of the next day in Shanghai
    assert watch(world, midnight_there - timedelta(minutes=1)) == 0
    [budget] = budgets.in_force()
    names = world.app.extensions["rulebook"].model_names
    assert spending_of(budget, world.app.extensions["log_store"], names, NOW + midnight_there).spent == 0
