"""Sign in and out, invitations, throttling, where one goes afterwards; the demo's one-click accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Role
from app.operations import accounts
from app.settings import Settings
from app.store import users
from app.store.database import db
from app.store.models import SignInFailure
from tests.conftest import NOW
from tests.pages import read
from tests.sql import stored_text
from tests.world import World, inhabit

PASSWORD = "a long enough password"


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def client(world: World) -> FlaskClient:
    """A browser; the agent has a password."""
    accounts.accept_invitation(accounts.invite(world.users[Role.AGENT], NOW), PASSWORD, NOW)
    return world.client(None)


@pytest.fixture
def demo(world: World) -> Iterator[FlaskClient]:
    """A browser before a demonstration desk."""
    settings: Settings = world.app.extensions["settings"]
    settings.demo_marker.touch()
    yield world.client(None)
    settings.demo_marker.unlink()


def enter(client: FlaskClient, name: str = "test-agent", password: str = PASSWORD, **more: str) -> tuple[int, str]:
    answer = client.post("/sign-in", data={"name": name, "password": password} | more)
    return answer.status_code, answer.headers.get("Location", "")


def test_name_and_password_open_the_persons_own_place(client: FlaskClient) -> None:
    assert enter(client) == (303, "/desk/")
    assert client.get("/desk/").status_code == 200


def test_the_name_is_read_in_any_case(client: FlaskClient) -> None:
    assert enter(client, "Test-Agent")[0] == 303


@pytest.mark.parametrize(
    ("name", "password"), [("test-agent", "wrong"), ("nobody", PASSWORD), ("test-agent", ""), ("", ""), ("test-user", "")]
)
def test_a_refusal_tells_neither_name_nor_password_nor_which_was_wrong(client: FlaskClient, name: str, password: str) -> None:
    answer = client.post("/sign-in", data={"name": name, "password": password})
    page = read(answer)
    assert answer.status_code == 422
    assert page.form("/sign-in").sends | {"csrf_token": ""} == {"csrf_token": "", "name": "", "password": ""}
    assert not name or name not in page.text
    if name and password:
        assert "User name and password do not fit." in page.text


def test_an_account_without_a_password_cannot_sign_in(client: FlaskClient) -> None:
    for password in ("", "None", "password", "x" * 200):
        assert enter(client, "test-editor", password)[0] == 422


def test_a_disabled_account_cannot_sign_in_and_its_sessions_end(world: World, client: FlaskClient) -> None:
    enter(client)
    agent = users.by_name("test-agent")
    assert agent is not None
    accounts.set_disabled(agent, disabled=True, now=NOW, actor=world.users[Role.OWNER])
    assert client.get("/desk/").headers["Location"].startswith("/sign-in")
    assert enter(world.client(None))[0] == 422


def test_eight_failures_close_the_name_for_a_quarter_of_an_hour(world: World, client: FlaskClient) -> None:
    for _each in range(accounts.FAILURES_PER_NAME):
        enter(client, password="wrong")
    answer = client.post("/sign-in", data={"name": "test-agent", "password": PASSWORD})
    assert answer.status_code == 422
    assert "Too many failed attempts" in answer.text
    assert enter(client, "test-user", "wrong")[0] == 422
    world.app.config["CLOCK"] = lambda: NOW + accounts.WINDOW + timedelta(seconds=1)
    assert enter(client)[0] == 303


def test_many_names_from_one_address_close_the_address(client: FlaskClient) -> None:
    for number in range(accounts.FAILURES_PER_ADDRESS):
        enter(client, f"name-{number}", "wrong")
    assert "Too many failed attempts" in client.post("/sign-in", data={"name": "test-agent", "password": PASSWORD}).text


def test_a_success_forgives_the_names_failures(client: FlaskClient) -> None:
    for _each in range(accounts.FAILURES_PER_NAME - 1):
        enter(client, password="wrong")
    enter(client)
    assert enter(client, password="wrong")[0] == 422
    assert enter(client)[0] == 303


def test_failures_are_counted_without_keeping_names_or_addresses(client: FlaskClient) -> None:
    enter(client, "a-person-at-home", "wrong")
    stored = stored_text()
    assert db.session.query(SignInFailure).count() == 2
    assert "a-person-at-home" not in stored
    assert "127.0.0.1" not in stored


def test_passwords_are_kept_as_argon2_hashes(client: FlaskClient) -> None:
    agent = users.by_name("test-agent")
    assert agent is not None
    assert (agent.password_hash or "").startswith("$argon2id$")
    assert PASSWORD not in stored_text()


def test_signing_in_starts_a_fresh_session_that_keeps_the_language(client: FlaskClient) -> None:
    client.get("/?lang=zh")
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    enter(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "zh"


def test_signing_out_ends_the_session(client: FlaskClient) -> None:
    enter(client)
    assert client.post("/sign-out").headers["Location"] == "/"
    assert client.get("/desk/").headers["Location"].startswith("/sign-in")


def test_signing_out_by_a_link_is_not_possible(client: FlaskClient) -> None:
    enter(client)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize("target", ["/desk/tickets/1", "/logs/?show=all", "/kb/zh/mask-a-key"])
def test_one_is_taken_to_where_one_was_going(client: FlaskClient, target: str) -> None:
    assert enter(client, next=target)[1] == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)", "http:evil.example", "evil.example", "/" + "x" * 300, " //evil.example", "/%09/evil.example/..//x\\y",
    ],
)  # fmt: skip
def test_nobody_is_taken_to_another_site(client: FlaskClient, target: str) -> None:
    page = client.get("/sign-in", query_string={"next": target})
    assert 'name="next"' not in page.text
    assert enter(client, next=target)[1] == "/desk/"


def test_a_stranger_comes_back_to_the_page_that_asked_for_the_sign_in(client: FlaskClient) -> None:
    asked = client.get("/desk/?view=done&q=quota of robin@corp.example").headers["Location"]
    page = read(client.get(asked))
    assert page.form("/sign-in").sends["next"] == "/desk/?view=done"


def test_an_invitation_sets_a_password_once(world: World) -> None:
    client = world.client(None)
    link = f"/welcome/{accounts.invite(world.users[Role.EDITOR], NOW)}"
    assert "Test editor" in client.get(link).text
    assert client.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert client.get("/content/").status_code == 200
    assert client.get(link).status_code == 404
    assert client.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 404


@pytest.mark.parametrize(
    ("password", "again"), [("9 letters", "9 letters"), (PASSWORD, "another one entirely"), ("", ""), ("x" * 201, "x" * 201)]
)
def test_a_poor_password_is_refused_and_the_link_still_works(world: World, password: str, again: str) -> None:
    client = world.client(None)
    link = f"/welcome/{accounts.invite(world.users[Role.EDITOR], NOW)}"
    answer = client.post(link, data={"password": password, "again": again})
    assert answer.status_code == 422
    assert not password or password not in answer.text
    assert client.get(link).status_code == 200


def test_an_invitation_is_over_after_three_days_and_kept_as_a_hash(world: World) -> None:
    token = accounts.invite(world.users[Role.EDITOR], NOW)
    assert token not in stored_text()
    world.app.config["CLOCK"] = lambda: NOW + timedelta(days=accounts.INVITATION_DAYS, seconds=1)
    assert world.client(None).get(f"/welcome/{token}").status_code == 404


def test_a_new_password_ends_other_sessions(world: World, client: FlaskClient) -> None:
    enter(client)
    agent = users.by_name("test-agent")
    assert agent is not None
    accounts.accept_invitation(accounts.invite(agent, NOW), "another long password", NOW)
    assert client.get("/desk/").headers["Location"].startswith("/sign-in")


def test_the_demo_offers_its_accounts_without_a_password(demo: FlaskClient) -> None:
    page = read(demo.get("/sign-in"))
    assert "Test owner" in page.text
    assert demo.post("/sign-in/demo", data={"name": "test-owner"}).headers["Location"] == "/desk/"
    assert demo.get("/admin/").status_code == 200


def test_the_demo_offers_no_account_that_has_a_password(demo: FlaskClient, client: FlaskClient) -> None:
    assert "Test agent" not in read(demo.get("/sign-in")).text
    assert demo.post("/sign-in/demo", data={"name": "test-agent"}).status_code == 404


def test_outside_the_demo_nobody_enters_without_a_password(client: FlaskClient) -> None:
    assert "Test owner" not in read(client.get("/sign-in")).text
    assert client.post("/sign-in/demo", data={"name": "test-owner"}).status_code == 404
    assert client.get("/admin/").status_code == 303
