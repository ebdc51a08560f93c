"""Filters of the log under a name, words of an error in the log, and where else an error occurred."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.error_outline import error_places, outline
from app.core.record import Outcome, RedactedRecord
from app.core.redacted_text import seal
from app.core.roles import Role
from app.store import saved_views
from app.store.database import db
from tests.conftest import NOW
from tests.log_records import a_record
from tests.world import World, inhabit

AT = int(NOW.timestamp() * 1000) - 60_000


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def failing(name: str, text: str, **more: Any) -> RedactedRecord:
    return a_record(name, started_at=AT, outcome=Outcome.ERROR, status_code=503, error_message=seal(text), **more)


def fill(world: World) -> None:
    texts = [f"Upstream overloaded, retry in {n} s (request 8f2c77aa{n:04d})" for n in range(5)] + ["渠道不可用：无可用渠道"]
    records = [failing(f"req-overload-{n}", text, model_requested="gpt-4o" if n % 2 else "qwen-max") for n, text in enumerate(texts)]
    world.app.extensions["log_store"].append("ndjson", records, [], NOW)


def test_a_filter_is_kept_counted_shared_and_removed(world: World, agent: FlaskClient) -> None:
    fill(world)
    back = "text=overloaded&status=503&nonsense=1"
    assert (
        agent.post("/logs/views", data={"name": "Overload", "back": back, "shared": "1"})
        .headers["Location"]
        .endswith("/logs/?status=503&text=overloaded")
    )
    assert "Overload" in world.client(Role.MANAGER).get("/logs/").text
    counted = agent.get("/logs/views", headers={"HX-Request": "true"}).text
    assert "Overload <b>5</b>" in counted
    assert "<html" not in counted
    (view,) = saved_views.of_person(world.users[Role.AGENT].id, "logs")
    assert saved_views.of_person(world.users[Role.AGENT].id) == []
    assert world.client(Role.MANAGER).post(f"/logs/views/{view.id}/removal").status_code == 404
    assert agent.post(f"/logs/views/{view.id}/removal").status_code == 303
    db.session.expire_all()
    assert saved_views.of_person(world.users[Role.AGENT].id, "logs") == []


def test_words_of_an_error_choose_log_lines_in_either_case_and_language(world: World, agent: FlaskClient) -> None:
    fill(world)
    assert agent.get("/logs/?text=OVERLOADED upstream").text.count("data-row>") == 5
    assert agent.get("/logs/?text=可用渠道").text.count("data-row>") == 1
    assert agent.get("/logs/?text=100%_").text.count("data-row>") == 0


def test_the_search_tells_each_error_once_with_how_often_it_came(world: World, agent: FlaskClient) -> None:
    fill(world)
    part = agent.get("/desk/search/log?q=overloaded", headers={"HX-Request": "true"}).text
    assert part.count("<li") == 1
    assert "5×" in part
    assert "/desk/search/log?q=overloaded" in agent.get("/desk/search?q=overloaded").text
    assert "No problem in the log has these words." in agent.get("/desk/search/log?q=w4711").text


def test_an_outline_drops_what_changes_from_request_to_request() -> None:
    assert outline("Retry in 3.5 s, id 8f2c77aa01") == outline("retry in 12 s, id 0011aabbccdd")
    assert outline("rate limit") != outline("quota limit")
    rows = [failing("a", "x 1"), failing("b", "x 2"), failing("c", "y", model_requested="m")]
    assert [place.count for place in error_places(rows)] == [2, 1]
