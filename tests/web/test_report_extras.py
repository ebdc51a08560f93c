"""Jobs by hand, consumption by day, the review as a mail: what each shows, and to whom."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Outcome
from app.core.roles import Role
from app.core.week import Week
from app.mail.letters import letter_of
from app.operations import reviews as operations
from app.operations.job_runs import note_run
from app.operations.key_tallies import tally_keys
from app.operations.keys import refresh_keys
from app.store import reviews
from app.store.database import db
from app.store.models import AuditEntry, Ticket
from app.store.models_desk import Notice
from app.store.models_mail import OutMessage
from app.web.reports.review_digest import review_bodies
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.world import World, inhabit

WEEK = Week.of(NOW)
PAGE = f"/reports/review/{WEEK}"
AT = int((NOW - timedelta(hours=2)).timestamp() * 1000)


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def owner(world: World) -> FlaskClient:
    return world.client(Role.OWNER)


def keep_traffic(world: World) -> None:
    """Two keys fail, one of them again and again; ten dear films, one of them paid back."""
    storm = [
        a_record(f"s-{n}", started_at=AT + n * 1000, key_alias="batch", model_requested="o3", status_code=429, outcome=Outcome.ERROR)
        for n in range(9)
    ]
    other = a_record("one", started_at=AT, key_alias="web", model_requested="o3", status_code=429, outcome=Outcome.ERROR)
    films = [
        a_record(f"f-{n}", started_at=AT, key_alias="studio", group="film", model_requested="kling", cost_micros=3_000_000)
        for n in range(10)
    ]
    back = a_record("back", started_at=AT, key_alias="studio", group="film", model_requested="kling", cost_micros=-3_000_000)
    store = world.app.extensions["log_store"]
    store.append("ndjson", [*storm, other, *films, back], [], NOW)
    tally_keys(store, NOW)
    refresh_keys(store, world.app.extensions["rulebook"].redactor, NOW)


def test_jobs_are_listed_with_what_they_came_to(world: World, owner: FlaskClient) -> None:
    note_run("refresh_keys", NOW - timedelta(minutes=3), NOW - timedelta(minutes=2), 7, None)
    note_run("escalate_clocks", NOW - timedelta(hours=1), NOW - timedelta(hours=1), 0, None)
    note_run("purge_logs", NOW - timedelta(hours=6), NOW - timedelta(hours=6), None, "LogStoreBusy")
    text = read(owner.get("/admin/jobs")).text
    for fact in ("Learn of new keys", "on time", "LogStoreBusy", "failed", "every 10 minutes", "every day", "overdue"):
        assert fact in text, fact
    assert world.client(Role.MANAGER).get("/admin/jobs").status_code == 403


def test_a_worker_that_is_gone_is_told(owner: FlaskClient) -> None:
    note_run("rematch_waiting", NOW - timedelta(hours=1), NOW - timedelta(hours=1), 0, None)
    assert "The worker does not answer." in read(owner.get("/admin/jobs")).text
    note_run("rematch_waiting", NOW, NOW, 0, None)
    assert "The worker does not answer." not in read(owner.get("/admin/jobs")).text


def test_a_job_is_queued_once_and_the_queue_knows_who_asked(world: World, owner: FlaskClient) -> None:
    for _ in range(2):
        assert owner.post("/admin/jobs/runs", data={"job": "refresh_keys"}).status_code == 303
    assert world.app.extensions["jobs"].waiting() == ["refresh_keys"]
    db.session.rollback()
    assert [entry.object_id for entry in db.session.query(AuditEntry).filter_by(object_kind="job")] == ["refresh_keys"]
    assert "in the queue" in read(owner.get("/admin/jobs")).text
    assert owner.post("/admin/jobs/runs", data={"job": "rm"}).status_code == 404


def test_failures_are_told_with_their_side_and_keys(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    text = read(owner.get("/reports/?span=24h")).text
    for fact in ("On whose side", "quota: no money, or too many requests", "Tried again after a failure", "Keys that failed"):
        assert fact in text, fact
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(owner.get("/reports/gateway.csv?span=24h").text))}
    assert rows["o3"]["failing_keys"] == "2"


def test_requests_not_counted_by_key_yet_are_told(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    world.app.extensions["log_store"].append("ndjson", [a_record("late", started_at=AT, outcome=Outcome.ERROR)], [], NOW)
    assert "are not counted by key yet" in read(owner.get("/reports/?span=24h")).text


def test_consumption_is_net_of_refunds_and_for_those_with_the_right(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    text = read(owner.get("/reports/consumption?span=7d&by=group")).text
    assert "$27 in this span: $30 charged, $3 refunded." in text
    assert world.client(Role.AGENT).get("/reports/consumption").status_code == 403
    assert world.client(Role.AGENT).get("/reports/consumption.csv").status_code == 403


def test_the_review_names_keys_retries_and_what_a_change_means(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    assert "Not compared:" in read(owner.get(PAGE)).text
    week_before = AT - 7 * 24 * 3_600_000
    world.app.extensions["log_store"].append(
        "ndjson", [a_record(f"w-{n}", started_at=week_before + n * 3_600_000) for n in range(2)], [], NOW
    )
    text = read(owner.get(PAGE)).text
    for fact in (
        "Costliest keys",
        "studio",
        "Tried again and failed again",
        "more than chance explains",
        "3 keys",
        "Keys without an owner",
    ):
        assert fact in text, fact


def test_the_boxes_begin_with_what_the_desk_sees(world: World, owner: FlaskClient) -> None:
    page = read(owner.get(PAGE))
    assert "open tickets without a next action" in page.html
    owner.post(f"{PAGE}/findings", data={"repeated_questions": "Mine"})
    page = read(owner.get(PAGE))
    assert "Mine" in page.html
    assert "- 2 open tickets without a next action" not in page.html


def test_a_decision_says_why_and_what_else_was_considered(world: World, owner: FlaskClient) -> None:
    data = {"what": "Halve the limit", "why": "It was never used", "instead": "A second key", "due": "2026-12-01"}
    owner.post(f"{PAGE}/decisions", data=data | {"owner": str(world.users[Role.AGENT].id), "backup": "0"})
    text = read(owner.get(PAGE)).text
    assert "because: It was never used" in text
    assert "considered: A second key" in text
    assert [notice.kind for notice in db.session.query(Notice).filter_by(user_id=world.users[Role.AGENT].id, about="review")] == [
        "decision"
    ]


def test_the_mail_says_the_same_in_both_languages_with_amounts_or_without(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    owner.post(f"{PAGE}/findings", data={"repeated_questions": "Why 429?"})
    owner.post(f"{PAGE}/closing")
    db.session.rollback()
    kept = reviews.review(str(WEEK))
    assert kept is not None
    with world.app.test_request_context(base_url="https://desk.example.com"):
        english = review_bodies(kept.id, "en", with_amounts=True)
        chinese = review_bodies(kept.id, "zh", with_amounts=False)
    assert english is not None
    assert chinese is not None
    for body in english[1:]:
        assert "Costliest keys" in body
        assert "$27" in body
        assert "Why 429?" in body
        assert f"https://desk.example.com/reports/review/{WEEK}" in body
    assert "$" not in "".join(chinese)
    assert "密钥未通过" in chinese[1] or "限流（429）" in chinese[1]
    assert 'lang="zh-Hans"' in chinese[2]


def test_the_letter_to_each_person_has_amounts_only_for_those_with_the_right(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    owner.post(f"{PAGE}/closing")
    db.session.rollback()
    kept = reviews.review(str(WEEK))
    assert kept is not None
    told = {}
    for role in (Role.AGENT, Role.MANAGER, Role.EDITOR):
        message = OutMessage(kind="review_closed", about="review", about_id=kept.id, user_id=world.users[role].id)
        with world.app.test_request_context(base_url="https://desk.example.com"):
            letter = letter_of(message, NOW)
        told[role] = [words for each in letter.lists for words, _address in each.lines] if letter else None
    assert told[Role.EDITOR] is None
    assert any("$27" in words for words in told[Role.MANAGER] or [])
    assert told[Role.AGENT]
    assert not any("$" in words for words in told[Role.AGENT])


def test_the_mail_can_be_seen_before_it_is_sent(world: World, owner: FlaskClient) -> None:
    keep_traffic(world)
    assert "the review is still open" in read(owner.get(f"{PAGE}/mail")).text
    answer = owner.get(f"{PAGE}/mail.txt")
    assert answer.mimetype == "text/plain"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "$27" in answer.text
    assert "$" not in world.client(Role.AGENT).get(f"{PAGE}/mail.txt").text
    assert "<style" in owner.get(f"{PAGE}/mail.html").text


def test_a_frozen_week_is_mailed_as_it_stood(world: World, owner: FlaskClient) -> None:
    owner.post(f"{PAGE}/closing")
    keep_traffic(world)
    assert "$27" not in owner.get(f"{PAGE}/mail.txt").text


def test_an_open_review_has_no_mail_yet(world: World, owner: FlaskClient) -> None:
    owner.post(f"{PAGE}/findings", data={"repeated_questions": "x"})
    db.session.rollback()
    kept = reviews.review(str(WEEK))
    with world.app.test_request_context():
        assert kept is not None
        assert review_bodies(kept.id, "en", with_amounts=True) is None


def test_last_weeks_review_is_asked_for_once(world: World) -> None:
    ticket = db.session.get_one(Ticket, world.guest_ticket)
    ticket.created_at = NOW - timedelta(days=15)
    db.session.commit()
    assert operations.remind(NOW) == 2
    assert operations.remind(NOW) == 0
    told = {notice.user_id for notice in db.session.query(Notice).filter_by(kind="review_due")}
    assert told == {world.users[Role.MANAGER].id, world.users[Role.OWNER].id}


def test_answers_shown_are_counted_by_the_hour(world: World, owner: FlaskClient) -> None:
    guest = world.client(None)
    for _ in range(6):
        guest.post("/report", data={"text": "Error code: 401 - invalid api key"})
    rows = {row["figure"]: row for row in csv.DictReader(io.StringIO(owner.get("/reports/desk.csv?span=24h").text))}
    assert rows["self_service_assumed"]["n"] == "6"
