"""A requester's ticket: by link or by account, with public words only."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.store import tickets
from app.store.database import db
from app.store.models import Ticket
from tests.articles import book
from tests.conftest import NOW
from tests.pages import read
from tests.sql import row_counts, statements
from tests.world import KEY, World, inhabit

PRIVATE = ("search-prod", "u-search", "search-team", "production", "Limit 3, Used 3, Requested 1.\n", "CherryStudio/1.6.2")


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def guest(world: World) -> FlaskClient:
    return world.client(None)


@pytest.fixture
def address(world: World) -> str:
    return f"/t/{world.guest_token}"


def ticket(number: int) -> Ticket:
    db.session.rollback()
    found = tickets.by_id(number)
    assert found is not None
    return found


def clean(text: str) -> str:
    return book().redactor.clean(text)


def test_the_page_shows_what_was_told_and_where_it_stands(guest: FlaskClient, address: str) -> None:
    page = read(guest.get(address))
    for fact in ("429", "gpt-4o", "Cherry Studio", "sk-…9f3c", "Since this morning.", "Rate limit reached for gpt-4o"):
        assert fact in page.text
    assert "We have your report" in page.text


def test_the_page_shows_no_staff_fact(world: World, guest: FlaskClient, address: str) -> None:
    found = ticket(world.guest_ticket)
    store = world.app.extensions["log_store"]
    operations.decide_match(found, tickets.matches(found.id)[0], "confirmed", world.users[Role.AGENT], book(), store, NOW)
    html = guest.get(address).text
    assert "In the gateway&#39;s log" in html or "In the gateway's log" in html
    assert not [private for private in PRIVATE if private in html]


def test_a_note_is_in_no_answer_that_a_requester_gets(world: World, guest: FlaskClient, address: str) -> None:
    secret = "the customer is behind with two invoices"
    for number in (world.guest_ticket, world.own_ticket):
        operations.add_note(ticket(number), clean(secret), world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
    own = world.client(Role.USER)
    answers = [
        guest.get(address),
        guest.post(address, data={"body": ""}),
        guest.post(address, data={"body": "Any news?"}, follow_redirects=True),
        own.get(f"/tickets/{world.own_ticket}"),
        own.get("/tickets"),
        own.post(f"/tickets/{world.own_ticket}", data={"body": ""}),
    ]
    assert not [answer for answer in answers if "invoices" in answer.text or "Test agent" in answer.text]


def test_a_public_answer_is_there_with_its_author(world: World, guest: FlaskClient, address: str) -> None:
    operations.reply_as_staff(ticket(world.guest_ticket), clean("Please wait **one minute**."), world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
    page = read(guest.get(address))
    assert "<strong>one minute</strong>" in page.html
    assert "Test agent" in page.text
    assert "now it is your turn" in page.text


def test_markdown_of_anybody_cannot_bring_scripts_or_pictures(world: World, guest: FlaskClient, address: str) -> None:
    body = 'Look: <script>alert(1)</script> <img src="https://evil.example/x.png" onerror=alert(1)> [go](javascript:alert(1)) ![x](https://evil.example/y.png)'
    guest.post(address, data={"body": body})
    for answer in (guest.get(address), world.client(Role.AGENT).get(f"/desk/tickets/{world.guest_ticket}")):
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert "javascript:" not in answer.text


def test_an_answer_is_added_redacted_and_wakes_a_waiting_ticket(world: World, guest: FlaskClient, address: str) -> None:
    operations.reply_as_staff(ticket(world.guest_ticket), clean("Which model?"), world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
    assert ticket(world.guest_ticket).state == State.PENDING
    answer = guest.post(address, data={"body": f"gpt-4o with {KEY}"})
    assert answer.status_code == 303
    assert ticket(world.guest_ticket).state == State.OPEN
    html = guest.get(address).text
    assert "gpt-4o with" in html
    assert KEY not in html


@pytest.mark.parametrize("body", ["", "   ", "x" * 20_001])
def test_an_answer_that_says_nothing_or_too_much_is_refused_and_kept(world: World, guest: FlaskClient, address: str, body: str) -> None:
    answer = guest.post(address, data={"body": body})
    assert answer.status_code == 422
    assert read(answer).form(address).sends["body"] == body.strip()
    assert tickets.replies(world.guest_ticket) == []


def test_the_requester_says_that_it_is_solved_and_reopens_it(world: World, guest: FlaskClient, address: str) -> None:
    guest.post(address, data={"wish": "solved"})
    assert ticket(world.guest_ticket).state == State.SOLVED
    assert "Reopen it if the failure is back" in read(guest.get(address)).text
    guest.post(address, data={"wish": "reopen"})
    assert ticket(world.guest_ticket).state == State.OPEN
    assert [change.after for change in tickets.changes(world.guest_ticket)] == ["solved", "open"]


def test_saying_solved_twice_changes_nothing(world: World, guest: FlaskClient, address: str) -> None:
    guest.post(address, data={"wish": "solved"})
    before = row_counts()
    assert guest.post(address, data={"wish": "solved"}).status_code == 303
    assert row_counts() == before


def test_reopening_with_words_keeps_the_words(world: World, guest: FlaskClient, address: str) -> None:
    guest.post(address, data={"wish": "solved"})
    guest.post(address, data={"wish": "reopen", "body": "It is back since noon."})
    assert ticket(world.guest_ticket).state == State.OPEN
    assert [reply.body for reply in tickets.replies(world.guest_ticket)] == ["It is back since noon."]


def test_words_to_a_solved_ticket_reopen_it(world: World, guest: FlaskClient, address: str) -> None:
    guest.post(address, data={"wish": "solved"})
    guest.post(address, data={"body": "Not quite."})
    assert ticket(world.guest_ticket).state == State.OPEN


def test_a_revoked_link_opens_nothing_and_takes_no_words(world: World, guest: FlaskClient, address: str) -> None:
    operations.revoke_links(ticket(world.guest_ticket), world.users[Role.AGENT], NOW)
    before = row_counts()
    assert guest.get(address).status_code == 404
    assert guest.post(address, data={"body": "hello"}).status_code == 404
    assert row_counts() == before


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "a" * 5000, "密"])
def test_a_token_that_is_none_answers_like_any_missing_page(guest: FlaskClient, token: str) -> None:
    assert guest.get(f"/t/{token}").status_code == 404


def test_a_link_page_is_kept_out_of_caches_and_search_engines(guest: FlaskClient, address: str) -> None:
    answer = guest.get(address)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_the_list_holds_ones_own_tickets_only(world: World) -> None:
    links = read(world.client(Role.USER).get("/tickets")).links
    assert f"/tickets/{world.own_ticket}" in links
    assert f"/tickets/{world.guest_ticket}" not in links


def test_an_account_without_tickets_is_told_how_to_file_one(world: World) -> None:
    assert "You have filed no ticket yet" in read(world.client(Role.EDITOR).get("/tickets")).text


@pytest.mark.parametrize("number", ["0", "2", "999999999999999999999", "-1", "x"])
def test_a_ticket_of_another_or_of_nobody_is_not_there(world: World, number: str) -> None:
    client = world.client(Role.USER)
    assert client.get(f"/tickets/{number}").status_code == 404
    assert client.post(f"/tickets/{number}", data={"body": "hi"}).status_code in {404, 405}


def test_the_signed_in_requester_can_do_the_same(world: World) -> None:
    client, address = world.client(Role.USER), f"/tickets/{world.own_ticket}"
    assert client.post(address, data={"body": "One more thing."}).status_code == 303
    assert client.post(address, data={"wish": "solved"}).status_code == 303
    assert client.post(address, data={"wish": "reopen"}).status_code == 303
    assert [(reply.by_staff, reply.author.name) for reply in tickets.replies(world.own_ticket) if reply.author] == [(False, "test-user")]


def test_the_page_costs_the_same_however_long_the_thread_is(world: World, guest: FlaskClient, address: str) -> None:
    def thread(words: int) -> int:
        for number in range(words):
            operations.reply_as_staff(ticket(world.guest_ticket), clean(f"Word {number}."), world.users[Role.AGENT], NOW)  # type: ignore[arg-type]
            operations.reply_as_requester(ticket(world.guest_ticket), clean(f"Answer {number}."), None, NOW)  # type: ignore[arg-type]
        with statements() as sent:
            guest.get(address)
        return len(sent)

    assert thread(1) == thread(29)


def test_the_list_costs_the_same_however_many_there_are(world: World) -> None:
    client = world.client(Role.USER)

    def listed(more: int) -> int:
        for _each in range(more):
            client.post("/tickets", data={"error_text": "500 internal server error"})
        with statements() as sent:
            client.get("/tickets")
        return len(sent)

    assert listed(1) == listed(20)


def test_a_key_told_by_its_check_value_is_not_shown_as_missing(world: World, guest: FlaskClient, address: str) -> None:
    found = ticket(world.guest_ticket)
    found.key_last4, found.key_fingerprint = None, "ab" * 16
    db.session.commit()
    page = guest.get(address)
    assert "check value given" in read(page).text
    assert "abab" not in page.text
