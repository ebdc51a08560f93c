"""Guests' spam: set aside, never lost, released or discarded by a person; the same twice is one ticket; errors keep what was typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.core.ticket import State
from app.operations.desk_search import find_texts
from app.operations.spam import forget_guests
from app.store import guests
from app.store.database import db
from app.store.models import Ticket, TicketMatch
from app.store.models_guests import GuestAct
from tests.conftest import NOW
from tests.pages import read
from tests.sql import row_counts, stored_text
from tests.world import KEY, World, inhabit

WORDS = "The walrus does not answer since nine."


@pytest.fixture
def world(app: Flask) -> World:
    world = inhabit(app)
    app.extensions["settings"] = replace(app.extensions["settings"], guest_fill_seconds=3, guest_tickets_per_hour=2)
    return world


@pytest.fixture
def guest(world: World) -> FlaskClient:
    return world.client(None)


def form_of(world: World, guest: FlaskClient, seconds: int = 30) -> dict[str, str]:
    """The form as a page gives it out, filled for so long."""
    world.app.config["CLOCK"] = lambda: NOW
    sends = read(guest.get("/report")).form("/tickets").sends
    world.app.config["CLOCK"] = lambda: NOW + timedelta(seconds=seconds)
    return sends


def newest() -> Ticket:
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Ticket).order_by(Ticket.id.desc()).first()  # type: ignore[return-value]  # the world has some


def test_a_person_is_not_suspected_and_a_program_is(world: World, guest: FlaskClient) -> None:
    assert guest.post("/tickets", data=form_of(world, guest) | {"description": WORDS}).status_code == 303
    assert newest().state == State.NEW
    told = {
        "trapped": form_of(world, guest) | {"company_slogan": "best"},
        "hurried": form_of(world, guest, seconds=1),
        "no_stamp": form_of(world, guest) | {"stamp": "forged"},
    }
    for place, (signal, sends) in enumerate(told.items()):
        other, seconds = world.app.test_client(), 1 if signal == "hurried" else 30
        world.app.config["CLOCK"] = lambda seconds=seconds: NOW + timedelta(seconds=seconds)
        other.environ_base["REMOTE_ADDR"] = f"192.0.2.{place}"
        answer = other.post("/tickets", data=sends | {"description": f"{WORDS} {place}"})
        suspicion = guests.suspicion(newest().id)
        assert suspicion is not None, signal
        assert (newest().state, suspicion.signals) == (State.SUSPECTED, [signal])
        assert "We have your report." in read(other.get(answer.headers["Location"])).text, "nobody is told"


def test_a_suspected_ticket_is_in_no_list_and_comes_back_whole(world: World, guest: FlaskClient) -> None:
    sends = form_of(world, guest) | {"description": WORDS, "request_id": world.request_id, "status_code": "429", "company_slogan": "x"}
    guest.post("/tickets", data=sends)
    number, agent = newest().id, world.client(Role.AGENT)
    assert f"tickets/{number}" not in agent.get("/desk/?view=all").text
    assert find_texts("walrus", notes=True) == []
    assert db.session.query(TicketMatch).filter_by(ticket_id=number).count() == 0
    page = read(agent.get("/desk/suspected")).text
    assert "a field that people do not see was filled in" in page
    assert "Set aside as probable spam." in read(agent.get(f"/desk/tickets/{number}")).text
    agent.post("/desk/suspected", data={"ticket": [str(number)], "wish": "discard"})
    assert newest().state == State.DISCARDED
    assert f"tickets/{number}" in agent.get("/desk/suspected?show=discarded").text
    agent.post("/desk/suspected", data={"ticket": [str(number), str(world.own_ticket)], "wish": "release"})
    assert newest().state == State.NEW
    assert newest().waiting_since == newest().created_at
    assert [found.ticket.id for found in find_texts("walrus", notes=True)] == [number]
    assert db.session.query(TicketMatch).filter_by(ticket_id=number).count() == 1


def test_whoever_answers_after_a_discard_is_looked_at_again(world: World, guest: FlaskClient) -> None:
    link = guest.post("/tickets", data=form_of(world, guest) | {"description": WORDS, "company_slogan": "x"}).headers["Location"]
    world.client(Role.AGENT).post("/desk/suspected", data={"ticket": [str(newest().id)], "wish": "discard"})
    guest.post(link.split("?")[0], data={"wish": "reopen"})
    assert newest().state == State.SUSPECTED
    world.client(Role.AGENT).post("/desk/suspected", data={"ticket": [str(newest().id)], "wish": "discard"})
    guest.post(link.split("?")[0], data={"body": "I am a person."})
    assert newest().state == State.SUSPECTED


def test_the_same_report_twice_from_one_browser_is_one_ticket(world: World, guest: FlaskClient) -> None:
    sends = form_of(world, guest) | {"description": WORDS}
    first = guest.post("/tickets", data=sends).headers["Location"].split("?")[0]
    before = row_counts()["ticket"]
    assert guest.post("/tickets", data=sends).headers["Location"] == first
    with guest.session_transaction() as session:
        session["filed"] = []
    forgotten = guest.post("/tickets", data=sends)
    assert forgotten.status_code == 409
    assert "You have sent this report within the last hour." in read(forgotten).text
    assert first.rsplit("/", 1)[-1] not in forgotten.text
    assert read(forgotten).form("/tickets").sends["description"].strip() == WORDS
    assert row_counts()["ticket"] == before


def test_two_people_of_one_office_may_report_the_same_and_see_nothing_of_one_another(world: World, guest: FlaskClient) -> None:
    colleague = world.client(None)
    first, second = (
        each.post("/tickets", data=form_of(world, each) | {"description": WORDS}).headers["Location"] for each in (guest, colleague)
    )
    assert first != second
    assert newest().state == State.NEW
    assert guests.suspicion(newest().id) is None
    again = colleague.post("/tickets", data=form_of(world, colleague) | {"description": WORDS}).headers["Location"]
    assert again == second.split("?")[0], "each is led to their own"


def test_whoever_begins_anew_for_each_report_is_bounded_all_the_same(world: World) -> None:
    states = []
    for _each in range(4):
        browser = world.client(None)
        browser.post("/tickets", data=form_of(world, browser) | {"description": WORDS})
        states.append(newest().state)
    assert states == [State.NEW] * 2 + [State.SUSPECTED] * 2


def test_one_address_is_set_aside_then_refused_and_forgotten_after_an_hour(world: World, guest: FlaskClient) -> None:
    states = []
    for place in range(10):
        answer = guest.post("/tickets", data=form_of(world, guest) | {"description": f"{WORDS} {place}"})
        states.append(newest().state)
    assert states == [State.NEW] * 2 + [State.SUSPECTED] * 8
    answer = guest.post("/tickets", data=form_of(world, guest) | {"description": f"{WORDS} last {KEY}"})
    assert answer.status_code == 429
    assert f"{WORDS} last" in read(answer).form("/tickets").sends["description"]
    assert KEY not in answer.text
    assert "127.0.0.1" not in stored_text()
    forget_guests(NOW + timedelta(hours=1, minutes=1))
    assert db.session.query(GuestAct).count() == 0


def test_the_field_nobody_sees_is_met_by_no_eye_key_or_reader(world: World, guest: FlaskClient) -> None:
    page = guest.get("/report").text
    trap = page.split('<div class="sr-only" aria-hidden="true">')[1].split("</div>")[0]
    assert 'name="company_slogan" tabindex="-1" autocomplete="off"' in trap
    assert "Leave this field empty" in trap
    assert "company_slogan" not in world.client(Role.USER).get("/report").text


def test_the_moment_of_the_first_page_counts(world: World, guest: FlaskClient) -> None:
    world.app.config["CLOCK"] = lambda: NOW
    sends = read(guest.get("/")).form("/report").sends
    world.app.config["CLOCK"] = lambda: NOW + timedelta(seconds=20)
    carried = read(guest.post("/report", data=sends | {"text": "Error code: 429"})).form("/tickets").sends
    assert carried["stamp"] == sends["stamp"]
