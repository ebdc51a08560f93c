"""Desk tokens: who makes them, what they open, when they end."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from app.core.roles import Role
from app.operations import accounts
from app.operations.desk_tokens import CALLS_A_MINUTE, MOST, CannotMake, make_desk_token
from app.store import desk_tokens
from app.store.database import db
from app.store.models import AuditEntry
from app.store.models_tokens import DeskToken
from tests.conftest import NOW
from tests.pages import read
from tests.web.api.conftest import Call
from tests.world import World

TOKEN = re.compile(r"gdt_[A-Za-z0-9_-]{43}")


def test_a_token_is_made_on_the_settings_page_shown_once_and_kept_as_a_hash(world: World, call: Call) -> None:
    agent = world.client(Role.AGENT)
    made = agent.post("/settings/tokens", data={"label": "night report"})
    secret = TOKEN.search(made.text)
    assert secret is not None
    answer = call("GET", "/tickets", token=secret[0])
    assert (answer.status_code, answer.headers["Cache-Control"], "Set-Cookie" in answer.headers) == (200, "no-store", False)
    page = agent.get("/settings")
    assert secret[0] not in page.text
    assert f"…{secret[0][-4:]}" in page.text
    assert "night report" in page.text
    kept = db.session.scalars(select(DeskToken.token_hash)).all()
    assert all(secret[0] not in each and len(each) == 64 for each in kept)


def test_a_revoked_token_opens_nothing_and_is_revoked_by_its_owner_alone(world: World, call: Call) -> None:
    number = desk_tokens.of_user(world.users[Role.AGENT].id)[0].id
    where = f"/settings/tokens/{number}/revocation"
    assert world.client(Role.OWNER).post(where).status_code == 404
    assert call("GET", "/tickets").status_code == 200
    agent = world.client(Role.AGENT)
    assert where in {form.action for form in read(agent.get("/settings")).forms}
    assert agent.post(where).status_code == 303
    assert call("GET", "/tickets").status_code == 401
    assert agent.post(where).status_code == 404


def test_a_requester_cannot_make_one_and_sees_no_place_for_it(world: World) -> None:
    user = world.client(Role.USER)
    assert user.post("/settings/tokens", data={"label": "mine"}).status_code == 403
    assert "/settings/tokens" not in user.get("/settings").text
    with pytest.raises(CannotMake, match="not_staff"):
        make_desk_token(world.users[Role.USER], "mine", world.app.extensions["rulebook"].redactor, NOW)


def test_an_account_has_so_many_tokens_and_no_more(world: World) -> None:
    redactor = world.app.extensions["rulebook"].redactor
    for number in range(MOST):
        make_desk_token(world.users[Role.MANAGER], f"robot {number}", redactor, NOW)
    refused = world.client(Role.MANAGER).post("/settings/tokens", data={"label": "one more"})
    assert refused.status_code == 422
    assert not TOKEN.search(refused.text)


def test_a_token_may_what_its_account_may_at_that_moment(world: World, call: Call) -> None:
    owner, agent = world.users[Role.OWNER], world.users[Role.AGENT]
    accounts.change_role(agent, Role.EDITOR, NOW, owner)
    assert call("GET", "/tickets").status_code == 403
    accounts.change_role(agent, Role.AGENT, NOW, owner)
    assert call("GET", "/tickets").status_code == 200


def test_deactivating_an_account_ends_its_tokens_for_good(world: World, call: Call) -> None:
    owner, agent = world.users[Role.OWNER], world.users[Role.AGENT]
    accounts.set_disabled(agent, disabled=True, now=NOW, actor=owner)
    accounts.set_disabled(agent, disabled=False, now=NOW, actor=owner)
    assert call("GET", "/tickets").status_code == 401
    ended = select(AuditEntry.actor_id).where(AuditEntry.action == "desk_token_revoked")
    assert db.session.scalars(ended).all() == [owner.id]


def test_a_wrong_token_is_told_what_is_needed_and_no_more(world: World, call: Call) -> None:
    for presented in ("", "gdt_", "gdt_" + "a" * 43, "gdi_" + "a" * 43, "ключ", world.ingest_token):
        answer = call("GET", "/tickets", token=presented)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), presented
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert call("POST", "/logs/ndjson", []).status_code == 401  # nor is a desk token one of a gateway


def test_a_token_has_so_many_calls_a_minute(world: World, call: Call) -> None:
    token = db.session.scalars(select(DeskToken)).one()
    token.minute_at, token.minute_calls = NOW, CALLS_A_MINUTE - 1
    db.session.commit()
    assert call("GET", "/tickets").status_code == 200
    refused = call("GET", "/tickets")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    world.app.config["CLOCK"] = lambda: NOW + desk_tokens.MINUTE
    assert call("GET", "/tickets").status_code == 200
