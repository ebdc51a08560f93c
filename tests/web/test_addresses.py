"""The shell every page stands in: addresses from ready parts, who is there, and the links."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, url_for

from app.core.roles import Role
from app.web.addresses import address
from tests.world import World, inhabit

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("desk.queue", {}),
    ("desk.ticket", {"number": 7}),
    ("desk.ticket", {"number": 8}),
    ("desk.ticket", {"number": 7, "talk": None}),
    ("desk.ticket", {"number": 7, "_anchor": "disputes"}),
    ("desk.ticket", {"number": 7, "_external": True}),
    ("desk.draft", {"number": 7, "kind": "reply"}),
    ("desk.draft", {"number": 7, "kind": "note"}),
    ("kb.article", {"language": "zh", "slug": "about"}),
    ("desk.queue", {"view": "all", "tag": "a b&c"}),
    ("desk.queue", {"number": True}),
    ("desk.queue", {"number": None}),
    ("desk.decide", {"number": 7, "match_id": 7}),
    ("logs.one", {"request_id": "1987654321"}),
)


@pytest.mark.parametrize("root", ["", "/support"])
def test_an_address_from_ready_parts_is_the_one_flask_gives(app: Flask, root: str) -> None:
    with app.test_request_context("/desk/", base_url=f"http://desk.example{root}"):
        for endpoint, values in ASKED * 2:  # the second time from what was kept
            assert address(endpoint, **values) == url_for(endpoint, **values), (endpoint, values)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def test_a_page_works_its_links_out_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, links = [], world.app.jinja_env.globals["navigation"]
    monkeypatch.setitem(world.app.jinja_env.globals, "navigation", lambda: made.append(1) or links())
    page = world.client(Role.AGENT).get("/desk/").text
    assert page.count('href="/desk/incidents/"') >= 2  # in the header and in the command menu
    assert len(made) == 1


def test_who_signs_out_is_nobody_from_then_on_and_who_signs_in_is_greeted(world: World) -> None:
    client = world.client(Role.AGENT)
    assert "Test agent" in client.get("/settings").text
    client.post("/sign-out")
    assert "Test agent" not in client.get("/").text
    assert client.get("/desk/").status_code == 303
