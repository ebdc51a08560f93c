"""Lists of tickets: every filter, saved views with their counts, bulk steps and their undo, the search page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.store import tickets, undo_steps
from app.store.database import db
from app.store.models import Ticket
from tests.conftest import NOW
from tests.pages import read
from tests.sql import statements
from tests.web.test_desk_queue import file, shown
from tests.world import KEY, World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def ticket(number: int) -> Ticket:
    db.session.rollback()
    db.session.expire_all()
    found = tickets.by_id(number)
    assert found is not None
    return found


def listed(agent: FlaskClient, **query: str) -> set[int]:
    return set(shown(read(agent.get("/desk/", query_string={"view": "all"} | query))))


def test_each_filter_narrows_by_what_it_names(world: World, agent: FlaskClient) -> None:
    poor = file(world, "504 gateway timeout", minutes=-60 * 24 * 4)
    theirs = {world.own_ticket, world.guest_ticket}
    for query in (
        {"family": "rate"}, {"layer": ticket_layer(world)}, {"score": "full"}, {"match": "likely"}, {"group": "search-team"},
        {"environment": "production"}, {"client": "Cherry Studio"}, {"model": "gpt-4o"}, {"age": "day"}, {"q": world.request_id},
    ):  # fmt: skip
        assert listed(agent, **query) == theirs, query
    for query in ({"score": "thin"}, {"match": "weak"}, {"age": "over-3-days"}, {"q": "timeout"}):
        assert listed(agent, **query) == {poor.id}, query
    assert listed(agent, group="nobody") == set()
    assert listed(agent, next="missing", language="en", queue="support", talk="unanswered") == {poor.id, *theirs}


def ticket_layer(world: World) -> str:
    return str(world.app.extensions["rulebook"].causes[ticket(world.own_ticket).cause or ""].layer)


def test_a_confirmed_line_is_what_the_match_filter_says(world: World, agent: FlaskClient) -> None:
    match = tickets.matches(world.guest_ticket)[0]
    agent.post(f"/desk/tickets/{world.guest_ticket}/matches/{match.id}", data={"decision": "confirmed"})
    assert listed(agent, match="confirmed") == {world.guest_ticket}
    agent.post(f"/desk/tickets/{world.guest_ticket}/matches/{match.id}", data={"decision": "rejected"})
    assert listed(agent, match="none") == {world.guest_ticket}
    assert listed(agent, group="search-team") == {world.own_ticket}


def test_the_longest_waiting_comes_first_and_an_answer_ends_the_wait(world: World, agent: FlaskClient) -> None:
    old = file(world, "old one", minutes=-100)
    order = shown(read(agent.get("/desk/?sort=waiting")))
    assert order[0] == old.id
    agent.post(f"/desk/tickets/{old.id}/replies", data={"body": "Try again."})
    assert old.id not in shown(read(agent.get("/desk/?sort=waiting&view=all")))
    operations.reply_as_requester(ticket(old.id), world.app.extensions["rulebook"].redactor.clean("Still."), None, NOW)
    assert listed(agent, talk="answered") == {old.id}


@pytest.mark.parametrize("sort", ["changed", "waiting", "due", "oldest"])
def test_every_order_is_paged_without_gap_or_repetition(world: World, agent: FlaskClient, sort: str) -> None:
    for number in range(58):
        file(world, f"failure {number}", minutes=-(number // 3))
    seen: list[int] = []
    address = f"/desk/?view=active&sort={sort}"
    while address:
        page = read(agent.get(address))
        seen += shown(page)
        address = next((link for link in page.links if "before=" in link and "lang=" not in link), "")
    assert len(seen) == len(set(seen)) == 60


def test_the_first_screen_says_what_to_do_next(world: World, agent: FlaskClient) -> None:
    operations.assign(ticket(world.own_ticket), world.users[Role.AGENT], world.users[Role.MANAGER], NOW)
    text = read(agent.get("/desk/")).text
    for title in ("My open tickets", "The user answered", "Waiting for us longest", "New, nobody yet"):
        assert title in text
    assert "What to do next" not in read(agent.get("/desk/?view=all")).text


def test_a_view_is_saved_counted_shared_and_removed(world: World, agent: FlaskClient) -> None:
    answer = agent.post("/desk/views", data={"name": "Rate limits", "back": "view=active&family=rate", "shared": "1"})
    assert answer.headers["Location"].endswith("/desk/?view=active&family=rate")
    assert "Rate limits 2" in read(world.client(Role.MANAGER).get("/desk/")).text
    assert world.client(Role.MANAGER).post("/desk/views/1/removal").status_code == 404
    agent.post("/desk/views/1/removal")
    assert "Rate limits 2" not in read(agent.get("/desk/")).text


def test_a_view_of_ones_own_is_nobody_elses_and_its_name_is_redacted(world: World, agent: FlaskClient) -> None:
    agent.post("/desk/views", data={"name": f"about {KEY}", "back": f"q={KEY}"})
    assert "about" in agent.get("/desk/").text
    assert KEY not in agent.get("/desk/").text
    assert "about" not in world.client(Role.MANAGER).get("/desk/").text.split("Active, by cause")[0]


def test_views_are_counted_in_one_statement_however_many(world: World, agent: FlaskClient) -> None:
    with statements() as few:
        agent.get("/desk/?view=all")
    for number in range(8):
        agent.post("/desk/views", data={"name": f"view {number}", "back": f"view=active&who={number + 1}"})
    with statements() as many:
        agent.get("/desk/?view=all")
    assert len(many) == len(few)


def test_chosen_tickets_take_one_step_and_it_can_be_taken_back(world: World, agent: FlaskClient) -> None:
    chosen = [str(world.own_ticket), str(world.guest_ticket)]
    answer = agent.post("/desk/bulk", data={"ticket": chosen, "wish": "state:solved", "back": "view=active"}, follow_redirects=True)
    assert ticket(world.own_ticket).state == ticket(world.guest_ticket).state == State.SOLVED
    page = read(answer)
    assert "2 tickets changed." in page.text
    undo = next(form.action for form in page.forms if "/undo/" in form.action)
    assert "Taken back on 2 tickets." in read(agent.post(undo, follow_redirects=True)).text
    assert ticket(world.own_ticket).state == ticket(world.guest_ticket).state == State.NEW


@pytest.mark.parametrize("wish", ["", "state:deleted", "assign:999", "tag:", "x:y"])
def test_a_step_that_is_none_changes_nothing(world: World, agent: FlaskClient, wish: str) -> None:
    answer = agent.post("/desk/bulk", data={"ticket": [str(world.own_ticket)], "wish": wish}, follow_redirects=True)
    assert "Choose tickets, and what to do with them." in read(answer).text
    assert ticket(world.own_ticket).state == State.NEW


def test_chosen_tickets_are_tagged_and_found_by_the_tag(world: World, agent: FlaskClient) -> None:
    agent.post("/desk/bulk", data={"ticket": [str(world.own_ticket)], "wish": "tag:", "tag": f"VIP {KEY}"[:6]})
    assert undo_steps.tags(world.own_ticket) == ["VIP sk"]
    assert listed(agent, tag="VIP sk") == {world.own_ticket}


def test_one_line_a_ticket_is_remembered(agent: FlaskClient) -> None:
    assert "log line likely" in read(agent.get("/desk/?view=all")).text
    agent.get("/desk/?rows=dense")
    dense = agent.get("/desk/?view=all").text
    assert "log line likely" not in dense.split('id="queue"')[1]


def test_a_pasted_id_jumps_and_words_are_searched(world: World, agent: FlaskClient) -> None:
    assert agent.post("/desk/search", data={"q": f"#{world.own_ticket}"}).headers["Location"] == f"/desk/tickets/{world.own_ticket}"
    both = read(agent.post("/desk/search", data={"q": world.request_id}, follow_redirects=True))
    assert set(shown(both)) == {world.own_ticket, world.guest_ticket}
    agent.post(f"/desk/tickets/{world.guest_ticket}/notes", data={"body": "the <b>platypus</b> case"})
    page = agent.get("/desk/search?q=platypus")
    assert "private note" in read(page).text
    assert "<b>platypus</b>" in page.text
    assert "&lt;b&gt;" in page.text


def test_a_note_is_found_by_no_page_of_a_requester(world: World, agent: FlaskClient) -> None:
    agent.post(f"/desk/tickets/{world.own_ticket}/notes", data={"body": "platypus"})
    for client, address in (
        (world.client(Role.USER), "/tickets"),
        (world.client(Role.USER), f"/tickets/{world.own_ticket}"),
        (world.client(None), "/kb/search?q=platy"),
        (world.client(Role.USER), "/?q=platy"),
    ):
        assert "platypus" not in client.get(address).text


def test_a_search_costs_the_same_whatever_it_finds(world: World, agent: FlaskClient) -> None:
    agent.post(f"/desk/tickets/{world.own_ticket}/replies", data={"body": "walrus"})
    agent.post(f"/desk/tickets/{world.own_ticket}/notes", data={"body": "walrus"})
    with statements() as few:
        agent.get("/desk/search?q=walrus")
    for number in range(20):
        numbered = file(world, f"walrus {number}", minutes=number)
        agent.post(f"/desk/tickets/{numbered.id}/replies", data={"body": "walrus"})
        agent.post(f"/desk/tickets/{numbered.id + 0}/notes", data={"body": "walrus"})
    with statements() as many:
        agent.get("/desk/search?q=walrus")
    assert len(many) <= len(few) + 1


def test_the_filter_for_old_tickets_looks_at_when_they_were_filed(world: World, agent: FlaskClient) -> None:
    old = file(world, "old", minutes=-60 * 24 * 8)
    operations.add_note(ticket(old.id), world.app.extensions["rulebook"].redactor.clean("seen"), world.users[Role.AGENT], NOW)
    assert listed(agent, age="over-week") == {old.id}
    assert timedelta(days=8) < NOW - ticket(old.id).created_at + timedelta(seconds=1)


def test_ones_own_steps_are_listed_and_taken_back_long_after(world: World, agent: FlaskClient) -> None:
    agent.post("/desk/bulk", data={"ticket": [str(world.own_ticket), str(world.guest_ticket)], "wish": "state:closed"})
    page = read(agent.get("/desk/steps"))
    assert "many at once" in page.text
    assert "many at once" not in read(world.client(Role.MANAGER).get("/desk/steps")).text
    agent.post(next(form.action for form in page.forms if "/undo/" in form.action))
    assert ticket(world.own_ticket).state == State.NEW
    assert "taken back" in read(agent.get("/desk/steps")).text
