"""What people miss at other desks is kept here: nothing half-written is lost, one cause is closed once, all works without a script."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.core.ticket import State
from app.store import tickets
from app.store.database import db
from tests.pages import Page, read
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def page(client: FlaskClient, number: int) -> Page:
    return read(client.get(f"/desk/tickets/{number}"))


def being_written(client: FlaskClient, number: int, kind: str = "replies") -> str:
    return page(client, number).form(f"/desk/tickets/{number}/{kind}").sends["body"].strip()


def state_of(number: int) -> str:
    db.session.rollback()
    db.session.expire_all()
    found = tickets.by_id(number)
    assert found is not None
    return found.state


def test_merging_keeps_everybodys_half_written_words_and_the_undo_puts_them_back(world: World, agent: FlaskClient) -> None:
    one, other, manager = world.guest_ticket, world.own_ticket, world.client(Role.MANAGER)
    agent.post(f"/desk/tickets/{one}/drafts/reply", data={"body": "half an answer"})
    manager.post(f"/desk/tickets/{one}/drafts/note", data={"body": "half a note"})
    manager.post(f"/desk/tickets/{one}/drafts/reply", data={"body": "the manager's answer"})
    manager.post(f"/desk/tickets/{other}/drafts/reply", data={"body": "begun on the other one"})
    agent.post(f"/desk/tickets/{one}/relations", data={"kind": "merged", "other": str(other)})
    assert being_written(agent, other) == "half an answer"
    assert being_written(manager, other, "notes") == "half a note"
    assert being_written(manager, other) == "begun on the other one", "nothing is written over"
    assert being_written(manager, one) == "the manager's answer"
    undo = next(form.action for form in page(agent, one).forms if "/undo/" in form.action)
    agent.post(undo)
    assert being_written(agent, one) == "half an answer"
    assert being_written(agent, other) == ""
    assert being_written(manager, one, "notes") == "half a note"


def test_closing_a_parent_offers_to_close_its_children_and_one_undo_takes_all_back(world: World, agent: FlaskClient) -> None:
    parent, child = world.own_ticket, world.guest_ticket
    assert "under it" not in page(agent, parent).text
    agent.post(f"/desk/tickets/{child}/relations", data={"kind": "child", "other": str(parent)})
    assert "with the 1 ticket under it" in page(agent, parent).text
    agent.post(f"/desk/tickets/{parent}/state", data={"state": "solved"})
    assert (state_of(parent), state_of(child)) == (State.SOLVED, State.NEW), "only if it is asked for"
    agent.post(f"/desk/tickets/{parent}/state", data={"state": "open"})
    moved = read(agent.post(f"/desk/tickets/{parent}/state", data={"state": "solved", "also": "1"}, follow_redirects=True))
    assert "2 tickets moved to: solved." in moved.text
    assert (state_of(parent), state_of(child)) == (State.SOLVED, State.SOLVED)
    agent.post([form.action for form in moved.forms if "/undo/" in form.action][-1])  # the newest of the steps offered
    assert (state_of(parent), state_of(child)) == (State.OPEN, State.NEW)


def test_one_answer_to_a_parent_reaches_its_children_when_it_shall(world: World, agent: FlaskClient) -> None:
    parent, child = world.own_ticket, world.guest_ticket
    agent.post(f"/desk/tickets/{child}/relations", data={"kind": "child", "other": str(parent)})
    agent.post(f"/desk/tickets/{parent}/replies", data={"body": "For this one."})
    agent.post(f"/desk/tickets/{parent}/replies", data={"body": "The vendor is back, please try again.", "also": "1", "wish": "solve"})
    assert [str(word.body) for word in tickets.replies(child)] == ["The vendor is back, please try again."]
    assert state_of(child) == State.SOLVED


def test_ready_replies_are_searched_without_a_script_in_either_language(world: World, agent: FlaskClient) -> None:
    address = f"/desk/tickets/{world.guest_ticket}/macros"
    found = read(agent.get(f"{address}?q=outage"))
    assert found.form(f"{address}#macros").sends["q"] == "outage"
    assert "Others are affected as well" in found.text
    assert "We have it and are looking" not in found.text
    assert '<details class="fold" id="macros" open>' in found.html
    assert "No ready reply has these words." in read(agent.get(f"{address}?q=walrus")).text
    assert "Others are affected as well" in read(agent.get(f"{address}?q=故障")).text
