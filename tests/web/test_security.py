"""What every answer carries, and what the session cookie is like."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from app.core.roles import Audience, Role
from app.settings import Settings
from app.store.database import db
from app.web.access import BY_TOKEN
from tests.routes import calls
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def test_every_answer_has_the_policy_and_an_id_of_its_own(world: World) -> None:
    ids = set()
    for rule, method, where, _audience in calls(world):
        with world.client(None).open(where, method=method) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, rule.rule
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            ids.add(answer.headers["X-Request-Id"])
    assert len(ids) == sum(1 for _ in calls(world))


def test_the_policy_lets_no_other_site_in(world: World) -> None:
    policy = dict(part.split(" ", 1) for part in world.client(None).get("/").headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert not re.search(r"https?:|\*", " ".join(policy.values()))


FORBIDDEN = re.compile(r'<script(?![^>]*\bsrc="/static/)(?![^>]*application/ld\+json)|\son[a-z]+="|\sstyle="|<style|javascript:|<iframe')
ELSEWHERE = re.compile(r'<(?:script|img|link rel="(?:stylesheet|icon)")[^>]*(?:src|href)="(?:https?:)?//')


def test_no_page_needs_what_the_policy_forbids(world: World) -> None:
    faults = []
    for rule, method, where, audience in calls(world):
        if method == "GET" and audience not in BY_TOKEN and rule.endpoint != "static":
            answer = world.client(Role.OWNER).get(where)
            if answer.headers.get("Content-Disposition", "").startswith("attachment"):
                continue  # a file, which no browser shows as a page of ours
            faults += [(rule.rule, found.group()) for pattern in (FORBIDDEN, ELSEWHERE) if (found := pattern.search(answer.text))]
    assert faults == []


def test_pages_of_a_person_are_never_cached(world: World) -> None:
    for rule, method, where, audience in calls(world):
        if method == "GET" and audience in {Audience.SIGNED_IN, Audience.DESK, Audience.CONTENT, Audience.ADMIN}:
            assert world.client(Role.OWNER).get(where).headers["Cache-Control"] == "no-store", rule.rule


def test_static_files_are_cached_for_ever_by_their_hash_and_shortly_without(world: World) -> None:
    client = world.client(None)
    with client.get("/static/gatedesk.css?v=0123456789") as hashed, client.get("/static/gatedesk.css") as plain:
        assert "immutable" in hashed.headers["Cache-Control"]
        assert "immutable" not in plain.headers["Cache-Control"]
        assert "Set-Cookie" not in hashed.headers


@pytest.mark.parametrize(
    "path", ["/static/../app/settings.py", "/static/%2e%2e/app/settings.py", "/static/..%2f..%2fetc/passwd", "/static/.env"]
)
def test_only_static_files_are_static_files(world: World, path: str) -> None:
    assert world.client(None).get(path).status_code == 404


def test_the_session_cookie_is_for_http_and_this_site_only(world: World) -> None:
    cookie = world.client(None).get("/").headers["Set-Cookie"]
    assert cookie.startswith("gatedesk=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure_and_browsers_are_told_to_stay(settings: Settings) -> None:
    app = create_app(replace(settings, public_url="https://help.example.com"))
    with app.app_context():
        db.create_all()
        answer = app.test_client().get("/", base_url="https://help.example.com")
        db.session.remove()
        db.engine.dispose()
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_a_forged_session_is_nobodys(world: World) -> None:
    client = world.client(None)
    for value in ("1", "1.", "x.y", f"{world.users[Role.OWNER].id}.wrong", "9" * 30 + ".x", ""):
        with client.session_transaction() as session:
            session["_user_id"] = value
        assert client.get("/admin/").status_code == 303, value


def test_a_post_from_another_site_is_refused_in_words(world: World) -> None:
    world.app.config["WTF_CSRF_ENABLED"] = True
    answer = world.client(Role.AGENT).post(f"/desk/tickets/{world.guest_ticket}/notes", data={"body": "x"})
    assert answer.status_code == 400
    assert "This form has expired" in answer.text


def test_the_log_line_names_the_route_and_never_the_address(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    world.client(None).get(f"/t/{world.guest_token}?q=private")
    assert "GET /t/<token> 200" in caplog.text
    assert world.guest_token not in caplog.text
    assert "private" not in caplog.text
    assert "127.0.0.1" not in caplog.text
