"""A requester rates the help with one click: by link or account, without scripts; a GET records nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.core.ticket import State
from app.operations import satisfaction as operations
from app.operations import tickets as ticket_operations
from app.store import satisfaction, tickets
from app.store.database import db
from app.store.desk_figures import desk_figures
from app.store.models import Ticket
from app.store.models_desk import Notice
from app.store.models_guests import Satisfaction
from tests.conftest import NOW
from tests.pages import read
from tests.sql import row_counts
from tests.world import KEY, World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    world = inhabit(app)
    agent = world.users[Role.AGENT]
    ticket_operations.assign(_ticket(world), agent, agent, NOW)
    ticket_operations.set_state(_ticket(world), State.SOLVED, agent, NOW)
    return world


@pytest.fixture
def guest(world: World) -> FlaskClient:
    return world.client(None)


def _ticket(world: World) -> Ticket:
    db.session.rollback()
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    return found


def rating(world: World) -> Satisfaction | None:
    db.session.rollback()
    db.session.expire_all()
    return satisfaction.of_ticket(world.guest_ticket)


def test_one_click_on_the_tickets_page_is_an_answer_and_words_may_follow(world: World, guest: FlaskClient) -> None:
    page, address = f"/t/{world.guest_token}", f"/t/{world.guest_token}/rating"
    assert "How was the help?" in read(guest.get(page)).text
    answer = guest.post(address, data={"choice": "bad"})
    assert answer.headers["Location"].endswith(address)
    found = rating(world)
    assert found is not None
    assert (found.good, found.words) == (False, None)
    guest.post(address, data={"choice": "bad", "words": f"It took long. {KEY}"})
    guest.post(address, data={"choice": "good"})
    found = rating(world)
    assert found is not None
    assert found.good
    assert "It took long." in (found.words or "")
    assert KEY not in (found.words or "")
    assert "You said: good." in read(guest.get(page)).text
    assert "bad_rating" in {notice.kind for notice in db.session.query(Notice).filter_by(user_id=world.users[Role.AGENT].id)}


def test_a_link_of_a_mail_only_chooses_the_button(world: World, guest: FlaskClient) -> None:
    before = row_counts()
    page = guest.get(f"/t/{world.guest_token}/rating?choice=bad").text
    assert row_counts() == before
    assert 'value="bad" required checked' in page
    assert 'value="good" required checked' not in page
    assert "checked" not in guest.get(f"/t/{world.guest_token}/rating?choice=<b>").text


def test_what_is_not_chosen_or_not_open_is_not_recorded(world: World, guest: FlaskClient) -> None:
    address = f"/t/{world.guest_token}/rating"
    kept = guest.post(address, data={"choice": "x", "words": "my words stay"})
    assert kept.status_code == 422
    assert read(kept).form(address).sends["words"].strip() == "my words stay"
    ticket_operations.set_state(_ticket(world), State.OPEN, world.users[Role.AGENT], NOW)
    assert guest.post(address, data={"choice": "good"}).status_code == 409
    assert "This ticket is not finished yet." in read(guest.get(address)).text
    assert rating(world) is None
    assert guest.post("/t/" + "x" * 43 + "/rating", data={"choice": "good"}).status_code == 404
    assert world.client(Role.USER).post(f"/tickets/{world.guest_ticket}/rating", data={"choice": "good"}).status_code == 404


def test_after_two_weeks_an_answer_stands(world: World, guest: FlaskClient) -> None:
    operations.rate(_ticket(world), False, None, None, NOW)
    world.app.config["CLOCK"] = lambda: NOW + timedelta(days=14, minutes=1)
    address = f"/t/{world.guest_token}/rating"
    assert guest.post(address, data={"choice": "good"}).status_code == 409
    assert "can no longer be changed" in read(guest.get(address)).text
    found = rating(world)
    assert found is not None
    assert not found.good


def test_staff_see_it_on_the_ticket_in_a_list_and_in_the_report(world: World) -> None:
    clean = world.app.extensions["rulebook"].redactor.clean
    operations.rate(_ticket(world), False, clean("Nobody told me the time."), None, NOW)
    agent = world.client(Role.AGENT)
    page = read(agent.get(f"/desk/tickets/{world.guest_ticket}")).text
    assert "Nobody told me the time." in page
    assert "the requester rated the help: bad" in page
    listed = {choice: agent.get(f"/desk/?view=all&rating={choice}").text for choice in ("bad", "good", "none")}
    assert [f"tickets/{world.guest_ticket}" in text for text in listed.values()] == [True, False, False]
    assert f"tickets/{world.own_ticket}" in listed["none"]
    own = world.client(Role.USER)
    ticket_operations.set_state(tickets.by_id(world.own_ticket), State.SOLVED, None, NOW)  # type: ignore[arg-type]  # it is there
    assert own.post(f"/tickets/{world.own_ticket}/rating", data={"choice": "good", "words": ""}).status_code == 303
    assert desk_figures(NOW - timedelta(days=1), NOW + timedelta(days=1)).ratings.answered == 2
