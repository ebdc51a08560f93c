"""The diagnosis page: the playbook with facts filled in, ticks, ready replies, evidence per cause, what newer rules changed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.operations import tickets as ticket_operations
from app.store import diagnoses, tickets
from app.store.database import db
from app.store.models import PlaybookTick, Ticket
from tests.conftest import NOW
from tests.sql import statements
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def page(agent: FlaskClient, number: int, query: str = "") -> str:
    return agent.get(f"/desk/tickets/{number}{query}").get_data(as_text=True)


def ticket_of(world: World) -> Ticket:
    found = tickets.by_id(world.own_ticket)
    assert found is not None
    return found


def test_the_playbook_of_the_cause_shows_with_facts_from_the_log(world: World, agent: FlaskClient) -> None:
    html = page(agent, world.own_ticket)
    assert "Playbook: 429: rate limits" in html
    assert "The message asks for 20 s." in html
    assert "The log says that the vendor refused or failed." in html
    assert "Only this key failed alike" in html


def test_a_step_is_ticked_with_name_and_date_and_taken_back(world: World, agent: FlaskClient) -> None:
    address = f"/desk/tickets/{world.own_ticket}/steps"
    answer = agent.post(address, data={"step": "money", "done": "1"})
    assert (answer.status_code, answer.headers["Location"].endswith("#playbook")) == (303, True)
    assert "Test agent" in page(agent, world.own_ticket).partition('id="step-money"')[2].partition("</li>")[0]
    agent.post(address, data={"step": "money", "done": "0"})
    assert "Test agent" not in page(agent, world.own_ticket).partition('id="step-money"')[2].partition("</li>")[0]
    rows = db.session.query(PlaybookTick).order_by(PlaybookTick.id).all()
    assert [(row.playbook, row.step, row.done, row.actor_id, row.created_at) for row in rows] == [
        ("rate-429", "money", done, world.users[Role.AGENT].id, NOW) for done in (True, False)
    ]


def test_a_tick_from_an_open_page_answers_the_part_alone(world: World, agent: FlaskClient) -> None:
    answer = agent.post(f"/desk/tickets/{world.own_ticket}/steps", data={"step": "money", "done": "1"}, headers={"HX-Request": "true"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert html.lstrip().startswith("<section") or '<section class="section" id="playbook"' in html
    assert "<html" not in html
    assert "Test agent" in html


def test_a_step_of_another_playbook_is_refused(world: World, agent: FlaskClient) -> None:
    assert agent.post(f"/desk/tickets/{world.own_ticket}/steps", data={"step": "preflight", "done": "1"}).status_code == 400
    assert agent.post("/desk/tickets/9999/steps", data={"step": "money", "done": "1"}).status_code == 404


def test_a_ready_reply_is_inserted_without_a_script(world: World, agent: FlaskClient) -> None:
    html = page(agent, world.own_ticket, "?reply=slow-down")
    composer = html.partition('name="body"')[2].partition("</textarea>")[0]
    assert "2026-11-20 08:26 UTC" in composer
    assert "More: " not in composer  # no article is published in this small world


def test_a_ready_reply_is_in_the_ticket_s_language(world: World, agent: FlaskClient) -> None:
    ticket_of(world).language = "zh"
    db.session.commit()
    html = page(agent, world.own_ticket, "?reply=slow-down")
    assert "稍后会自动恢复" in html.partition('name="body"')[2].partition("</textarea>")[0]
    assert "Wait, then send less at once" in page(agent, world.own_ticket, "/macros")


@pytest.mark.parametrize("wanted", ["until-reset", "nothing", "<script>alert(1)</script>"])
def test_a_reply_that_is_not_offered_leaves_the_composer_empty(world: World, agent: FlaskClient, wanted: str) -> None:
    html = page(agent, world.own_ticket, f"?reply={wanted}")
    assert re.search(r'name="body"[^>]*></textarea>', html)
    assert "<script>alert" not in html


def test_every_likely_cause_says_what_evidence_it_still_needs(world: World, agent: FlaskClient) -> None:
    html = page(agent, world.own_ticket)
    needs = html.partition('id="evidence"')[2]
    assert "Too many requests per minute or hour: 6 of 7 facts" in needs or "of 7 facts" in needs
    assert "Kind of request" in needs


def test_diagnosing_again_keeps_the_older_diagnosis(world: World, agent: FlaskClient) -> None:
    before = diagnoses.last_two(world.own_ticket)
    answer = agent.post(f"/desk/tickets/{world.own_ticket}/diagnosis", follow_redirects=True)
    after = diagnoses.last_two(world.own_ticket)
    assert "Diagnosed again. Nothing changed." in answer.get_data(as_text=True)
    assert [row.id for row in before] == [after[1].id]
    assert "diagnosed it again" in page(agent, world.own_ticket)


def test_newer_rules_show_what_they_changed(app: Flask, world: World, agent: FlaskClient) -> None:
    (row,) = diagnoses.last_two(world.own_ticket)
    signal = {"id": "key-invalid.gone", "weight": 2.0, "sentence": {"en": "x", "zh": "x"}}
    row.causes = [{"cause": "key-invalid", "confidence": 0.71, "signals": [signal]}]
    row.rulebook_digest = "0" * 64
    db.session.commit()
    assert "The rules have changed since this diagnosis." in page(agent, world.own_ticket)
    html = agent.post(f"/desk/tickets/{world.own_ticket}/diagnosis", follow_redirects=True).get_data(as_text=True)
    assert "What newer rules changed" in html
    assert "71 %" in html
    assert "key-invalid.gone" in html
    assert "The rules have changed since this diagnosis." not in html


def test_a_confirmed_cause_is_not_overruled_by_diagnosing_again(world: World, agent: FlaskClient) -> None:
    book = world.app.extensions["rulebook"]
    ticket_operations.confirm_cause(ticket_of(world), "balance-insufficient", world.users[Role.AGENT], book, NOW + timedelta(hours=1))
    agent.post(f"/desk/tickets/{world.own_ticket}/diagnosis")
    assert ticket_of(world).cause == "balance-insufficient"
    assert "Playbook: 402: balance and budget" in page(agent, world.own_ticket)


def test_the_page_asks_the_database_no_more_for_more_ticks(app: Flask, world: World, agent: FlaskClient) -> None:
    page(agent, world.own_ticket)
    with statements() as few:
        page(agent, world.own_ticket)
    for step in ("money", "balance", "burst", "others", "attempts"):
        agent.post(f"/desk/tickets/{world.own_ticket}/steps", data={"step": step, "done": "1"})
    with statements() as many:
        page(agent, world.own_ticket)
    assert len(many) <= len(few) + 1  # the person who ticked


def test_a_cause_that_no_playbook_is_for_leaves_the_page_whole(app: Flask, world: World, agent: FlaskClient) -> None:
    from app.core.playbook import PlaybookBook

    app.extensions["rulebook"] = replace(app.extensions["rulebook"], playbooks=PlaybookBook({}))
    html = page(agent, world.own_ticket)
    assert "Playbook:" not in html
    assert 'id="reply-body"' in html
    assert agent.post(f"/desk/tickets/{world.own_ticket}/steps", data={"step": "money"}).status_code == 400


def test_requesters_never_see_a_playbook(world: World) -> None:
    for address in (f"/t/{world.guest_token}", "/report"):
        assert "Playbook" not in world.client(None).get(address).get_data(as_text=True)
