"""Failures answer with a page that says what to do, and a log line that quotes nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.roles import Audience, Role
from app.store.database import db
from app.store.models import Note
from app.web.access import for_audience
from tests.pages import read
from tests.world import KEY, World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    @for_audience(Audience.PUBLIC)
    def crash() -> str:
        raise RuntimeError(f"no channel for {KEY}")

    @for_audience(Audience.PUBLIC)
    def half() -> str:
        db.session.add(Note(ticket_id=None, author_id=None, body=None))
        db.session.flush()
        return ""

    app.add_url_rule("/half", view_func=half)
    app.add_url_rule("/crash", view_func=crash)
    app.add_url_rule("/api/v1/crash", "api_crash", view_func=crash)
    return inhabit(app)


@pytest.fixture
def client(world: World) -> FlaskClient:
    return world.client(None)


def test_a_missing_page_says_so_and_shows_the_way_to_help(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    page = read(answer)
    assert answer.status_code == 404
    assert answer.headers["X-Request-Id"] in page.text
    assert "/" in page.links


def test_the_page_speaks_the_readers_language(client: FlaskClient) -> None:
    assert '<html lang="zh-Hans">' in client.get("/nowhere", headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text


def test_a_crash_shows_an_id_and_logs_type_and_place_only(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get("/crash")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in read(answer).text
    assert answer.headers["X-Request-Id"] in caplog.text
    assert "RuntimeError at" in caplog.text
    assert KEY not in answer.text + caplog.text
    assert "no channel" not in answer.text + caplog.text


def test_what_the_database_refused_does_not_break_the_error_page(world: World) -> None:
    answer = world.client(Role.AGENT).get("/half")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in read(answer).text


def test_programs_get_problem_json(client: FlaskClient) -> None:
    for path, status in (("/api/v1/nowhere", 404), ("/api/v1/crash", 500), ("/api/v1/logs/litellm", 405)):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.json is not None
        assert answer.json["status"] == status


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_form_that_is_too_large_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/report", data={"text": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "That is too large" in read(answer).text


def test_a_person_without_the_role_is_told_so(world: World) -> None:
    answer = world.client(Role.USER).get("/desk/")
    assert answer.status_code == 403
    assert "This page is not for your account" in read(answer).text


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/%0d%0aSet-Cookie:x=1", '/"><script>alert(1)</script>', "/kb/en/%3Cscript%3E", "/%ff%fe"]
)
def test_no_address_gets_into_a_page_unescaped(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {308, 404}
    assert "<script>alert" not in answer.text
    assert 'href="//' not in answer.text
    assert "x=1" not in answer.headers.get("Set-Cookie", "")


def test_the_error_page_is_not_stored_as_a_ticket(client: FlaskClient) -> None:
    from tests.sql import row_counts

    before = row_counts()
    client.get("/crash")
    client.get("/?about=gd-0123456789ab&status=500")
    assert row_counts() == before
