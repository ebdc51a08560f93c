"""Budgets are for those who may see amounts; each mark is told once a window, and taken note of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.operations.budgets import watch_budgets
from app.store import budgets
from app.store.database import db
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.world import World, inhabit


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
        "ndjson", [a_record(name, started_at=at, group="growth", cost_micros=usd * 1_000_000)], [], NOW
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
    for fact in ("growth", "$8", "$10", "$12", "80 %", "half of the budget is spent"):
        assert fact in page.text, fact
    for alert in budgets.unseen_alerts():
        manager.post(f"/reports/budgets/alerts/{alert.id}/seen")
    db.session.rollback()
    assert "half of the budget is spent" not in manager.get("/reports/budgets").text


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


def test_agents_see_no_amounts(world: World) -> None:
    agent = world.client(Role.AGENT)
    assert agent.get("/reports/budgets").status_code == 403
    assert agent.post("/reports/budgets", data=a_budget(world)).status_code == 403
    assert "/reports/budgets" not in agent.get("/reports/").text
