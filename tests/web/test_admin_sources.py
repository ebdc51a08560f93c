"""The page of log sources: each one's health, and batches that can be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.record import Reject
from app.core.roles import Role
from app.core.source_fields import gaps
from app.store.database import db
from app.store.logs import WATCHED_FIELDS, LogStoreBusy
from app.store.models import AuditEntry
from app.store.rulebook import RULES_DIR, read_rules
from tests.conftest import NOW
from tests.log_records import a_record
from tests.pages import read
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


@pytest.fixture
def owner(world: World) -> FlaskClient:
    return world.client(Role.OWNER)


def deliver(world: World, *names: str) -> int:
    outcome = world.app.extensions["log_store"].append(
        "new_api",
        [a_record(name, source="new_api") for name in names],
        [Reject(3, "not JSON")],
        NOW - timedelta(minutes=5),
        instance="Beijing",
    )
    return outcome.batch_id or 0


def test_a_source_shows_what_it_sent_what_was_refused_and_what_would_fill_its_gaps(world: World, owner: FlaskClient) -> None:
    deliver(world, "a", "b")
    page = read(owner.get("/admin/sources"))
    for words in ("new_api · Beijing", "not JSON", "ERROR_LOG_ENABLED=true", "stored"):
        assert words in page.text
    assert "Provider" not in page.text, "this format cannot have it"


def test_a_source_whose_clock_is_ahead_is_not_said_to_be_late(world: World, owner: FlaskClient) -> None:
    early = a_record("early", source="new_api", started_at=int((NOW + timedelta(hours=3)).timestamp() * 1000))
    world.app.extensions["log_store"].append("new_api", [early], [], NOW, instance="Beijing")
    assert "3 hours ahead of our clock" in read(owner.get("/admin/sources")).text


def test_a_batch_is_taken_back_when_asked_twice(world: World, owner: FlaskClient) -> None:
    store = world.app.extensions["log_store"]
    before, batch = store.count(), deliver(world, "a", "b")
    assert "Take these records out" in read(owner.get(f"/admin/batches/{batch}")).text
    assert owner.post(f"/admin/batches/{batch}/rollback").status_code == 400
    assert store.count() == before + 2
    answer = owner.post(f"/admin/batches/{batch}/rollback", data={"confirm": "yes"}, follow_redirects=True)
    assert "2 records were taken out again" in read(answer).text
    assert store.count() == before
    assert "was rolled back: 2 records" in read(owner.get(f"/admin/batches/{batch}")).text
    db.session.rollback()
    assert db.session.query(AuditEntry).filter_by(action="batch_rolled_back", object_id=str(batch)).count() == 1


def test_a_busy_log_is_said_in_words(world: World, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_batch: int) -> int:
        raise LogStoreBusy

    monkeypatch.setattr(world.app.extensions["log_store"], "rollback", busy)
    answer = owner.post("/admin/batches/1/rollback", data={"confirm": "yes"}, follow_redirects=True)
    assert "try again in a moment" in read(answer).text


def test_every_watched_field_has_a_name_in_both_languages() -> None:
    book = read_rules(RULES_DIR, "source_fields")
    assert set(book["field"]) == set(WATCHED_FIELDS)
    for language in ("en", "zh"):
        assert all(gap.name for gap in gaps(book, "litellm", WATCHED_FIELDS, language))
