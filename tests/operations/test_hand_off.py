"""Giving a ticket on: the next person has the fields, the dates, the owner and the backup; clocks that run out are told."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from flask import Flask

from app.core.roles import Role
from app.core.ticket import State
from app.operations import tickets as ticket_operations
from app.operations.escalate import escalate
from app.operations.hand_off import HandOffWish, NextStep, agree_next, end_next, hand_over
from app.store import hand_offs, tickets
from app.store.database import db
from app.store.models import Ticket
from tests.articles import book
from tests.conftest import NOW
from tests.world import World, inhabit

MONDAY = date(2026, 11, 23)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def guest(world: World) -> Ticket:
    db.session.expire_all()
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    return found


def wish(world: World, queue: str = "engineering") -> HandOffWish:
    clean = book().redactor.clean
    step = NextStep(clean("Ask the vendor for the limit."), world.users[Role.MANAGER], MONDAY)
    return HandOffWish(
        world.users[Role.MANAGER], world.users[Role.OWNER], queue, clean("Waited, tried another model."), step, clean("Check Monday.")
    )


def told(world: World, role: Role) -> list[str]:
    return [notice.kind for notice, _ticket in hand_offs.notices(world.users[role].id)]


def test_the_next_person_has_everything_and_is_told(world: World) -> None:
    hand_over(guest(world), wish(world), world.users[Role.AGENT], NOW)
    ticket, (row, *_older) = guest(world), hand_offs.hand_offs(world.guest_ticket)
    assert (ticket.assignee_id, ticket.queue, ticket.state) == (world.users[Role.MANAGER].id, "engineering", State.ON_HOLD)
    assert (row.sender.name, row.receiver.name, row.backup.name if row.backup else None) == ("test-agent", "test-manager", "test-owner")
    assert (row.tried, row.review_note) == ("Waited, tried another model.", "Check Monday.")
    action = hand_offs.next_action(ticket.id)
    assert action is not None
    assert (action.action, action.owner.name, action.due, ticket.next_due) == (
        "Ask the vendor for the limit.", "test-manager", "2026-11-23", "2026-11-23",
    )  # fmt: skip
    assert told(world, Role.MANAGER) == told(world, Role.OWNER) == ["hand_off"]
    assert {"queue", "next", "assignee", "state"} <= {change.what for change in tickets.changes(ticket.id)}


def test_a_hand_off_within_support_stays_open(world: World) -> None:
    hand_over(guest(world), wish(world, "support"), world.users[Role.AGENT], NOW)
    assert (guest(world).queue, guest(world).state) == ("support", State.OPEN)


def test_one_next_action_counts_and_can_be_done(world: World) -> None:
    clean, agent = book().redactor.clean, world.users[Role.AGENT]
    for words in ("first", "second"):
        agree_next(guest(world), NextStep(clean(words), agent, MONDAY), agent, NOW)
    action = hand_offs.next_action(world.guest_ticket)
    assert action is not None
    assert action.action == "second"
    end_next(guest(world), agent, NOW)
    assert (hand_offs.next_action(world.guest_ticket), guest(world).next_due) == (None, None)


def test_a_note_that_names_a_colleague_tells_them(world: World) -> None:
    clean, agent = book().redactor.clean, world.users[Role.AGENT]
    ticket_operations.add_note(guest(world), clean("@test-manager please look, not @test-user, nor a@test-owner."), agent, NOW)
    assert (told(world, Role.MANAGER), told(world, Role.USER), told(world, Role.OWNER)) == (["mention"], [], [])


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=timezone(timedelta(hours=8)))  # Shanghai


def test_the_assignee_is_told_before_and_at_the_end_and_then_the_backup(world: World) -> None:
    hand_over(guest(world), wish(world, "support"), world.users[Role.AGENT], NOW)
    db.session.query(Ticket).update({"due_at": at(10), "due_clock": "first"})
    own = tickets.by_id(world.own_ticket)
    assert own is not None
    own.due_at = None
    db.session.commit()
    rounds = [(at(9, 40), 0), (at(9, 46), 1), (at(9, 50), 0), (at(10, 0), 1), (at(10, 30), 0), (at(11, 0), 1), (at(11, 30), 0)]
    assert [(moment, escalate(moment)) for moment, _expected in rounds] == rounds
    assert told(world, Role.MANAGER) == ["breach", "before", "hand_off"]
    assert told(world, Role.OWNER) == ["backup", "hand_off"]
    assert [row.stage for row in hand_offs.escalations(world.guest_ticket)] == ["before", "breach", "backup"]


@pytest.mark.parametrize("moment", [at(0, 5) + timedelta(days=1), at(20), at(12, 30), at(11, day=22)])
def test_nobody_is_told_at_midnight_at_noon_or_on_a_sunday(world: World, moment: datetime) -> None:
    db.session.query(Ticket).update({"due_at": at(10, day=20), "due_clock": "first"})
    db.session.commit()
    assert escalate(moment) == 0


def test_a_clock_of_nobodys_ticket_is_told_to_those_who_give_tickets_out(world: World) -> None:
    db.session.query(Ticket).update({"due_at": at(10), "due_clock": "first"})
    db.session.commit()
    assert escalate(at(10, 1)) == 2
    assert (told(world, Role.MANAGER), told(world, Role.AGENT)) == (["breach", "breach"], [])


def test_an_answer_ends_the_escalation(world: World) -> None:
    ticket_operations.reply_as_staff(guest(world), book().redactor.clean("Hello."), world.users[Role.AGENT], NOW)
    own = tickets.by_id(world.own_ticket)
    assert own is not None
    ticket_operations.set_state(own, State.CLOSED, None, NOW)
    assert guest(world).due_at is None
    assert escalate(at(17)) == 0
