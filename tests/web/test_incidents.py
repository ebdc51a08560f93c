"""Incident pages: evidence and decisions for staff; the public learns what fails and since when, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.redacted_text import seal
from app.core.roles import Role
from app.store.database import db
from app.store.models import Reply, Ticket
from app.store.models_incidents import Incident
from tests.conftest import NOW
from tests.pages import read
from tests.sql import statements
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def an_incident(dimension: str = "model", value: str = "o3", state: str = "proposed") -> int:
    incident = Incident(
        state=state, failure="rate_limit", dimension=dimension, value=seal(value), started_at=NOW, last_seen_at=NOW, found_at=NOW,
        hours=[{"hour": int(NOW.timestamp()) // 3600, "count": 41, "usual": 1.5, "keys": 7}], examples=["0" * 32],
    )  # fmt: skip
    db.session.add(incident)
    db.session.commit()
    return incident.id


def test_a_proposal_shows_its_evidence_and_is_public_only_when_confirmed(world: World, agent: FlaskClient) -> None:
    number = an_incident()
    page = read(agent.get(f"/desk/incidents/{number}"))
    assert "Rate limit (429) · o3" in page.text
    assert "41" in page.text
    stranger = world.app.test_client()
    for address in ("/", "/report"):
        assert "Known problem" not in stranger.get(address).text
    assert agent.post(f"/desk/incidents/{number}/state", data={"state": "open"}).status_code == 303
    for address in ("/", "/report"):
        assert "Known problem with o3" in stranger.get(address).text
    assert "Rate limit (429)" in stranger.get("/").text


@pytest.mark.parametrize(("dimension", "value"), [("group", "growth-team"), ("provider", "secret-route")])
def test_groups_and_providers_stay_inside(world: World, dimension: str, value: str) -> None:
    an_incident(dimension, value, state="open")
    text = world.app.test_client().get("/").text
    assert "Known problem" in text
    assert value not in text


def test_one_update_reaches_the_tickets_attached_by_hand(world: World, agent: FlaskClient) -> None:
    number = an_incident(state="open")
    agent.post(f"/desk/incidents/{number}/tickets", data={"ticket": world.guest_ticket})
    assert f"#{world.guest_ticket}" in agent.get(f"/desk/incidents/{number}").text
    agent.post(f"/desk/incidents/{number}/updates", data={"body": "We raised the limit."})
    db.session.rollback()
    assert [reply.ticket_id for reply in db.session.query(Reply) if "We raised" in reply.body] == [world.guest_ticket]
    agent.post(f"/desk/incidents/{number}/tickets", data={"ticket": world.guest_ticket, "detach": "yes"})
    assert f"#{world.guest_ticket} " not in agent.get(f"/desk/incidents/{number}").text


def test_an_empty_update_is_not_sent(agent: FlaskClient, world: World) -> None:
    assert agent.post(f"/desk/incidents/{an_incident(state='open')}/updates", data={"body": " "}).status_code == 422


def test_a_resolved_incident_says_what_it_was_to_staff_only(world: World, agent: FlaskClient) -> None:
    number = an_incident(state="open")
    agent.post(f"/desk/incidents/{number}/resolution", data={"cause": "rate-limit-rpm", "note": "A limit was lowered."})
    assert "A limit was lowered." in agent.get(f"/desk/incidents/{number}").text
    assert "Known problem" not in world.app.test_client().get("/").text


def test_resolving_an_incident_offers_to_solve_its_tickets_and_one_undo_takes_them_back(world: World, agent: FlaskClient) -> None:
    number = an_incident(state="open")
    assert "about it solved" not in read(agent.get(f"/desk/incidents/{number}")).text
    for ticket in (world.guest_ticket, world.own_ticket):
        agent.post(f"/desk/incidents/{number}/tickets", data={"ticket": ticket})
    assert "and mark the 2 tickets about it solved" in read(agent.get(f"/desk/incidents/{number}")).text
    sends = {"cause": "rate-limit-rpm", "note": "A limit was lowered.", "solve": "1"}
    page = read(agent.post(f"/desk/incidents/{number}/resolution", data=sends, follow_redirects=True))
    assert "2 tickets were solved with it." in page.text
    assert states(world) == ["solved", "solved"]
    agent.post(next(form.action for form in page.forms if "/undo/" in form.action))
    assert states(world) == ["new", "new"]


def states(world: World) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [db.session.get_one(Ticket, number).state for number in (world.guest_ticket, world.own_ticket)]


def test_a_decision_made_twice_changes_nothing(agent: FlaskClient, world: World) -> None:
    number = an_incident(state="resolved")
    assert agent.post(f"/desk/incidents/{number}/state", data={"state": "dismissed"}).status_code == 303
    db.session.rollback()
    assert db.session.get(Incident, number).state == "resolved"  # type: ignore[union-attr]


@pytest.mark.parametrize("ticket", ["", "x", "999999", "99999999999999"])
def test_a_ticket_that_is_none_is_not_attached(agent: FlaskClient, world: World, ticket: str) -> None:
    assert agent.post(f"/desk/incidents/{an_incident(state='open')}/tickets", data={"ticket": ticket}).status_code == 303


def test_the_list_costs_the_same_whatever_it_holds(agent: FlaskClient, world: World) -> None:
    an_incident()
    with statements() as few:
        agent.get("/desk/incidents/")
    for n in range(20):
        an_incident(value=f"m-{n}")
    with statements() as many:
        assert "m-7" in agent.get("/desk/incidents/").text
    assert len(many) == len(few)
