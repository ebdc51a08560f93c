"""Reports: figures with their definitions, from the roll-ups; amounts only for those who may see them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Origin, Outcome
from app.core.roles import Role
from app.operations.tickets import count_self_service
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.sql import statements
from tests.world import World, inhabit

AT = int((NOW - timedelta(hours=2)).timestamp() * 1000)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def manager(world: World) -> FlaskClient:
    return world.client(Role.MANAGER)


def keep_traffic(world: World) -> None:
    """Twenty good requests of one model, five failures of another, one broken stream; the world itself has one failure."""
    good = [
        a_record(f"g-{n}", started_at=AT, model_requested="glm-5", group="growth", latency_ms=800, cost_micros=250_000) for n in range(20)
    ]
    bad = [
        a_record(f"b-{n}", started_at=AT, model_requested="o3", status_code=429, outcome=Outcome.ERROR, origin=Origin.PROVIDER)
        for n in range(5)
    ]
    cut = a_record("cut", started_at=AT, model_requested="o3", stream=True, outcome=Outcome.PARTIAL, origin=Origin.PROVIDER)
    world.app.extensions["log_store"].append("ndjson", [*good, *bad, cut], [], NOW)


def test_traffic_is_told_by_model_with_links_to_its_rows(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    page = read(manager.get("/reports/?span=24h"))
    assert "7 of them failed" in page.text
    assert any(link.startswith("/logs/?") and "model=o3" in link for link in page.links)
    assert "429 × 6" in page.text


def test_only_those_with_the_right_see_amounts(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    assert "$5" in manager.get("/reports/?span=24h").text
    agent = world.client(Role.AGENT)
    for address in ("/reports/?span=24h", "/reports/gateway.csv?span=24h"):
        text = agent.get(address).text
        assert "$" not in text
        assert "cost" not in text.lower().replace("traffic and cost", "").replace("what it cost", "")


def test_the_table_can_be_taken_out(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(manager.get("/reports/gateway.csv?span=24h").text))}
    assert (rows["glm-5"]["requests"], float(rows["glm-5"]["success_rate"]), float(rows["glm-5"]["cost"])) == ("20", 1.0, 5.0)
    assert rows["o3"]["failures"] == "6"


@pytest.mark.parametrize("by", ["model", "group", "environment", "request_type", "provider", "client", "owner"])
def test_every_split_has_a_page(world: World, manager: FlaskClient, by: str) -> None:
    keep_traffic(world)
    assert manager.get(f"/reports/?span=7d&by={by}").status_code == 200


@pytest.mark.parametrize(
    "query", ["span=x", "from=2026-13-01&to=y", "from=2026-11-20&to=2026-11-01", "from=0001-01-01&to=9999-12-31", "by=x"]
)
@pytest.mark.parametrize("path", ["/reports/", "/reports/desk"])
def test_nonsense_in_the_address_means_the_usual_span(manager: FlaskClient, path: str, query: str) -> None:
    assert manager.get(f"{path}?{query}").status_code == 200


def test_days_of_ones_own_choice(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    day = NOW.date().isoformat()
    assert "7 of them failed" in manager.get(f"/reports/?from={day}&to={day}").text
    assert "No request in this span" in manager.get("/reports/?from=2020-01-01&to=2020-01-02").text


def test_the_desks_figures_have_a_page(world: World, manager: FlaskClient) -> None:
    for solved in (True, True, True, False, False):
        count_self_service("key-invalid", None, solved, "en", NOW)
    text = read(manager.get("/reports/desk?span=24h")).text
    assert "Solved without a ticket" in text
    assert "60.0 %" in text


def test_reports_cost_the_same_whatever_the_traffic(world: World, manager: FlaskClient) -> None:
    def asked(path: str) -> int:
        with statements() as seen:
            manager.get(path)
        return len(seen)

    before = asked("/reports/?span=24h"), asked("/reports/desk")
    keep_traffic(world)
    assert (asked("/reports/?span=24h"), asked("/reports/desk")) == before
