"""The queue: filters live in the address, pages follow one another without gaps, and the cost does not grow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.evidence import Evidence
from app.core.report import Report
from app.core.roles import Role
from app.core.ticket import SET_ASIDE, State
from app.core.ticket_query import QueueFilter
from app.operations import tickets as operations
from app.store import ticket_queue, tickets
from app.store.models import Ticket
from tests.conftest import NOW
from tests.pages import Page, read
from tests.sql import statements
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def file(world: World, words: str, minutes: int = 0, **facts: object) -> Ticket:
    """A ticket filed some minutes after the others."""
    book, store = world.app.extensions["rulebook"], world.app.extensions["log_store"]
    evidence = Evidence(error_text=book.redactor.clean(words), **facts)  # type: ignore[arg-type]
    return operations.open_ticket(Report(evidence), None, book, store, NOW + timedelta(minutes=minutes)).ticket


def shown(page: Page) -> list[int]:
    """Ticket numbers in the order of the page."""
    links = [link.rsplit("/", 1)[1] for link in page.links if link.startswith("/desk/tickets/")]
    return [int(number) for number in dict.fromkeys(links) if number.isdecimal()]


def test_what_waits_for_us_is_shown_first_and_newest_first(world: World, agent: FlaskClient) -> None:
    later = file(world, "504 gateway timeout", minutes=5)
    page = read(agent.get("/desk/?view=todo"))
    assert shown(page)[0] == later.id
    assert set(shown(page)) == {later.id, world.own_ticket, world.guest_ticket}
    assert "3 tickets wait for us" in page.text


def test_each_view_shows_its_states(world: World, agent: FlaskClient) -> None:
    by_state = {state: file(world, f"failure in {state}") for state in State if state is not State.NEW and state not in SET_ASIDE}
    for state, ticket in by_state.items():
        operations.set_state(ticket, state, world.users[Role.AGENT], NOW)
    expected = {
        "todo": {by_state[State.OPEN].id, world.own_ticket, world.guest_ticket},
        "waiting": {by_state[State.PENDING].id, by_state[State.ON_HOLD].id},
        "done": {by_state[State.SOLVED].id, by_state[State.CLOSED].id},
    }
    for view, numbers in expected.items():
        assert set(shown(read(agent.get(f"/desk/?view={view}")))) == numbers, view
    assert len(shown(read(agent.get("/desk/?view=all")))) == 7


def test_one_sees_ones_own_and_what_nobody_has(world: World, agent: FlaskClient) -> None:
    ticket = tickets.by_id(world.own_ticket)
    assert ticket is not None
    operations.assign(ticket, world.users[Role.AGENT], world.users[Role.MANAGER], NOW)
    assert shown(read(agent.get("/desk/?who=me"))) == [world.own_ticket]
    assert shown(read(agent.get("/desk/?who=nobody"))) == [world.guest_ticket]


def test_a_cause_narrows_the_list(world: World, agent: FlaskClient) -> None:
    other = file(
        world, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.", status_code=400
    )
    assert other.cause == "context-length-exceeded"
    assert shown(read(agent.get("/desk/?cause=context-length-exceeded"))) == [other.id]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Rate limit reached", {1, 2}),
        ("rate LIMIT", {1, 2}),
        ("#2", {2}),
        ("100%", {3}),
        ("_", set()),
        ("超时", {4}),
        ("nothing", set()),
    ],
)
def test_words_find_subjects_and_numbers(world: World, agent: FlaskClient, words: str, expected: set[int]) -> None:
    file(world, "quota used to 100% today")
    file(world, "请求超时，请稍后再试")
    assert set(shown(read(agent.get("/desk/", query_string={"q": words, "view": "all"})))) == expected


def test_a_request_id_finds_its_tickets(world: World, agent: FlaskClient) -> None:
    assert set(shown(read(agent.get("/desk/", query_string={"q": world.request_id})))) == {1, 2}


@pytest.mark.parametrize(
    "query",
    [
        "view=none",
        "who=root",
        "cause=made-up",
        "before=x",
        "before=1-",
        "before=99999999999999999-1",
        "q=%25%5C_'\"",
        "before=²-³",
        "q=" + "9" * 50,
        "q=①",
    ],
)
def test_nonsense_in_the_address_is_ignored(agent: FlaskClient, query: str) -> None:
    assert agent.get(f"/desk/?{query}").status_code == 200


def test_pages_follow_one_another_without_gap_or_repetition(world: World, agent: FlaskClient) -> None:
    for number in range(120):
        file(world, f"failure number {number}", minutes=number // 7)  # many move in the same moment
    seen: list[int] = []
    address = "/desk/?view=todo"
    while address:
        page = read(agent.get(address))
        seen += shown(page)
        address = next((link for link in page.links if "before=" in link and "lang=" not in link), "")
    assert len(seen) == len(set(seen)) == 122
    assert seen == [ticket.id for ticket in ticket_queue.page(QueueFilter(limit=500))]


def test_the_next_page_keeps_the_filters(world: World, agent: FlaskClient) -> None:
    for number in range(60):
        file(world, f"quota question {number}")
    page = read(agent.get("/desk/?view=active&who=nobody&q=quota"))
    older = next(link for link in page.links if "before=" in link and "lang=" not in link)
    for part in ("view=active", "who=nobody", "q=quota"):
        assert part in older
    assert "Rate limit" not in read(agent.get(older)).text.split("Tickets")[-1]


def test_the_list_alone_answers_a_filter_and_the_page_a_reload(agent: FlaskClient) -> None:
    part = agent.get("/desk/?view=all", headers={"HX-Request": "true"})
    whole = agent.get("/desk/?view=all")
    assert part.text.lstrip().startswith('<div id="queue"')
    assert "<!doctype html>" in whole.text
    assert part.headers["Vary"] == whole.headers["Vary"] == "HX-Request" or "HX-Request" in whole.headers["Vary"]
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        assert "<!doctype html>" in agent.get("/desk/", headers={"HX-Request": "true", header: "true"}).text


def test_an_empty_view_says_so(agent: FlaskClient) -> None:
    assert "No ticket here" in read(agent.get("/desk/?view=done")).text


def test_the_queue_costs_the_same_however_full_it_is(world: World, agent: FlaskClient) -> None:
    with statements() as few:
        agent.get("/desk/")
    for number in range(60):
        ticket = file(world, f"failure number {number}")
        operations.assign(ticket, world.users[[Role.AGENT, Role.MANAGER][number % 2]], world.users[Role.AGENT], NOW)
    with statements() as many:
        agent.get("/desk/")
    assert len(many) == len(few)
