"""The weekly review fills itself in, keeps what people find and decide, and freezes when it is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Origin, Outcome
from app.core.redacted_text import seal
from app.core.roles import Role
from app.core.ticket import State
from app.core.week import Week
from app.operations.key_tallies import tally_keys
from app.store import reviews
from app.store.database import db
from app.store.models import AuditEntry, Ticket
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.sql import statements
from tests.world import World, inhabit

WEEK = Week.of(NOW)
PAGE = f"/reports/review/{WEEK}"


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def manager(world: World) -> FlaskClient:
    return world.client(Role.MANAGER)


def keep_traffic(world: World, count: int = 6) -> None:
    at = int((NOW - timedelta(hours=1)).timestamp() * 1000)
    records = [
        a_record(f"x-{n}", started_at=at, model_requested="costly-model", cost_micros=2_000_000, status_code=429, outcome=Outcome.ERROR,
                 origin=Origin.PROVIDER, retries=2)
        for n in range(count)
    ]  # fmt: skip
    world.app.extensions["log_store"].append("ndjson", records, [], NOW)


def decision(world: World, **changes: object) -> dict[str, object]:
    owner = world.users[Role.AGENT].id
    return {"what": "Lower the limit of the batch group", "owner": owner, "backup": 0, "due": "2026-12-01"} | changes


def test_the_week_is_filled_in_by_itself(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    page = read(manager.get(PAGE))
    for fact in ("costly-model", "$12", "Rate limit (429)", "Retried most", "No next action agreed"):
        assert fact in page.text, fact
    assert f"/desk/tickets/{world.guest_ticket}" in page.links


def test_keys_are_told_when_the_week_is_counted_by_key(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    early = read(manager.get(PAGE)).text
    assert "not counted by key yet" in early
    assert "Rate limit (429) ·" not in early
    tally_keys(world.app.extensions["log_store"], NOW)
    counted = read(manager.get(PAGE)).text
    assert "not counted by key yet" not in counted
    assert "Rate limit (429) · 1 key" in counted


def test_a_figure_opens_the_rows_behind_it(world: World, manager: FlaskClient) -> None:
    old, solved = db.session.get(Ticket, world.own_ticket), db.session.get(Ticket, world.guest_ticket)
    assert old is not None
    assert solved is not None
    old.created_at, solved.state, solved.solved_at = NOW - timedelta(days=8), State.SOLVED, NOW
    db.session.commit()
    links = read(manager.get(PAGE)).links
    by_filing = next(address for address in links if "filed_from" in address and "match" not in address)
    by_solving = next(address for address in links if "solved_from" in address and "rating" not in address)
    for address in (by_filing, by_solving):
        listed = read(manager.get(address)).links
        assert f"/desk/tickets/{solved.id}" in listed
        assert f"/desk/tickets/{old.id}" not in listed
    lines = next(address for address in links if address.startswith("/logs/?") and "show=all" in address)
    keep_traffic(world)
    assert "costly-model" in read(manager.get(lines)).text


def test_amounts_are_for_those_with_the_right(world: World) -> None:
    keep_traffic(world)
    assert "$" not in world.client(Role.AGENT).get(PAGE).text


def test_the_week_under_way_is_the_first_page(manager: FlaskClient) -> None:
    assert manager.get("/reports/review/").headers["Location"] == PAGE


@pytest.mark.parametrize("week", ["2026-W99", "2031-W01", "x", "2026-W4", "0001-W01"])
def test_there_is_no_such_week(manager: FlaskClient, week: str) -> None:
    assert manager.get(f"/reports/review/{week}").status_code == 404


def test_decisions_are_carried_over_until_done(world: World, manager: FlaskClient) -> None:
    earlier = f"/reports/review/{WEEK.before}"
    assert manager.post(f"{earlier}/decisions", data=decision(world)).status_code == 303
    assert "Lower the limit" in manager.get(PAGE).text
    [kept] = reviews.open_decisions(str(WEEK))
    manager.post(f"{PAGE}/decisions/end", data={"decision": kept.id, "done": "yes"})
    db.session.rollback()
    assert "Lower the limit" not in manager.get(PAGE).text
    assert "Lower the limit" in manager.get(earlier).text


@pytest.mark.parametrize("wrong", [{"what": ""}, {"owner": 9999}, {"due": "soon"}])
def test_a_decision_needs_a_text_an_owner_and_a_day(world: World, manager: FlaskClient, wrong: dict[str, object]) -> None:
    assert manager.post(f"{PAGE}/decisions", data=decision(world, **wrong)).status_code == 422
    assert reviews.open_decisions(str(WEEK)) == []


def test_an_owner_is_not_their_own_backup(world: World, manager: FlaskClient) -> None:
    owner = world.users[Role.AGENT].id
    manager.post(f"{PAGE}/decisions", data=decision(world, backup=owner))
    assert reviews.open_decisions(str(WEEK))[0].backup_id is None


def test_a_closed_week_stays_as_it_was(world: World, manager: FlaskClient) -> None:
    keep_traffic(world)
    manager.post(f"{PAGE}/findings", data={"repeated_questions": "Why 429?", "missing_fields": "Time"})
    manager.post(f"{PAGE}/closing")
    before = manager.get(PAGE).text
    assert "Why 429?" in before
    world.app.extensions["log_store"].append(
        "ndjson", [a_record(f"late-{n}", started_at=int(NOW.timestamp() * 1000), model_requested="late-model") for n in range(9)], [], NOW
    )
    assert "late-model" not in manager.get(PAGE).text
    manager.post(f"{PAGE}/findings", data={"repeated_questions": "Changed"})
    manager.post(f"{PAGE}/decisions", data=decision(world))
    db.session.rollback()
    kept = reviews.review(str(WEEK))
    assert kept is not None
    assert kept.repeated_questions == seal("Why 429?")
    assert reviews.open_decisions(str(WEEK)) == []
    assert {entry.action for entry in db.session.query(AuditEntry).filter_by(object_kind="review")} == {"note", "close"}


def test_a_key_in_a_finding_is_not_kept(manager: FlaskClient) -> None:
    key = "sk-" + "Zt7Rw2" * 8
    manager.post(f"{PAGE}/findings", data={"repeated_questions": f"why does {key} fail"})
    assert key not in manager.get(PAGE).text


def test_weeks_nobody_closed_are_named(world: World, manager: FlaskClient) -> None:
    ticket = db.session.get_one(Ticket, world.guest_ticket)
    ticket.created_at = NOW - timedelta(days=15)
    db.session.commit()
    assert str(WEEK.before) in manager.get(PAGE).text
    manager.post(f"/reports/review/{WEEK.before}/closing")
    assert f"Weeks nobody has reviewed: {WEEK.before}" not in manager.get(PAGE).text


def test_a_review_costs_the_same_whatever_happened(world: World, manager: FlaskClient) -> None:
    with statements() as few:
        manager.get(PAGE)
    keep_traffic(world, 60)
    with statements() as many:
        manager.get(PAGE)
    assert len(many) == len(few)
