"""A desk whose disk is full is still read; what cannot be stored is said to be so, and what was typed is given back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.core.roles import Audience, Role
from app.operations.tickets import note_private_read
from app.store.database import db
from app.store.logs import LogStoreBusy
from app.web.access import for_audience
from tests.conftest import NOW
from tests.pages import read
from tests.sql import row_counts
from tests.world import KEY, World, inhabit

WORDS = "It fails since noon, every time"


@pytest.fixture
def world(app: Flask) -> World:
    @for_audience(Audience.PUBLIC)
    def busy() -> str:
        raise LogStoreBusy

    app.add_url_rule("/api/v1/busy", "api_busy", view_func=busy)
    return inhabit(app)


@pytest.fixture
def full(world: World) -> Iterator[World]:
    """The desk once its database can commit nothing."""

    def refuse(_connection: object) -> None:
        raise OperationalError("INSERT …", WORDS, Exception("database or disk is full"))

    engine = db.engine
    event.listen(engine, "commit", refuse)
    yield world
    event.remove(engine, "commit", refuse)


def test_tickets_are_read_by_everybody_and_the_log_says_who_read(full: World, caplog: pytest.LogCaptureFixture) -> None:
    for role in (Role.AGENT, Role.OWNER):
        answer = full.client(role).get(f"/desk/tickets/{full.own_ticket}")
        assert answer.status_code == 200
        assert f"not stored: account {full.users[role].id} read ticket {full.own_ticket}" in caplog.text
    assert full.client(Role.USER).get(f"/tickets/{full.own_ticket}").status_code == 200
    assert full.client(None).get(f"/t/{full.guest_token}").status_code == 200
    assert WORDS not in caplog.text


def test_any_other_private_record_is_read_too(full: World, caplog: pytest.LogCaptureFixture) -> None:
    note_private_read("file", 5, full.users[Role.AGENT], NOW)
    assert f"not stored: account {full.users[Role.AGENT].id} read file 5" in caplog.text


@pytest.mark.parametrize("role", [None, Role.USER])
def test_a_report_that_cannot_be_filed_stays_in_its_form(full: World, role: Role | None) -> None:
    before = row_counts()
    answer = full.client(role).post("/tickets", data={"error_text": f"{WORDS}: {KEY}", "model": "gpt-4o"})
    page = read(answer)
    assert answer.status_code == 503
    assert "Nothing can be stored right now" in page.text
    assert WORDS in page.form("/tickets").sends["error_text"]
    assert KEY not in answer.text
    assert row_counts() == before


def test_what_was_typed_elsewhere_is_given_back_without_secrets(full: World, caplog: pytest.LogCaptureFixture) -> None:
    answer = full.client(None).post(f"/t/{full.guest_token}", data={"body": f"{WORDS}: {KEY}", "password": "not to be shown"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert WORDS in read(answer).text
    assert "not to be shown" not in answer.text
    assert KEY not in answer.text + caplog.text
    assert WORDS not in caplog.text


def test_programs_are_told_to_try_again(world: World) -> None:
    answer = world.client(None).get("/api/v1/busy")
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (503, "application/problem+json", "30")
