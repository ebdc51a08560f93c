"""The hand-off's checklist, the queues' own fields and outside trackers, as an agent uses them; nothing of it reaches the requester."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.store import hand_off_sheets, hand_offs, tickets
from app.store.database import db
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def page(agent: FlaskClient, world: World) -> str:
    return agent.get(f"/desk/tickets/{world.guest_ticket}").text


def post(agent: FlaskClient, world: World, path: str, **data: object) -> None:
    assert agent.post(f"/desk/tickets/{world.guest_ticket}/{path}", data=data).status_code == 303


def hand_over(agent: FlaskClient, world: World, **more: object) -> None:
    to = world.users[Role.MANAGER].id
    post(agent, world, "hand-off", to=to, queue="billing", tried="Looked at the log.", action="Check the order.", due="2026-11-25", **more)


def test_what_was_not_ticked_and_is_still_unknown_is_what_the_next_person_sees(agent: FlaskClient, world: World) -> None:
    hand_over(agent, world, line=["billing:wait", "billing:cause", "engineering:order"])
    text = page(agent, world).partition("Still open:")[2].partition("</ul>")[0]
    assert "When the order was placed" in text
    assert "knows what we do next" not in text
    assert hand_offs.hand_offs(world.guest_ticket)[0].checked == ["wait", "cause"]
    post(agent, world, "fields", order_time="2026-11-20T08:00")
    assert "When the order was placed" not in page(agent, world).partition("Still open:")[2].partition("</ul>")[0]


def test_one_click_puts_what_was_asked_again_on_the_checklist_and_another_takes_it_off(agent: FlaskClient, world: World) -> None:
    post(agent, world, "asked", fact="task_id")
    post(agent, world, "asked", fact="task_id")
    post(agent, world, "asked", words="Which region")
    rows = hand_off_sheets.additions()
    assert [(row.queue, row.fact, row.words, row.added_by.name) for row in rows] == [
        ("support", "task_id", None, "test-agent"),
        ("support", None, "Which region", "test-agent"),
    ]
    form = page(agent, world).partition('data-sheet="support"')[2].partition("</fieldset>")[0]
    assert "Task id" in form
    assert "Which region" in form
    post(agent, world, f"checklist/{rows[0].id}/removal")
    db.session.expire_all()
    assert [row.words for row in hand_off_sheets.additions()] == ["Which region"]


@pytest.mark.parametrize("sent", [{}, {"fact": "shoe_size"}, {"fact": "task_id", "queue": "kitchen"}])
def test_nothing_unknown_goes_on_a_checklist(agent: FlaskClient, world: World, sent: dict[str, str]) -> None:
    post(agent, world, "asked", **sent)
    assert hand_off_sheets.additions() == []


def test_a_queues_fields_take_their_choices_only_and_tell_the_history(agent: FlaskClient, world: World) -> None:
    hand_over(agent, world)
    post(agent, world, "fields", payment_kind="alipay", code_state="used")
    post(agent, world, "fields", payment_kind="49.90 by card", code_state="expired")
    assert hand_off_sheets.values(world.guest_ticket) == {"payment_kind": "alipay", "code_state": "used"}
    post(agent, world, "fields", payment_kind="", code_state="expired")
    assert hand_off_sheets.values(world.guest_ticket) == {"code_state": "expired"}
    text = page(agent, world)
    for said in ("wrote Kind of payment: Alipay", "emptied Kind of payment", "wrote State of the code: expired"):
        assert said in text


def test_a_tracker_is_shown_by_its_short_name_and_any_other_address_refused(agent: FlaskClient, world: World) -> None:
    hand_over(agent, world)
    post(agent, world, "trackers", address="https://example.atlassian.net/browse/PROJ-123?atlOrigin=secret")
    post(agent, world, "trackers", address="https://evil.example/steal?x=1")
    (link,) = hand_off_sheets.trackers(world.guest_ticket)
    assert (link.shown, link.address) == ("PROJ-123", "https://example.atlassian.net/browse/PROJ-123")
    assert re.search(r'<a [^>]*rel="noopener noreferrer">PROJ-123</a>', page(agent, world))
    post(agent, world, f"trackers/{link.id}/end")
    assert hand_off_sheets.trackers(world.guest_ticket) == []


def test_the_requester_sees_nothing_of_it(agent: FlaskClient, world: World) -> None:
    hand_over(agent, world)
    post(agent, world, "fields", payment_kind="alipay")
    post(agent, world, "trackers", address="https://example.atlassian.net/browse/PROJ-123")
    post(agent, world, "asked", words="Which region")
    text = world.app.test_client().get(f"/t/{world.guest_token}").text
    for secret in ("Alipay", "PROJ-123", "Which region", "Kind of payment"):
        assert secret not in text


def test_many_at_once_do_not_go_on_hold_without_a_next_action(agent: FlaskClient, world: World) -> None:
    agent.post("/desk/bulk", data={"ticket": [str(world.guest_ticket)], "wish": "state:on_hold"})
    db.session.expire_all()
    found = tickets.by_id(world.guest_ticket)
    assert found is not None
    assert found.state != "on_hold"
