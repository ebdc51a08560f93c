"""The outbox: posted with what it tells of, taken once, tried again after longer and longer, given up, forgotten; on every engine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core.mail_address import seal_address
from app.core.mail_kinds import DEFAULT, Group, When, group_of
from app.core.roles import Role
from app.core.sealed_text import Sealer
from app.operations import contacts, links, mail_in, outbox, tickets
from app.operations.notices import tell_about
from app.store import contacts as contact_store
from app.store import digest, inbox
from app.store import outbox as store
from app.store import tickets as ticket_store
from app.store.database import db
from app.store.models import Ticket
from app.store.models_mail import Contact, InMessage, OutMessage
from tests.conftest import NOW
from tests.sql import statements
from tests.world import World, inhabit

SEALER = Sealer("s" * 40)
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def world(app: Flask) -> World:
    world = inhabit(app)
    contacts.set_user_address(world.users[Role.AGENT], seal_address("ada@desk.example", SEALER), NOW, None)
    contacts.put_guest_address(guest(world), seal_address("lina@guest.example", SEALER), NOW)
    db.session.commit()
    return world


def guest(world: World) -> Ticket:
    found = ticket_store.by_id(world.guest_ticket)
    assert found is not None
    return found


def test_a_message_goes_with_what_it_tells_of_or_not_at_all(world: World) -> None:
    tell_about([world.users[Role.AGENT].id], "incident", 3, "found", NOW)
    outbox.post(guest(world), "answer", "ticket", world.guest_ticket, NOW)
    db.session.rollback()
    assert db.session.query(OutMessage).count() == 0


def test_posting_asks_the_same_few_questions_however_many_hear_of_it(world: World) -> None:
    people = [user.id for user in world.users.values()]
    with statements() as few:
        outbox.post_notices(people[:1], guest(world), "reply", "ticket", world.guest_ticket, NOW)
    with statements() as many:
        outbox.post_notices(people, guest(world), "reply", "ticket", world.guest_ticket, NOW)
    assert len(many) <= len(few) + 3
    assert len(many) <= 5


def test_what_waits_to_be_told_is_not_told_twice(world: World) -> None:
    for _twice in range(2):
        outbox.post_notices([world.users[Role.AGENT].id], guest(world), "reply", "ticket", world.guest_ticket, NOW)
        db.session.commit()
    assert db.session.query(OutMessage).count() == 1


def test_one_round_takes_what_another_has_not(world: World) -> None:
    outbox.post(guest(world), "answer", "ticket", world.guest_ticket, NOW)
    db.session.commit()
    assert outbox.take(["mail"], NOW) == []
    assert outbox.take(["hook"], SOON) == []
    assert [message.attempts for message in outbox.take(["mail"], SOON)] == [1]
    assert outbox.take(["mail"], SOON) == []
    (again,) = outbox.take(["mail"], SOON + outbox.LEASE)
    assert again.attempts == 2
    assert not store.claim(again.id, SOON, SOON)


def test_waits_double_up_to_a_limit_and_never_fall_together() -> None:
    waits = [outbox.wait_after(attempts) for attempts in range(1, 12)]
    assert timedelta(seconds=48) <= waits[0] <= timedelta(seconds=72)
    assert timedelta(minutes=12) <= waits[4] <= timedelta(minutes=20)
    assert max(waits) <= outbox.LONGEST_WAIT * 1.2
    assert len(set(waits)) == len(waits)


def test_old_news_is_given_up_and_what_was_sent_is_forgotten(world: World) -> None:
    outbox.post(guest(world), "answer", "ticket", world.guest_ticket, NOW)
    db.session.commit()
    late = NOW + timedelta(days=6)
    assert outbox.take(["mail"], late) == []
    (dead,) = store.dead()
    assert dead.error == "TooLate"
    outbox.drop(dead, world.users[Role.OWNER], late)
    assert [outbox.forget_sent(late), outbox.forget_sent(late + timedelta(days=31))] == [0, 1]


def test_an_address_is_found_by_its_mark_and_forgotten_when_asked(world: World) -> None:
    agent, mark = world.users[Role.AGENT], SEALER.mark("ada@desk.example")
    assert contact_store.users_of_mark(mark) == [agent.id]
    assert contact_store.reader_of(world.guest_ticket, mark) is None
    assert contact_store.reader_of(world.guest_ticket, SEALER.mark("lina@guest.example")) is not None
    contacts.set_user_address(agent, None, NOW, agent)
    assert contact_store.users_of_mark(mark) == []


def test_choices_replace_one_another_and_the_rest_is_usual(world: World) -> None:
    agent = world.users[Role.AGENT]
    contacts.choose(agent, "zh", {Group.CLOCKS: When.NEVER, Group.OWN: When.NOW}, NOW)
    contacts.choose(agent, None, {Group.TURNS: When.DIGEST}, NOW)
    assert contact_store.choices([agent.id]) == {agent.id: {**DEFAULT, Group.TURNS: When.DIGEST}}
    assert group_of("something new") is Group.THINGS


def test_guests_addresses_go_with_their_links(world: World) -> None:
    assert contacts.forget_quiet_guests(NOW + timedelta(days=89), 90) == 0
    assert contacts.forget_quiet_guests(NOW + timedelta(days=91), 90) == 1
    assert db.session.query(Contact).filter(Contact.ticket_id.is_not(None)).count() == 0


def test_the_link_of_mails_is_one_until_links_are_revoked(world: World) -> None:
    ticket = guest(world)
    first = links.mail_link(ticket, SEALER, NOW)
    assert links.mail_link(ticket, SEALER, SOON) == first
    tickets.revoke_links(ticket, None, SOON)
    assert links.mail_link(ticket, SEALER, SOON) != first


def test_the_morning_knows_its_readers_and_what_waits(world: World) -> None:
    agent = world.users[Role.AGENT]
    tickets.assign(guest(world), agent, world.users[Role.MANAGER], NOW)
    assert [reader.id for reader in digest.readers()] == [agent.id]
    assert [ticket.id for ticket in digest.waiting_for(agent.id)] == [world.guest_ticket]
    assert [ticket.id for ticket in digest.running_out(agent.id, NOW + timedelta(days=3))] == [world.guest_ticket]
    assert not digest.had(agent.id, NOW.date())
    outbox.post_digests([agent], NOW)
    assert digest.had(agent.id, NOW.date())


def test_what_came_in_is_counted_and_forgotten_after_half_a_year(world: World) -> None:
    for number, (outcome, why) in enumerate((("refused", "rate"), ("refused", "rate"), ("reply", None))):
        db.session.add(InMessage(mark=f"{number:064}", at=NOW, outcome=outcome, reason=why, ticket_id=world.guest_ticket, sender="a" * 64))
    db.session.commit()
    assert inbox.outcomes_since(NOW - timedelta(days=1)) == {"refused": 2, "reply": 1}
    assert [(why, count) for why, count, _last in inbox.reasons_since(NOW - timedelta(days=1))] == [("rate", 2)]
    assert inbox.replies_since(world.guest_ticket, NOW - timedelta(hours=1)) == 1
    assert mail_in.forget_old(NOW + timedelta(days=181)) == 3
