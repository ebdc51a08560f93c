"""Warnings show what was found with the rows behind it and are dismissed for a while; known errors hold incidents and tickets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.redacted_text import seal
from app.core.roles import Role
from app.core.warning import Finding, check_warnings
from app.operations.desk_warnings import warn
from app.operations.incidents import attach
from app.store import desk_warnings, incidents, known_errors
from app.store.database import db
from app.store.models import AuditEntry, Ticket
from tests.conftest import NOW
from tests.pages import read
from tests.web.test_incidents import an_incident
from tests.world import World, inhabit

STORM = {"count": 90, "count_in_an_hour": 90, "hours": 1, "usual": 1, "client": "Cursor/1.7", "group": "search", "failure": "rate_limit"}
NOBODYS = {"value": "search-2", "count": 40, "share": 12}


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def agent(world: World) -> FlaskClient:
    return world.client(Role.AGENT)


def found(world: World, rule: str = "retry-storm", value: str = "search-prod", days: int = 0, **facts: object) -> bool:
    usual = STORM if rule == "retry-storm" else NOBODYS
    at = NOW + timedelta(days=days)
    finding = Finding(rule, value, value, usual | facts, (), 5_250_000 if rule == "ownerless-key" else None)
    is_new = warn(finding, at - timedelta(hours=1), at, world.app.extensions["rulebook"], at)
    db.session.commit()
    return is_new


def number(rule: str = "retry-storm") -> int:
    [only] = desk_warnings.standing([rule])
    return only.id


def test_every_kind_of_warning_has_words_and_limits_that_its_examples_prove(world: World) -> None:
    book = world.app.extensions["rulebook"].warnings
    assert check_warnings(book) == []
    assert {"retry-storm", "mixed-group", "test-key-in-production", "shared-key", "ownerless-key"} <= book.kinds.keys()


def test_what_stays_below_the_limits_is_not_told(world: World) -> None:
    assert not found(world, count=12, count_in_an_hour=12)
    assert found(world)


def test_a_warning_goes_on_instead_of_being_told_twice(world: World) -> None:
    assert found(world)
    assert not found(world, days=1, count=200, count_in_an_hour=200)
    [warning] = desk_warnings.standing(["retry-storm"])
    assert warning.facts["count"] == 200
    assert found(world, days=9)


def test_its_page_tells_key_client_count_and_advice(world: World, agent: FlaskClient) -> None:
    found(world)
    page = read(agent.get(f"/desk/incidents/warnings/{number()}"))
    for fact in ("search-prod", "Cursor/1.7", "90 failed requests", "exponential backoff"):
        assert fact in page.text, fact
    assert "search-prod" in agent.get("/desk/incidents/").text
    assert "search-prod" in agent.get("/desk/incidents/warnings").text


def test_money_is_shown_to_those_who_may_see_amounts_only(world: World, agent: FlaskClient) -> None:
    found(world, "ownerless-key", "search-2")
    where = f"/desk/incidents/warnings/{number('ownerless-key')}"
    assert "$5.25" not in agent.get(where).text
    manager = world.client(Role.MANAGER)
    assert "$5.25" in manager.get(where).text
    assert "$5.25" in manager.get("/reports/budgets").text
    text = agent.get("/reports/budgets").text
    assert "search-2" in text
    assert "$" not in text


def test_a_dismissed_warning_is_silent_until_its_day_and_the_dismissal_is_audited(world: World, agent: FlaskClient) -> None:
    found(world)
    where, until = f"/desk/incidents/warnings/{number()}", (NOW + timedelta(days=10)).date().isoformat()
    assert agent.post(f"{where}/dismissal", data={"reason": "A load test.", "until": until}).status_code == 303
    assert desk_warnings.standing(["retry-storm"]) == []
    assert "A load test." in agent.get("/desk/incidents/warnings").text
    assert db.session.query(AuditEntry).filter_by(action="dismiss", object_kind="warning").count() == 1
    assert not found(world, days=9)
    assert found(world, days=11)


@pytest.mark.parametrize(
    "typed",
    [
        {"reason": "", "until": "2026-11-25"},
        {"reason": "x", "until": ""},
        {"reason": "x", "until": "2020-01-01"},
        {"reason": "x", "until": "2099-01-01"},
    ],
)
def test_a_dismissal_needs_a_reason_and_a_day_to_come(world: World, agent: FlaskClient, typed: dict[str, str]) -> None:
    found(world)
    assert agent.post(f"/desk/incidents/warnings/{number()}/dismissal", data=typed).status_code == 422
    assert len(desk_warnings.standing(["retry-storm"])) == 1


def test_a_known_error_holds_its_incidents_their_tickets_and_those_linked_by_hand(world: World, agent: FlaskClient) -> None:
    about, wrong = an_incident(state="open"), an_incident(value="other", state="open")
    incident, ticket = incidents.by_id(about), db.session.get(Ticket, world.own_ticket)
    assert incident is not None
    assert ticket is not None
    attach(incident, ticket, world.users[Role.AGENT], NOW)
    agent.post("/desk/incidents/known-errors", data={"title": "Streams stall behind the proxy", "workaround": "Turn streaming off."})
    [known] = known_errors.everything()
    agent.post(f"/desk/incidents/{about}/known-error", data={"known_error": known.id})
    agent.post(f"/desk/incidents/known-errors/{known.id}/tickets", data={"ticket": world.guest_ticket})
    page = read(agent.get(f"/desk/incidents/known-errors/{known.id}"))
    for fact in ("Streams stall", "Turn streaming off.", "· o3", f"#{world.own_ticket} ", f"#{world.guest_ticket} "):
        assert fact in page.text, fact
    assert f"/desk/incidents/{wrong}" not in page.links
    assert known_errors.counts() == {known.id: (1, 2)}
    assert "Streams stall" in agent.get(f"/desk/incidents/{about}").text
    agent.post(f"/desk/incidents/known-errors/{known.id}/tickets", data={"ticket": world.guest_ticket, "unlink": "yes"})
    agent.post(f"/desk/incidents/known-errors/{known.id}/state", data={"mended": "yes"})
    db.session.rollback()
    assert known_errors.counts() == {known.id: (1, 1)}
    assert known_errors.not_mended() == []


def test_a_known_error_without_a_title_is_not_kept(agent: FlaskClient, world: World) -> None:
    assert agent.post("/desk/incidents/known-errors", data={"title": " "}).status_code == 422
    assert known_errors.everything() == []


def test_a_report_is_told_of_the_problem_it_fits_before_it_is_filed(world: World) -> None:
    an_incident(value="gpt-4o", state="open")
    stranger = world.app.test_client()
    said = "This looks like the problem we know of"
    assert said in stranger.post("/report", data={"text": "Error code: 429 rate limit reached for gpt-4o on requests per min"}).text
    assert said not in stranger.post("/report", data={"text": "Error code: 429 rate limit reached for claude-sonnet-4-5 on requests"}).text
    assert said not in stranger.post("/report", data={"text": "401 invalid api key, model gpt-4o: Incorrect API key provided"}).text
    assert said in stranger.post("/report/check", data={"model": "GPT 4o", "status_code": "429"}).text
    assert said not in stranger.get("/report").text


def test_the_public_banner_carries_the_last_news(world: World, agent: FlaskClient) -> None:
    about = an_incident(value="gpt-4o", state="open")
    for news in ("We look into it.", "The provider raises the limit."):
        agent.post(f"/desk/incidents/{about}/updates", data={"body": news})
    text = world.app.test_client().get("/").text
    assert "The provider raises the limit." in text
    assert "We look into it." not in text


def test_resolving_keeps_cause_note_and_article(world: World, agent: FlaskClient) -> None:
    about = an_incident(state="open")
    typed = {"cause": "rate-limit-rpm", "note": "The limit was lowered.", "article": "99999"}
    agent.post(f"/desk/incidents/{about}/resolution", data=typed)
    db.session.rollback()
    incident = incidents.by_id(about)
    assert incident is not None
    assert (incident.state, incident.cause, incident.note, incident.article_id) == (
        "resolved", "rate-limit-rpm", seal("The limit was lowered."), None,
    )  # fmt: skip
