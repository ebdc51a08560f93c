"""Tickets that hang together: merged, split, under one another, linked, followed; and every step taken back exactly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.roles import Role
from app.core.ticket import State
from app.operations import relations as operations
from app.operations import tickets as ticket_operations
from app.operations.desk_search import find_texts
from app.operations.relations import CannotRelate
from app.operations.undo import snapshot, take_back
from app.store import hand_offs, relations, tickets
from app.store.database import db
from app.store.models import Ticket, User
from tests.articles import book
from tests.conftest import NOW
from tests.world import World, inhabit

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> User:
    return world.users[Role.AGENT]


def ticket(number: int) -> Ticket:
    db.session.expire_all()
    found = tickets.by_id(number)
    assert found is not None
    return found


def bodies(number: int) -> list[str]:
    return [str(reply.body) for reply in tickets.replies(number)]


def say(number: int, words: str, author: User | None = None) -> None:
    ticket_operations.reply_as_requester(ticket(number), book().redactor.clean(words), author, NOW)


def test_a_merge_closes_one_ticket_and_its_undo_restores_both_exactly(world: World, agent: User) -> None:
    say(world.guest_ticket, "half a word")
    before = [(snapshot(ticket(number)), bodies(number)) for number in (world.own_ticket, world.guest_ticket)]
    step = operations.merge(ticket(world.guest_ticket), ticket(world.own_ticket), agent, LATER)
    assert ticket(world.guest_ticket).state == State.CLOSED
    assert relations.merged_into(world.guest_ticket) == world.own_ticket
    assert relations.all_merged_into(world.own_ticket) == [world.guest_ticket]
    take_back(step, agent, LATER)
    assert [(snapshot(ticket(number)), bodies(number)) for number in (world.own_ticket, world.guest_ticket)] == before
    assert relations.all_merged_into(world.own_ticket) == []


def test_after_a_merge_an_answer_reaches_both_and_words_wake_the_one_that_goes_on(world: World, agent: User) -> None:
    operations.merge(ticket(world.guest_ticket), ticket(world.own_ticket), agent, NOW)
    ticket_operations.reply_as_staff(ticket(world.own_ticket), book().redactor.clean("Fixed."), agent, NOW, solve=True)
    assert bodies(world.own_ticket) == bodies(world.guest_ticket) == ["Fixed."]
    say(world.guest_ticket, "Not here.")
    assert (ticket(world.own_ticket).state, ticket(world.guest_ticket).state) == (State.OPEN, State.CLOSED)
    assert "Not here." not in bodies(world.own_ticket), "another requester's word is never theirs to read"


def test_a_merge_twice_with_itself_or_in_a_circle_is_refused(world: World, agent: User) -> None:
    own, guest = ticket(world.own_ticket), ticket(world.guest_ticket)
    with pytest.raises(CannotRelate, match="same"):
        operations.merge(own, own, agent, NOW)
    operations.merge(guest, own, agent, NOW)
    for source, target in ((guest, own), (own, guest)):
        with pytest.raises(CannotRelate, match="merged"):
            operations.merge(source, target, agent, NOW)


def test_a_split_moves_the_requesters_words_and_its_undo_brings_them_back(world: World, agent: User) -> None:
    user = world.users[Role.USER]
    say(world.own_ticket, "first matter", user)
    say(world.own_ticket, "second matter walrus", user)
    second = tickets.replies(world.own_ticket)[1].id
    before = (snapshot(ticket(world.own_ticket)), bodies(world.own_ticket))
    fresh, step = operations.split(ticket(world.own_ticket), [second], agent, book(), NOW)
    assert (bodies(world.own_ticket), bodies(fresh.id)) == (["first matter"], ["second matter walrus"])
    assert (ticket(fresh.id).requester_id, ticket(fresh.id).state) == (user.id, State.NEW)
    assert {row.ticket.id for row in find_texts("walrus", notes=False)} == {fresh.id}
    take_back(step, agent, NOW)
    assert (snapshot(ticket(world.own_ticket)), bodies(world.own_ticket)) == before
    assert ticket(fresh.id).state == State.CLOSED
    assert {row.ticket.id for row in find_texts("walrus", notes=False) if row.kind == "reply"} == {world.own_ticket}


def test_staffs_words_other_tickets_words_and_guests_words_are_not_split_off(world: World, agent: User) -> None:
    ticket_operations.reply_as_staff(ticket(world.own_ticket), book().redactor.clean("ours"), agent, NOW)
    say(world.guest_ticket, "theirs")
    numbers = [reply.id for number in (world.own_ticket, world.guest_ticket) for reply in tickets.replies(number)]
    with pytest.raises(CannotRelate, match="nothing"):
        operations.split(ticket(world.own_ticket), numbers, agent, book(), NOW)
    with pytest.raises(CannotRelate, match="guest"):
        operations.split(ticket(world.guest_ticket), numbers, agent, book(), NOW)


def test_many_tickets_of_one_cause_are_told_at_once(world: World, agent: User) -> None:
    operations.put_under(ticket(world.guest_ticket), ticket(world.own_ticket), agent, NOW)
    children = relations.pointing_to(world.own_ticket, "child")
    ticket_operations.reply_as_staff(ticket(world.own_ticket), book().redactor.clean("The vendor is back."), agent, NOW, also=children)
    assert bodies(world.guest_ticket) == ["The vendor is back."]
    assert ticket(world.guest_ticket).state == State.PENDING


def test_a_link_is_made_once_ended_and_taken_up_again(world: World, agent: User) -> None:
    own, guest = ticket(world.own_ticket), ticket(world.guest_ticket)
    operations.link(own, guest, agent, NOW)
    with pytest.raises(CannotRelate, match="related"):
        operations.link(guest, own, agent, NOW)
    (standing, other), *_rest = relations.standing(own.id)
    assert other.id == guest.id
    relation = relations.one_of(own.id, standing.id)
    assert relation is not None
    step = operations.end_relation(own, relation, agent, NOW)
    assert relations.standing(own.id) == []
    take_back(step, agent, NOW)
    assert [other.id for _relation, other in relations.standing(own.id)] == [guest.id]


def test_followers_and_the_assignee_hear_of_an_answer_of_the_user(world: World, agent: User) -> None:
    manager = world.users[Role.MANAGER]
    operations.follow(ticket(world.guest_ticket), manager, NOW, on=True)
    ticket_operations.assign(ticket(world.guest_ticket), agent, agent, NOW)
    say(world.guest_ticket, "Still broken.")
    for user in (manager, agent):
        assert [(notice.kind, notice.ticket_id) for notice, _ticket in hand_offs.notices(user.id)] == [("reply", world.guest_ticket)]
    operations.follow(ticket(world.guest_ticket), manager, NOW, on=False)
    say(world.guest_ticket, "And again.")
    assert len(hand_offs.notices(manager.id)) == 1
