"""Disputes and approvals: who may see and do what, amounts only for those with the right, levels for the requester."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Origin, Outcome
from app.core.roles import Role
from app.store import claims, tickets
from app.store.database import db
from app.store.models import AuditEntry, Ticket
from app.store.models_desk import Notice
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.world import World, inhabit

LIST = "/desk/disputes"
APPROVALS = "/reports/approvals"
REQUEST = {"task": "Forty product films", "request_type": "video", "model": "kling", "estimate": "123.45", "within": "48"}


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


@pytest.fixture
def manager(world: World) -> FlaskClient:
    return world.client(Role.MANAGER)


def claim_on_a_charged_task(world: World, agent: FlaskClient) -> int:
    """A task that failed two days ago and was charged; the requester disputes it. Returns the dispute's number."""
    ticket = db.session.get_one(Ticket, world.own_ticket)
    ticket.task_id = world.app.extensions["rulebook"].redactor.clean("task-77")
    db.session.commit()
    began = int((NOW - timedelta(days=2)).timestamp() * 1000)
    task = {"task_id": "task-77", "provider": "kling", "request_type": "video", "origin": Origin.PROVIDER}
    rows = [
        a_record("task", started_at=began, outcome=Outcome.ERROR, status_code=500, cost_micros=7_310_000, **task),
        a_record("part", started_at=began + 60_000, cost_micros=-1_000_000, **task),
    ]
    world.app.extensions["log_store"].append("ndjson", rows, [], NOW)
    assert agent.post(f"/desk/tickets/{world.own_ticket}/disputes", data={"claim": "charged_failed"}).status_code == 303
    db.session.rollback()
    return claims.disputes_of(world.own_ticket)[0].id


def test_a_claim_finds_its_evidence_and_goes_to_billing(world: World, agent: FlaskClient) -> None:
    claim_on_a_charged_task(world, agent)
    page = read(agent.get(f"/desk/tickets/{world.own_ticket}"))
    for fact in ("it failed and was charged", "to be decided", "The rows speak for", "part of it is refunded"):
        assert fact in page.text, fact
    found = tickets.by_id(world.own_ticket)
    assert found is not None
    assert found.queue == "billing"


def test_a_line_that_a_person_confirmed_speaks_in_a_dispute_though_the_user_named_no_id(world: World, agent: FlaskClient) -> None:
    ticket = db.session.get_one(Ticket, world.guest_ticket)
    ticket.request_id = ticket.task_id = None
    db.session.commit()
    agent.post(f"/desk/tickets/{ticket.id}/disputes", data={"claim": "charged_failed"})
    assert "none: neither" in read(agent.get(f"/desk/tickets/{ticket.id}")).text
    agent.post(f"/desk/tickets/{ticket.id}/matches/{tickets.matches(ticket.id)[0].id}", data={"decision": "confirmed"})
    agent.post(f"/desk/disputes/{claims.disputes_of(ticket.id)[0].id}/evidence")
    told = read(agent.get(f"/desk/tickets/{ticket.id}")).text
    assert "none: neither" not in told
    assert "Log rows 1" in told


def test_amounts_of_a_dispute_are_for_those_with_the_right(world: World, agent: FlaskClient, manager: FlaskClient) -> None:
    claim_on_a_charged_task(world, agent)
    assert "$7.31" in manager.get(LIST).text
    assert "$" not in agent.get(LIST).text
    assert "$" not in agent.get(f"/desk/tickets/{world.own_ticket}").text


def test_the_requester_reads_the_outcome_and_no_amount(world: World, agent: FlaskClient, manager: FlaskClient) -> None:
    number = claim_on_a_charged_task(world, agent)
    user = world.client(Role.USER)
    own = f"/tickets/{world.own_ticket}"
    assert "We are looking into it." in read(user.get(own)).text
    manager.post(f"/desk/disputes/{number}/decision", data={"outcome": "refund_due", "reason": "The provider's fault, $6.31"})
    text = read(user.get(own)).text
    assert "A refund is due." in text
    assert "provider's fault" not in text
    assert "$" not in text


def test_a_dispute_is_decided_closed_and_told_in_the_ticket(world: World, agent: FlaskClient) -> None:
    number = claim_on_a_charged_task(world, agent)
    agent.post(f"/desk/disputes/{number}/decision", data={"outcome": "wait", "reason": "They look"})
    agent.post(f"/desk/disputes/{number}/decision", data={"outcome": "no_refund", "reason": "It came back"})
    agent.post(f"/desk/disputes/{number}/closing", data={"back": "list"})
    agent.post(f"/desk/disputes/{number}/decision", data={"outcome": "partial", "reason": "too late"})
    db.session.rollback()
    kept = claims.dispute(number)
    assert kept is not None
    assert (kept.state, kept.outcome, str(kept.reason)) == ("closed", "no_refund", "It came back")
    assert "decided the dispute: no refund" in read(agent.get(f"/desk/tickets/{world.own_ticket}")).text
    actions = [entry.action for entry in db.session.query(AuditEntry).filter_by(object_kind="dispute")]
    assert actions == ["examine", "decide", "decide", "close"]


def test_a_decision_needs_an_outcome_and_a_reason(world: World, agent: FlaskClient) -> None:
    number = claim_on_a_charged_task(world, agent)
    for data in ({"outcome": "x", "reason": "y"}, {"outcome": "partial", "reason": " "}, {}):
        agent.post(f"/desk/disputes/{number}/decision", data=data)
    db.session.rollback()
    kept = claims.dispute(number)
    assert kept is not None
    assert kept.outcome is None


def test_an_unknown_claim_is_no_claim(world: World, agent: FlaskClient) -> None:
    agent.post(f"/desk/tickets/{world.own_ticket}/disputes", data={"claim": "angry"})
    assert claims.open_disputes() == []


def asked(world: World, role: Role = Role.USER, **changes: str) -> int:
    assert world.client(role).post(APPROVALS, data=REQUEST | changes).status_code == 303
    db.session.rollback()
    return claims.open_approvals(NOW)[-1].id


def test_another_person_decides_and_the_asker_hears_of_it(world: World, manager: FlaskClient) -> None:
    number = asked(world)
    assert "$123.45" in manager.get(APPROVALS).text
    manager.post(f"{APPROVALS}/{number}/decision", data={"decision": "approve"})
    assert "approved" in read(world.client(Role.USER).get(APPROVALS)).text
    told = {(notice.user_id, notice.kind) for notice in db.session.query(Notice).filter_by(about="approval")}
    assert (world.users[Role.USER].id, "approval_decided") in told
    assert (world.users[Role.OWNER].id, "approval_asked") in told


def test_nobody_decides_what_they_asked_for(world: World, manager: FlaskClient) -> None:
    number = asked(world, Role.MANAGER)
    page = read(manager.post(f"{APPROVALS}/{number}/decision", data={"decision": "approve"}, follow_redirects=True))
    assert "Another person must decide" in page.text
    assert claims.open_approvals(NOW)[0].id == number


def test_a_rejection_says_why(world: World, manager: FlaskClient) -> None:
    number = asked(world)
    manager.post(f"{APPROVALS}/{number}/decision", data={"decision": "reject"})
    assert claims.open_approvals(NOW)
    manager.post(f"{APPROVALS}/{number}/decision", data={"decision": "reject", "reason": "Too dear"})
    assert "Too dear" in read(world.client(Role.USER).get(APPROVALS)).text


def test_other_peoples_requests_are_not_there(world: World, agent: FlaskClient) -> None:
    number = asked(world)
    assert agent.post(f"{APPROVALS}/{number}/withdrawal").status_code == 404
    assert agent.post(f"{APPROVALS}/{number}/decision", data={"decision": "approve"}).status_code == 403
    assert "Forty product films" not in agent.get(APPROVALS).text


def test_what_expired_is_not_decided(world: World, manager: FlaskClient) -> None:
    number = asked(world, within="4")
    world.app.config["CLOCK"] = lambda: NOW + timedelta(hours=5)
    page = read(manager.post(f"{APPROVALS}/{number}/decision", data={"decision": "approve"}, follow_redirects=True))
    assert "its time is over" in page.text
    assert "expired undecided" in page.text


def test_the_asker_withdraws(world: World) -> None:
    number = asked(world)
    world.client(Role.USER).post(f"{APPROVALS}/{number}/withdrawal")
    assert claims.open_approvals(NOW) == []


def test_a_request_needs_a_task_and_an_estimate(world: World) -> None:
    user = world.client(Role.USER)
    for wrong in ({"task": ""}, {"estimate": "-1"}, {"estimate": "much"}, {"within": "9"}, {"request_type": "x"}):
        assert user.post(APPROVALS, data=REQUEST | wrong).status_code == 422, wrong
    assert claims.open_approvals(NOW) == []


def test_a_key_in_a_request_or_a_reason_is_not_kept(world: World, agent: FlaskClient, manager: FlaskClient) -> None:
    key = "sk-" + "Zt7Rw2" * 8
    number = asked(world, task=f"films with {key}", model=key)
    manager.post(f"{APPROVALS}/{number}/decision", data={"decision": "reject", "reason": key})
    dispute = claim_on_a_charged_task(world, agent)
    agent.post(f"/desk/disputes/{dispute}/decision", data={"outcome": "partial", "reason": key})
    assert key not in manager.get(APPROVALS).text + manager.get(LIST).text
