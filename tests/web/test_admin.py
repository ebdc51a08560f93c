"""Admin: tokens and one-time links are shown once; batches name lines, never content; accounts change for others only."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Reject
from app.core.roles import Role
from app.operations.tokens import check_token
from app.store import tokens, users
from app.store.database import db
from app.store.models import AuditEntry
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.sql import row_counts, stored_text
from tests.world import KEY, World, inhabit

TOKEN = re.compile(r"gdi_[A-Za-z0-9_-]{43}")
LINK = re.compile(r"http://localhost(?::\d+)?(/welcome/[A-Za-z0-9_-]{43})|/welcome/[A-Za-z0-9_-]{43}")


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def owner(world: World) -> FlaskClient:
    return world.client(Role.OWNER)


def test_a_token_is_shown_once_works_and_is_kept_as_a_hash(world: World, owner: FlaskClient) -> None:
    page = owner.post("/admin/tokens", data={"label": "LiteLLM in Frankfurt"})
    found = TOKEN.search(page.text)
    assert found is not None
    assert page.headers["Cache-Control"] == "no-store"
    assert check_token(found.group(), NOW)
    again = owner.get("/admin/")
    assert found.group() not in again.text + stored_text()
    assert "LiteLLM in Frankfurt" in again.text
    assert f"…{found.group()[-4:]}" in again.text


def test_a_label_is_redacted(owner: FlaskClient) -> None:
    owner.post("/admin/tokens", data={"label": f"with {KEY}"})
    assert KEY not in owner.get("/admin/").text


def test_a_token_needs_a_label(owner: FlaskClient) -> None:
    before = row_counts()
    answer = owner.post("/admin/tokens", data={"label": "  "})
    assert answer.status_code == 422
    assert not TOKEN.search(answer.text)
    assert row_counts() == before


def test_a_revoked_token_opens_nothing(world: World, owner: FlaskClient) -> None:
    token = tokens.everything()[0]
    assert owner.post(f"/admin/tokens/{token.id}/revocation").status_code == 303
    headers = {"Authorization": f"Bearer {world.ingest_token}"}
    assert world.client(None).post("/api/v1/logs/litellm", data=b"[]", headers=headers).status_code == 401
    assert owner.post(f"/admin/tokens/{token.id}/revocation").status_code == 404
    assert "revoked" in read(owner.get("/admin/")).text


def test_a_batch_names_its_rejected_lines(world: World, owner: FlaskClient) -> None:
    outcome = world.app.extensions["log_store"].append("ndjson", [a_record("r-1")], [Reject(7, "no request_id")], NOW)
    page = read(owner.get(f"/admin/batches/{outcome.batch_id}"))
    assert "1 accepted, 0 known already, 1 rejected" in page.text
    assert "7" in page.text
    assert "no request_id" in page.text
    assert owner.get("/admin/batches/999").status_code == 404


def test_the_overview_tells_how_to_connect(owner: FlaskClient) -> None:
    page = read(owner.get("/admin/"))
    assert "/api/v1/logs/litellm" in page.text
    assert "1 log records are stored" in page.text or "1 log record" in page.text


def test_a_new_account_gets_a_link_that_is_shown_once(world: World, owner: FlaskClient) -> None:
    page = owner.post("/admin/accounts", data={"name": "Kim.Li", "display_name": "李金", "role": "agent"})
    link = LINK.search(page.text)
    assert link is not None
    made = users.by_name("kim.li")
    assert made is not None
    assert (made.display_name, made.role, made.password_hash) == ("李金", Role.AGENT, None)
    assert world.client(None).get(link.group(1) or link.group()).status_code == 200
    assert not LINK.search(owner.get("/admin/accounts").text)


BAD_NAMES = ("", "a", "x" * 41, "kim@corp.example", "test-user", "Kim Li", "-kim")


@pytest.mark.parametrize("form", [*({"name": name} for name in BAD_NAMES), {"name": "kim", "role": "root"}])
def test_a_bad_account_is_refused_in_words(owner: FlaskClient, form: dict[str, str]) -> None:
    before = row_counts()
    answer = owner.post("/admin/accounts", data={"role": "user"} | form)
    assert answer.status_code == 422
    assert "There is something to correct" in read(answer).text
    assert row_counts() == before


def test_a_new_link_replaces_a_forgotten_password(world: World, owner: FlaskClient) -> None:
    page = owner.post(f"/admin/accounts/{world.users[Role.AGENT].id}/invitation")
    assert LINK.search(page.text)
    assert owner.post("/admin/accounts/999/invitation").status_code == 404


def test_role_and_access_change_at_once(world: World, owner: FlaskClient) -> None:
    editor = world.users[Role.EDITOR]
    session = world.client(Role.EDITOR)
    owner.post(f"/admin/accounts/{editor.id}", data={"role": "agent"})
    assert session.get("/desk/").status_code == 200
    owner.post(f"/admin/accounts/{editor.id}", data={"wish": "disable"})
    assert session.get("/desk/").status_code == 303
    owner.post(f"/admin/accounts/{editor.id}", data={"wish": "enable"})
    assert session.get("/desk/").status_code == 303, "old sessions stay ended"
    db.session.rollback()
    assert [entry.action for entry in db.session.query(AuditEntry).filter_by(object_kind="user", object_id=str(editor.id))][-3:] == [
        "role_changed",
        "account_disabled",
        "account_enabled",
    ]


def test_nobody_changes_their_own_account(world: World, owner: FlaskClient) -> None:
    me = world.users[Role.OWNER]
    for form in ({"role": "user"}, {"wish": "disable"}):
        answer = owner.post(f"/admin/accounts/{me.id}", data=form, follow_redirects=True)
        assert "You cannot do that to your own account" in read(answer).text
    db.session.rollback()
    kept = users.by_id(me.id)
    assert kept is not None
    assert (kept.role, kept.disabled_at) == (Role.OWNER, None)


@pytest.mark.parametrize("form", [{}, {"role": "root"}, {"wish": "delete"}])
def test_a_change_of_nonsense_is_refused(world: World, owner: FlaskClient, form: dict[str, str]) -> None:
    assert owner.post(f"/admin/accounts/{world.users[Role.AGENT].id}", data=form).status_code == 400
