"""The diagnosis page and what staff do there: every decision is kept, dated and attributed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.article import print_article
from app.core.record import Outcome
from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.operations.kb_files import import_kb
from app.store import articles, tickets
from app.store.database import db
from app.store.kb_files import write_article
from app.store.models import AuditEntry, Ticket
from app.web.desk.views import MatchCard, still_to_ask
from app.web.desk.words import change_text
from tests.articles import book, content
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.sql import row_counts, statements
from tests.world import KEY, World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


@pytest.fixture
def address(world: World) -> str:
    return f"/desk/tickets/{world.guest_ticket}"


@pytest.fixture
def article(world: World) -> int:
    """A published article about the ticket's cause."""
    folder = world.app.extensions["settings"].kb_dir
    write_article(folder, "en", "rate-limit", print_article(content()))
    import_kb(folder, world.app.extensions["rulebook"], NOW)
    found = articles.by_slug("en", "rate-limit")
    assert found is not None
    return found.id


def ticket(world: World) -> Ticket:
    db.session.rollback()
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    return found


def test_the_page_says_what_it_was_and_why(world: World, agent: FlaskClient, address: str) -> None:
    page = read(agent.get(address))
    cause = book().causes["rate-limit-rpm"]
    assert cause.title["en"] in page.text
    assert world.request_id in page.text
    assert "same request id" in page.text.lower()
    for fact in ("429", "gpt-4o", "Cherry Studio", "sk-…9f3c", "search-prod", "u-search", "search-team"):
        assert fact in page.text


def test_the_page_never_shows_a_fingerprint_or_a_whole_key(world: World, agent: FlaskClient, address: str) -> None:
    html = agent.get(address).text
    record = world.app.extensions["log_store"].request(world.request_id)[0]
    assert record.key_fingerprint is not None
    assert record.key_fingerprint not in html
    assert KEY not in html


def test_a_ticket_without_a_log_line_says_what_that_may_mean(world: World, agent: FlaskClient) -> None:
    world.client(None).post(
        "/tickets", data={"error_text": "Connection error.", "request_time": "2026-11-01 03:00", "tolerance_minutes": "1"}
    )
    page = read(agent.get(f"/desk/tickets/{world.guest_ticket + 1}"))
    assert "No log line found" in page.text
    assert "never reached the gateway" in page.text


def test_opening_the_page_is_noted(world: World, agent: FlaskClient, address: str) -> None:
    agent.get(address)
    db.session.rollback()
    read_entries = db.session.query(AuditEntry).filter_by(action="read", object_kind="ticket", object_id=str(world.guest_ticket)).all()
    assert [entry.actor_id for entry in read_entries] == [world.users[Role.AGENT].id]


def test_a_reply_is_public_redacted_and_hands_the_ticket_over(world: World, agent: FlaskClient, address: str) -> None:
    answer = agent.post(f"{address}/replies", data={"body": f"Wait a minute. Do not send {KEY} again."})
    assert answer.status_code == 303
    found = ticket(world)
    assert (found.state, found.first_replied_at, found.assignee_id) == (State.PENDING, NOW, world.users[Role.AGENT].id)
    for html in (agent.get(address).text, world.client(None).get(f"/t/{world.guest_token}").text):
        assert "Wait a minute." in html
        assert KEY not in html


def test_a_reply_can_solve_the_ticket(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/replies", data={"body": "The limit was raised.", "wish": "solve"})
    found = ticket(world)
    assert (found.state, found.solved_at) == (State.SOLVED, NOW)


def test_a_reply_can_cite_an_article(world: World, agent: FlaskClient, address: str, article: int) -> None:
    agent.post(f"{address}/replies", data={"body": "Please read this.", "article_id": str(article)})
    assert ticket(world).article_id == article
    assert tickets.replies(world.guest_ticket)[0].article_id == article


@pytest.mark.parametrize("number", ["999", "9" * 40, "x", "-1"])
def test_a_reply_that_cites_no_article_is_sent_all_the_same(world: World, agent: FlaskClient, address: str, number: str) -> None:
    assert agent.post(f"{address}/replies", data={"body": "Hello.", "article_id": number}).status_code == 303
    assert ticket(world).article_id is None


def test_an_article_of_the_cause_is_offered_for_the_reply(agent: FlaskClient, address: str, article: int) -> None:
    html = agent.get(address).text
    assert f'data-insert-article="{article}"' in html
    assert "/kb/en/rate-limit" in html.split("data-insert=")[1]


def test_a_note_is_kept_apart_and_opens_a_new_ticket(world: World, agent: FlaskClient, address: str) -> None:
    before = row_counts()
    agent.post(f"{address}/notes", data={"body": f"Their key {KEY} is in the log. Ask billing."})
    after = row_counts()
    assert (after["note"], after["reply"]) == (before["note"] + 1, before["reply"])
    assert ticket(world).state == State.OPEN
    html = agent.get(address).text
    assert "Ask billing." in html
    assert KEY not in html
    assert "private note, staff only" in read(agent.get(address)).text


@pytest.mark.parametrize("kind", ["replies", "notes"])
@pytest.mark.parametrize("body", ["", "  ", "x" * 20_001])
def test_an_empty_or_endless_word_is_refused_and_kept_in_its_own_box(agent: FlaskClient, address: str, kind: str, body: str) -> None:
    answer = agent.post(f"{address}/{kind}", data={"body": body})
    page = read(answer)
    assert answer.status_code == 422
    own, other = (f"{address}/{name}" for name in (kind, "notes" if kind == "replies" else "replies"))
    assert page.form(own).sends["body"].strip() == body.strip()
    assert page.form(other).sends["body"].strip() == ""


def test_the_ticket_moves_where_it_may(world: World, agent: FlaskClient, address: str) -> None:
    refused = agent.post(f"{address}/state", data={"state": "on_hold"}, follow_redirects=True)
    assert "needs a next action" in read(refused).text
    assert ticket(world).state == State.NEW
    agreed = {"action": "Ask the vendor", "owner": str(world.users[Role.AGENT].id), "due": "2026-11-23"}
    agent.post(f"{address}/next", data=agreed)
    agent.post(f"{address}/state", data={"state": "on_hold"})
    assert ticket(world).state == State.ON_HOLD
    agent.post(f"{address}/state", data={"state": "closed"})
    answer = agent.post(f"{address}/state", data={"state": "pending"}, follow_redirects=True)
    assert ticket(world).state == State.CLOSED
    assert "cannot go there" in read(answer).text
    assert agent.post(f"{address}/state", data={"state": "deleted"}).status_code == 400


def test_the_page_offers_legal_moves_only(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/state", data={"state": "closed"})
    offered = agent.get(address).text.split('name="state"')[1].split("</select>")[0]
    assert 'value="open"' in offered
    assert 'value="pending"' not in offered


def test_the_ticket_is_assigned_and_given_back(world: World, agent: FlaskClient, address: str) -> None:
    manager = world.users[Role.MANAGER].id
    agent.post(f"{address}/assignee", data={"assignee": str(manager)})
    found = ticket(world)
    assert (found.assignee_id, found.state) == (manager, State.OPEN)
    told = read(agent.get(address)).text
    assert "assigned it to Test manager" in told  # as people call them, not by user name
    assert "test-manager" not in told
    agent.post(f"{address}/assignee", data={"assignee": ""})
    assert ticket(world).assignee_id is None
    for nobody in (world.users[Role.USER].id, world.users[Role.EDITOR].id, 999, "x"):
        assert agent.post(f"{address}/assignee", data={"assignee": str(nobody)}).status_code == 400


def test_a_confirmed_cause_stands_through_every_new_look(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/cause", data={"cause": "upstream-saturated"})
    agent.post(f"{address}/matches", data={"widen": "4"})
    found = ticket(world)
    assert (found.cause, found.confidence, found.cause_confirmed_by_id) == ("upstream-saturated", 1.0, world.users[Role.AGENT].id)
    assert found.origin == book().causes["upstream-saturated"].origin
    assert agent.post(f"{address}/cause", data={"cause": "gremlins"}).status_code == 400


def test_a_decision_on_a_log_line_stands_through_every_new_look(world: World, agent: FlaskClient, address: str) -> None:
    match = tickets.matches(world.guest_ticket)[0]
    for decision in ("confirmed", "rejected"):
        agent.post(f"{address}/matches/{match.id}", data={"decision": decision})
        agent.post(f"{address}/matches")
        db.session.rollback()
        kept = tickets.match(world.guest_ticket, match.id)
        assert kept is not None
        assert (kept.decision, kept.decided_by_id, kept.decided_at) == (decision, world.users[Role.AGENT].id, NOW)
        assert len([each for each in tickets.matches(world.guest_ticket) if each.record_id == match.record_id]) == 1


def test_a_decision_can_be_taken_back(world: World, agent: FlaskClient, address: str) -> None:
    match = tickets.matches(world.guest_ticket)[0]
    agent.post(f"{address}/matches/{match.id}", data={"decision": "rejected"})
    agent.post(f"{address}/matches/{match.id}", data={"decision": ""})
    db.session.rollback()
    kept = tickets.match(world.guest_ticket, match.id)
    assert kept is not None
    assert (kept.decision, kept.decided_by_id, kept.decided_at) == (None, None, None)


def test_a_rejected_line_is_no_basis_for_anything(world: World, agent: FlaskClient, address: str) -> None:
    match = tickets.matches(world.guest_ticket)[0]
    agent.post(f"{address}/matches/{match.id}", data={"decision": "rejected"})
    page = read(agent.get(address))
    assert "search-team" not in page.text
    assert "gateway's log" not in read(world.client(None).get(f"/t/{world.guest_token}")).text.split("File")[0].split("Conversation")[1]


def test_a_match_of_another_ticket_cannot_be_decided_here(world: World, agent: FlaskClient) -> None:
    match = tickets.matches(world.guest_ticket)[0]
    assert agent.post(f"/desk/tickets/{world.own_ticket}/matches/{match.id}", data={"decision": "confirmed"}).status_code == 404


@pytest.mark.parametrize("widen", ["0", "-3", "x", "99999999999999999999", ""])
def test_a_window_of_nonsense_is_the_usual_one(agent: FlaskClient, address: str, widen: str) -> None:
    assert agent.post(f"{address}/matches", data={"widen": widen}).status_code == 303


def test_every_change_is_told_with_who_and_when(world: World, agent: FlaskClient, address: str) -> None:
    agent.post(f"{address}/state", data={"state": "open"})
    agent.post(f"{address}/cause", data={"cause": "upstream-saturated"})
    agent.post(f"{address}/link")
    page = read(agent.get(address))
    assert page.text.count("Test agent") >= 3
    assert "revoked the secret link" in page.text
    assert {change.actor_id for change in tickets.changes(world.guest_ticket)} == {world.users[Role.AGENT].id}


def test_the_link_is_revoked_from_here(world: World, agent: FlaskClient, address: str) -> None:
    assert agent.post(f"{address}/link").status_code == 303
    assert world.client(None).get(f"/t/{world.guest_token}").status_code == 404


@pytest.mark.parametrize("number", ["0", "999", "99999999999999999999999", "9" * 5000])
def test_a_ticket_that_is_none_is_not_there(agent: FlaskClient, number: str) -> None:
    assert agent.get(f"/desk/tickets/{number}").status_code == 404
    for action in ("replies", "notes", "state", "assignee", "cause", "matches", "link"):
        form = {"body": "x", "state": "open", "cause": "unknown"}
        assert agent.post(f"/desk/tickets/{number}/{action}", data=form).status_code in {404, 405}


def test_who_else_is_affected_is_said_with_its_numbers(world: World, agent: FlaskClient, address: str) -> None:
    at = int((NOW - timedelta(minutes=3)).timestamp() * 1000)
    failures = [
        a_record(f"other-{n}", started_at=at, status_code=429, outcome=Outcome.ERROR, model_requested="gpt-4o", key_fingerprint=f"{n:032x}")
        for n in range(1, 6)
    ]
    world.app.extensions["log_store"].append("ndjson", failures, [], NOW)
    page = read(agent.get(address))
    section = page.text.split("Are others affected?")[1]
    assert "Yes, probably." in section
    assert "6 of 6 requests" in section


def test_the_page_is_chinese_for_those_who_read_chinese(agent: FlaskClient, address: str) -> None:
    page = read(agent.get(f"{address}?lang=zh"))
    assert book().causes["rate-limit-rpm"].title["zh"] in page.text
    assert "same request id" not in page.text.lower()


def test_the_page_costs_the_same_however_much_there_is(world: World, agent: FlaskClient, address: str) -> None:
    store, found = world.app.extensions["log_store"], ticket(world)
    at, mark = int((NOW - timedelta(minutes=4)).timestamp() * 1000), store.request(world.request_id)[0].key_fingerprint

    def more(name: str, lines: int, words: int) -> None:
        failed = {"status_code": 429, "outcome": Outcome.ERROR, "model_requested": "gpt-4o", "key_fingerprint": mark}
        store.append("ndjson", [a_record(f"{name}-{n}", started_at=at - n, **failed) for n in range(lines)], [], NOW)
        operations.look_again(found, world.users[Role.AGENT], book(), store, NOW)
        for number in range(words):
            agent.post(f"{address}/notes", data={"body": f"{name} note {number}"})
            agent.post(f"{address}/replies", data={"body": f"{name} word {number}"})

    more("few", 1, 1)
    agent.get(address)  # from now on the agent is known to be here
    with statements() as few:
        agent.get(address)
    more("many", 60, 30)
    with statements() as many:
        agent.get(address)
    assert len(many) == len(few) <= 36


def test_what_only_finds_a_log_line_is_not_asked_for_once_it_is_found() -> None:
    def card(probability: float, decision: str | None = None) -> MatchCard:
        return MatchCard(1, "r-1", None, None, probability, (), decision)

    asked = ("request_id", "client_version")
    assert still_to_ask(asked, [card(0.95)]) == still_to_ask(asked, [card(0.4, "confirmed")]) == ("client_version",)
    assert still_to_ask(asked, []) == still_to_ask(asked, [card(0.4)]) == still_to_ask(asked, [card(0.95, "rejected")]) == asked


def test_a_key_of_which_nothing_was_given_is_not_said_to_be_unseen(world: World, agent: FlaskClient, address: str) -> None:
    found = ticket(world)
    found.key_last4 = found.key_fingerprint = None
    for match in tickets.matches(found.id):
        db.session.delete(match)
    db.session.commit()
    page = read(agent.get(address)).text
    assert "No key was given." in page
    assert "The key was not seen" not in page


def test_decisions_and_queues_are_told_in_words(agent: FlaskClient, address: str) -> None:
    with agent.application.test_request_context():
        assert change_text("match:→undecided:r-1") == "took the decision on a log line back"
        assert change_text("match:→rejected:r-1") == "decided on a log line: rejected"
        assert change_text("queue:support→gone") == "moved it to the queue gone"
