"""Search on every engine: ids jump, words find, notes stay with staff, and the index goes with the text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.roles import Role
from app.core.ticket_words import query_phrases
from app.operations import tickets as operations
from app.operations.desk_search import find_texts, jump_target, rebuild_search
from app.store import ticket_search, tickets
from app.store.database import db
from app.store.models import Ticket
from tests.articles import book
from tests.conftest import NOW
from tests.sql import statements
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def guest(world: World) -> Ticket:
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    return found


def found(query: str, *, notes: bool = True) -> list[tuple[int, str]]:
    return [(row.ticket.id, row.kind) for row in find_texts(query, notes=notes)]


def test_words_are_found_in_tickets_replies_and_notes_the_newest_first(world: World) -> None:
    clean, agent = book().redactor.clean, world.users[Role.AGENT]
    operations.reply_as_requester(guest(world), clean("It is the banana pipeline."), None, NOW + timedelta(minutes=1))
    own = tickets.by_id(world.own_ticket)
    assert own is not None
    operations.add_note(own, clean("Asked the banana team."), agent, NOW + timedelta(minutes=2))
    assert found("banana") == [(own.id, "note"), (world.guest_ticket, "reply")]
    assert {ticket for ticket, _kind in found("Rate limit reached")} == {world.own_ticket, world.guest_ticket}
    assert found("banana orange") == []


@pytest.mark.parametrize("query", ["超时", "超时了", "请求", "刚", "请求超时 gpt"])
def test_chinese_is_found_by_two_characters_and_by_one(world: World, query: str) -> None:
    operations.reply_as_requester(guest(world), book().redactor.clean("刚才请求超时了，模型是 gpt-4o。"), None, NOW)
    assert (world.guest_ticket, "reply") in found(query)


def test_characters_that_are_no_neighbours_are_no_word(world: World) -> None:
    operations.reply_as_requester(guest(world), book().redactor.clean("超级好，时间够。"), None, NOW)
    assert found("超时") == []


def test_a_note_is_found_by_staff_alone_by_construction(world: World) -> None:
    operations.add_note(guest(world), book().redactor.clean("secretword about billing"), world.users[Role.AGENT], NOW)
    assert found("secretword") == [(world.guest_ticket, "note")]
    with statements() as asked:
        assert found("secretword", notes=False) == []
        assert ticket_search.public_hits(query_phrases("secretword")) == []
    assert not [statement for statement in asked if "note" in statement]


def test_a_corrected_fact_is_found_by_its_new_word_only(world: World) -> None:
    from dataclasses import replace

    from app.operations.examine import evidence_of

    ticket = guest(world)
    for model in ("claude-zebra", "claude-yak"):
        evidence = replace(evidence_of(ticket), model=book().redactor.clean(model))
        operations.correct_evidence(ticket, evidence, world.users[Role.AGENT], book(), world.app.extensions["log_store"], NOW)
    assert found("zebra") == []
    assert found("yak") == [(ticket.id, "ticket")]


def test_a_text_that_was_not_kept_is_not_in_the_index(world: World) -> None:
    reply = operations._add_reply(guest(world), book().redactor.clean("ephemeral"), None, NOW, by_staff=False)
    assert reply.id
    assert found("ephemeral") != []
    db.session.rollback()
    assert found("ephemeral") == []


def test_the_index_can_be_made_anew(world: World) -> None:
    operations.add_note(guest(world), book().redactor.clean("walrus"), world.users[Role.AGENT], NOW)
    before = (found("walrus"), found("Rate limit"))
    assert rebuild_search() == 3
    assert (found("walrus"), found("Rate limit")) == before


@pytest.mark.parametrize(
    "pasted",
    [
        "{number}", "#{number}", "http://desk.example/desk/tickets/{number}", "https://desk.example/tickets/{number}?lang=zh",
    ],
)  # fmt: skip
def test_a_number_or_an_address_jumps_to_its_ticket(world: World, pasted: str) -> None:
    target = jump_target(pasted.format(number=world.guest_ticket), world.app.extensions["log_store"])
    assert target is not None
    assert target.ticket == world.guest_ticket


@pytest.mark.parametrize(
    "pasted",
    [
        "{id}",
        "http://desk.example/logs/{id}",
        "< HTTP/1.1 429 Too Many Requests\n< x-litellm-call-id: {id}\n< content-type: application/json",
        '{{"error": {{"message": "Rate limit", "request_id": "{id}"}}}}',
    ],
)
def test_whatever_quotes_a_request_id_leads_to_its_tickets_or_its_log_line(world: World, pasted: str) -> None:
    store = world.app.extensions["log_store"]
    both = jump_target(pasted.format(id=world.request_id), store)
    assert both is not None
    assert [ticket.id for ticket in both.tickets] == [world.guest_ticket, world.own_ticket]
    guest(world).request_id = None
    db.session.flush()
    one = jump_target(pasted.format(id=world.request_id), store)
    assert one is not None
    assert one.ticket == world.own_ticket
    own = tickets.by_id(world.own_ticket)
    assert own is not None
    own.request_id = None
    db.session.flush()
    line = jump_target(pasted.format(id=world.request_id), store)
    assert line is not None
    assert (line.ticket, line.request_id) == (None, world.request_id)


@pytest.mark.parametrize("pasted", ["", "nothing known", "999999", "abc-123-unknown"])
def test_what_quotes_nothing_known_jumps_nowhere(world: World, pasted: str) -> None:
    assert jump_target(pasted, world.app.extensions["log_store"]) is None
