"""Keys for staff: a list, one page per key; amounts for those who may see them; nothing for anybody else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.keys import KeyFacts
from app.core.record import Outcome
from app.core.roles import Role
from app.store import keys
from app.store.database import db
from app.store.models import AuditEntry
from tests.conftest import NOW
from tests.log_records import START, a_record
from tests.pages import read
from tests.sql import statements
from tests.world import World, inhabit

MOMENT = int(NOW.timestamp() * 1000)


@pytest.fixture
def world(app: Flask) -> World:
    world = inhabit(app)
    redactor = app.extensions["rulebook"].redactor
    facts = {"prefix": "sk-", "last4": "9f3c", "last_seen": MOMENT, "last_ok": MOMENT - 9000}
    amounts = {"quota_micros": 7_350_000, "spent_micros": 7_250_000}
    owned = KeyFacts("a" * 32, "litellm", fingerprint="a" * 32, alias="ada-laptop", owner="ada", **amounts, **facts)
    keys.keep([owned, KeyFacts("b" * 32, "new_api", alias="stray", **facts)], redactor, NOW)
    db.session.commit()
    return world


def page(world: World, role: Role, address: str):
    return read(world.client(role).get(address))


def test_the_list_shows_state_and_level_and_says_how_many_have_no_owner(world):
    shown = page(world, Role.AGENT, "/desk/keys").text
    for words in ("ada-laptop", "failing since its last success", "little left", "1 key has no owner"):
        assert words in shown


def test_keys_without_an_owner_can_be_asked_for(world):
    shown = page(world, Role.AGENT, "/desk/keys?owner=none").text
    assert "stray" in shown
    assert "ada-laptop" not in shown


def test_the_list_searches_by_ending_and_says_when_nothing_fits(world):
    assert "ada-laptop" in page(world, Role.AGENT, "/desk/keys?q=9f3c").text
    assert "No key fits" in page(world, Role.AGENT, "/desk/keys?q=nobody").text


def test_a_key_has_a_page_that_says_its_ending_is_shared_and_reading_it_is_audited(world):
    number = keys.by_fingerprint("a" * 32).id
    shown = page(world, Role.AGENT, f"/desk/keys/{number}").text
    assert "1 other key has the same ending" in shown
    assert db.session.scalars(select(AuditEntry.object_id).where(AuditEntry.object_kind == "key")).all() == [str(number)]


def test_amounts_are_for_managers_and_owners_words_for_agents(world):
    number = keys.by_fingerprint("a" * 32).id
    seen = {role: "7.35" in page(world, role, f"/desk/keys/{number}").text for role in (Role.AGENT, Role.MANAGER, Role.OWNER)}
    assert seen == {Role.AGENT: False, Role.MANAGER: True, Role.OWNER: True}


def test_an_unknown_key_is_not_found(world):
    assert world.client(Role.AGENT).get("/desk/keys/999").status_code == 404


@pytest.mark.parametrize("role", [None, Role.USER, Role.EDITOR])
def test_nobody_else_sees_any_of_it(world, role):
    for address in ("/desk/keys", "/desk/keys/1"):
        answer = world.client(role).get(address)
        assert answer.status_code in {303, 403}
        assert "ada-laptop" not in answer.text


def test_the_list_takes_a_fixed_number_of_statements(world):
    client = world.client(Role.AGENT)
    client.get("/desk/keys")
    with statements() as few:
        client.get("/desk/keys")
    more = [KeyFacts(f"{n:032x}", "litellm", alias=f"key {n}") for n in range(40)]
    keys.keep(more, world.app.extensions["rulebook"].redactor)
    db.session.commit()
    with statements() as many:
        client.get("/desk/keys")
    assert len(many) == len(few)


def test_a_request_says_which_others_look_like_tries_of_it(world):
    key = {
        "key_fingerprint": "c" * 32,
        "key_last4": "zzzz",
        "client": "OpenAI/Python 1.109.1",
        "outcome": Outcome.ERROR,
        "status_code": 503,
    }
    tries = [a_record(f"try-{n}", started_at=START + n * 3000, latency_ms=40, **key) for n in (1, 2)]
    world.app.extensions["log_store"].append("ndjson", tries, [], NOW)
    shown = read(world.client(Role.AGENT).get("/logs/try-1"))
    assert "Perhaps tries of the same action" in shown.text
    assert "/logs/try-2" in shown.links
