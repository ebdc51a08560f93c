"""Diagnosing again, ticking steps, and what the desk learns from confirmed causes."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core.roles import Role
from app.core.rulebook import Rulebook
from app.operations import diagnosis
from app.operations import tickets as ticket_operations
from app.operations.playbooks import tick_step
from app.store import diagnoses, playbook_ticks, tickets
from app.store.database import db
from app.store.models import Ticket, TicketDiagnosis
from tests.conftest import NOW
from tests.world import World, inhabit

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def ticket_of(world: World) -> Ticket:
    found = tickets.by_id(world.own_ticket)
    assert found is not None
    return found


def book(world: World) -> Rulebook:
    rulebook: Rulebook = world.app.extensions["rulebook"]
    return rulebook


def test_diagnosing_again_says_what_changed_and_keeps_the_older_row(world: World) -> None:
    (first,) = diagnoses.last_two(world.own_ticket)
    first.causes = [{"cause": "key-invalid", "confidence": 0.7, "signals": []}]
    db.session.commit()
    change = diagnosis.diagnose_again(ticket_of(world), world.users[Role.AGENT], book(world), world.app.extensions["log_store"], LATER)
    assert change is not None
    assert (change.top_before, change.top_after) == ("key-invalid", "rate-limit-rpm")
    assert [row.id for row in diagnoses.last_two(world.own_ticket)][1] == first.id
    assert tickets.changes(world.own_ticket)[-1].what == "diagnosis"


def test_accuracy_counts_what_was_said_before_the_confirmation_not_after(world: World) -> None:
    ticket_operations.confirm_cause(ticket_of(world), "balance-insufficient", world.users[Role.AGENT], book(world), LATER)
    after = LATER + timedelta(hours=1)
    db.session.add(
        TicketDiagnosis(
            ticket_id=world.own_ticket,
            created_at=after,
            rulebook_digest="0" * 64,
            causes=[{"cause": "balance-insufficient", "confidence": 0.9, "signals": []}],
            ask=[],
        )
    )
    db.session.commit()
    figures = diagnosis.accuracy()
    assert (figures.number, figures.right) == (1, 0)
    assert (figures.confusions[0].said, figures.confusions[0].was) == ("rate-limit-rpm", "balance-insufficient")


def test_tickets_that_nobody_confirmed_do_not_count(world: World) -> None:
    assert diagnosis.accuracy().number == 0


def test_a_case_is_made_of_a_confirmed_ticket_only(world: World, tmp_path: Path) -> None:
    path, log_store = tmp_path / "cases.jsonl", world.app.extensions["log_store"]
    with pytest.raises(diagnosis.NotConfirmed):
        diagnosis.keep_case(ticket_of(world), book(world), log_store, path)
    ticket_operations.confirm_cause(ticket_of(world), "rate-limit-rpm", world.users[Role.AGENT], book(world), LATER)
    assert diagnosis.keep_case(ticket_of(world), book(world), log_store, path)
    assert not diagnosis.keep_case(ticket_of(world), book(world), log_store, path)
    (case,) = map(json.loads, path.read_text().splitlines())
    assert (case["cause"], case["log"]["status_code"], case["log"]["origin"]) == ("rate-limit-rpm", 429, "provider")


def test_a_rejected_log_line_is_no_part_of_a_case(world: World, tmp_path: Path) -> None:
    ticket, path, log_store = ticket_of(world), tmp_path / "cases.jsonl", world.app.extensions["log_store"]
    ticket_operations.confirm_cause(ticket, "rate-limit-rpm", world.users[Role.AGENT], book(world), LATER)
    for match in tickets.matches(ticket.id):
        ticket_operations.decide_match(ticket, match, "rejected", world.users[Role.AGENT], book(world), log_store, LATER)
    diagnosis.keep_case(ticket, book(world), log_store, path)
    assert "log" not in json.loads(path.read_text())


def test_every_tick_is_kept_and_the_newest_counts(world: World) -> None:
    playbook, agent, owner = book(world).playbooks.playbooks["rate-429"], world.users[Role.AGENT], world.users[Role.OWNER]
    tick_step(ticket_of(world), playbook, "money", agent, NOW, done=True)
    tick_step(ticket_of(world), playbook, "money", owner, LATER, done=False)
    tick_step(ticket_of(world), playbook, "burst", owner, LATER, done=True)
    newest = playbook_ticks.newest(world.own_ticket)
    assert {key: (row.done, row.actor.name) for key, row in newest.items()} == {
        ("rate-429", "money"): (False, "test-owner"),
        ("rate-429", "burst"): (True, "test-owner"),
    }
    assert playbook_ticks.newest(world.guest_ticket) == {}


def test_a_step_that_the_playbook_does_not_have_cannot_be_ticked(world: World) -> None:
    with pytest.raises(KeyError):
        tick_step(ticket_of(world), book(world).playbooks.playbooks["rate-429"], "nothing", world.users[Role.AGENT], NOW, done=True)
