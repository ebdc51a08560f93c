"""Every route as every role and as a stranger: only those it declares get in, and strangers' tickets are not there."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.roles import Audience, Role, admits
from app.web.access import BY_TOKEN
from tests.conftest import ENGINES
from tests.routes import calls
from tests.world import World, inhabit

ROLES: tuple[Role | None, ...] = (None, *Role)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The walk is the widest test there is, so it is made on every database engine."""
    return str(request.param)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def test_every_route_admits_exactly_whom_it_declares(world: World) -> None:
    wrong = []
    for rule, method, where, audience in calls(world):
        if audience in {Audience.PUBLIC, Audience.REQUESTER, *BY_TOKEN}:
            continue
        for role in ROLES:
            answer = world.client(role).open(where, method=method)
            turned_away = answer.status_code == 403 or (answer.status_code == 303 and "/sign-in" in answer.headers["Location"])
            if turned_away == admits(audience, role):
                wrong.append((method, rule.rule, role, answer.status_code))
    assert wrong == []


def test_no_route_breaks_for_anybody(world: World) -> None:
    broken = []
    for rule, method, where, _audience in calls(world):
        if rule.endpoint == "auth.sign_out":
            continue
        for role in ROLES:
            with world.client(role).open(where, method=method) as answer:
                if answer.status_code >= 500:
                    broken.append((method, rule.rule, role, answer.status_code))
    assert broken == []


def test_another_persons_ticket_is_not_there(world: World) -> None:
    for role in Role:
        assert world.client(role).get(f"/tickets/{world.guest_ticket}").status_code == 404
        assert world.client(role).post(f"/tickets/{world.guest_ticket}", data={"body": "hello"}).status_code == 404


def test_a_wrong_link_and_a_revoked_link_answer_alike(world: World) -> None:
    stranger = world.client(None)
    assert stranger.get(f"/t/{world.guest_token}").status_code == 200
    world.client(Role.AGENT).post(f"/desk/tickets/{world.guest_ticket}/link")
    revoked, wrong = stranger.get(f"/t/{world.guest_token}"), stranger.get("/t/" + "x" * 43)
    assert revoked.status_code == wrong.status_code == 404


def test_ingest_refuses_a_session_and_a_wrong_token(world: World) -> None:
    for role in ROLES:
        answer = world.client(role).post("/api/v1/logs/litellm", data=b"[]")
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_no_session_of_anybody_is_an_authority_where_a_desk_token_is_asked_for(world: World) -> None:
    asked = [(method, where) for _rule, method, where, audience in calls(world) if audience is Audience.API]
    assert {method for method, _where in asked} == {"GET", "POST", "PATCH"}
    for method, where in asked:
        for role in ROLES:
            answer = world.client(role).open(where, method=method, json={})
            assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), where


def test_posts_without_a_csrf_token_are_refused(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    accepted = []
    for rule, method, where, audience in calls(world):
        if method != "GET" and audience not in BY_TOKEN:
            answer = world.client(Role.OWNER).post(where, data={"body": "x"})
            if answer.status_code not in {400, 403}:
                accepted.append((rule.rule, answer.status_code))
    assert accepted == []
