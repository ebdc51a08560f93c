"""One step for many tickets, and taking it back exactly."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as operations
from app.operations.bulk import BulkWish, apply_to_all
from app.operations.undo import snapshot, take_back
from app.store import tickets, undo_steps
from app.store.database import db
from app.store.models import Ticket
from tests.articles import book
from tests.conftest import NOW
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def both(world: World) -> list[Ticket]:
    db.session.expire_all()
    return list(tickets.by_ids([world.own_ticket, world.guest_ticket]))


def test_many_are_solved_at_once_and_go_back_exactly(world: World) -> None:
    before = [snapshot(ticket) for ticket in both(world)]
    done = apply_to_all([world.own_ticket, world.guest_ticket, 999], BulkWish(state=State.SOLVED), world.users[Role.AGENT], NOW)
    assert (done.done, done.skipped) == (2, 0)
    assert {ticket.state for ticket in both(world)} == {State.SOLVED}
    assert done.step is not None
    undone = take_back(done.step, world.users[Role.AGENT], NOW)
    assert (undone.back, undone.stayed) == (2, 0)
    assert [snapshot(ticket) for ticket in both(world)] == before


def test_what_somebody_changed_since_stays(world: World) -> None:
    done = apply_to_all([world.own_ticket, world.guest_ticket], BulkWish(state=State.SOLVED), world.users[Role.AGENT], NOW)
    operations.set_state(both(world)[0], State.OPEN, world.users[Role.MANAGER], NOW)
    assert done.step is not None
    undone = take_back(done.step, world.users[Role.AGENT], NOW)
    assert (undone.back, undone.stayed) == (1, 1)
    assert [ticket.state for ticket in both(world)] == [State.OPEN, State.NEW]


def test_taking_back_twice_changes_nothing(world: World) -> None:
    done = apply_to_all([world.own_ticket], BulkWish(assign=True, assignee=world.users[Role.AGENT]), world.users[Role.AGENT], NOW)
    assert done.step is not None
    take_back(done.step, world.users[Role.AGENT], NOW)
    operations.assign(both(world)[0], world.users[Role.AGENT], world.users[Role.AGENT], NOW)
    assert take_back(done.step, world.users[Role.AGENT], NOW).back == 0
    assert both(world)[0].assignee_id == world.users[Role.AGENT].id


def test_a_tag_is_added_once_and_taken_back_where_it_was_added(world: World) -> None:
    tag, agent = book().redactor.clean("vip"), world.users[Role.AGENT]
    apply_to_all([world.own_ticket], BulkWish(tag=tag), agent, NOW)
    done = apply_to_all([world.own_ticket, world.guest_ticket], BulkWish(tag=tag), agent, NOW)
    assert (done.done, done.skipped) == (1, 1)
    assert done.step is not None
    take_back(done.step, agent, NOW)
    assert (undo_steps.tags(world.own_ticket), undo_steps.tags(world.guest_ticket)) == (["vip"], [])


def test_tickets_that_cannot_take_a_step_stay(world: World) -> None:
    agent = world.users[Role.AGENT]
    operations.set_state(both(world)[0], State.CLOSED, agent, NOW)
    done = apply_to_all([world.own_ticket, world.guest_ticket], BulkWish(state=State.PENDING), agent, NOW)
    assert (done.done, done.skipped) == (1, 1)
