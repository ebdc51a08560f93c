"""The key registry follows the log and the gateway's own lists."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.key_ref import fingerprint
from app.core.record import Outcome
from app.operations.keys import rebuild_keys, recent_requests, refresh_keys, take_snapshot
from app.store import keys
from app.store.database import db
from tests.canaries import canaries
from tests.conftest import NOW
from tests.log_records import START, a_record

MARK = "a" * 32


@pytest.fixture
def desk(app: Flask):
    return app.extensions["log_store"], app.extensions["rulebook"].redactor, app.extensions["settings"].pepper


def a_request(number: int, **changes):
    fields = {
        "key_fingerprint": MARK,
        "key_last4": "9f3c",
        "key_prefix": "sk-",
        "key_alias": "ada-laptop",
        "started_at": START + number * 1000,
    }
    return a_record(f"call-{number}", **(fields | changes))


def test_keys_are_learnt_from_new_records_and_learning_again_changes_nothing(desk):
    store, redactor, _pepper = desk
    store.append("ndjson", [a_request(1), a_request(2, outcome=Outcome.ERROR, status_code=429)], [], NOW)
    assert [refresh_keys(store, redactor, NOW), refresh_keys(store, redactor, NOW)] == [1, 0]
    row = keys.by_fingerprint(MARK)
    assert (row.alias, row.last4, row.last_status, row.owner) == ("ada-laptop", "9f3c", 429, None)
    assert row.last_seen - row.last_ok == timedelta(seconds=1)


def test_a_record_that_comes_late_does_not_undo_what_is_newer(desk):
    store, redactor, _pepper = desk
    store.append("ndjson", [a_request(100, key_alias="new")], [], NOW)
    refresh_keys(store, redactor, NOW)
    store.append("ndjson", [a_request(1, key_alias="old", owner="ada")], [], NOW)
    rebuild_keys(store, redactor)
    row = keys.by_fingerprint(MARK)
    assert (row.alias, row.owner) == ("new", "ada")
    assert row.last_seen - row.first_seen == timedelta(seconds=99)


def test_a_snapshot_names_the_keys_of_the_log(desk):
    store, redactor, pepper = desk
    token = hashlib.sha256(b"sk-of-ada").hexdigest()
    store.append("litellm", [a_request(1, key_fingerprint=fingerprint(pepper, token), key_alias=None)], [], NOW)
    refresh_keys(store, redactor, NOW)
    body = json.dumps({"keys": [{"token": token, "key_alias": "ada", "user_id": "ada.l", "max_budget": 10.0, "spend": 9.5}]}).encode()
    learnt = take_snapshot(body, "litellm", redactor, pepper, NOW)
    row = keys.by_fingerprint(fingerprint(pepper, token))
    assert (learnt.keys, learnt.new_keys) == (1, 0)
    assert (row.alias, row.owner, row.quota_micros, row.snapshot_at) == ("ada", "ada.l", 10_000_000, NOW)


def test_no_secret_of_a_list_is_kept(desk):
    _store, redactor, pepper = desk
    planted = canaries()
    entries = [{"token": c.planted, "key_alias": c.planted, "key_name": c.planted, "user_id": c.planted, "key": c.planted} for c in planted]
    take_snapshot(json.dumps({"keys": entries}).encode(), "litellm", redactor, pepper, NOW)
    take_snapshot(json.dumps({"data": [{"id": c.planted} for c in planted]}).encode(), "litellm", redactor, pepper, NOW)
    stored = repr([db.session.execute(text(f'SELECT * FROM "{name}"')).all() for name in ("gateway_key", "served_model")])
    assert [c.name for c in planted if c.probe in stored] == []


def test_the_models_of_a_gateway_are_those_of_its_last_list(desk):
    _store, redactor, pepper = desk
    for names in (["a", "b"], ["b", "c"]):
        take_snapshot(json.dumps({"data": [{"id": name} for name in names]}).encode(), "new_api", redactor, pepper, NOW)
    assert [model.name for model in keys.served_models()] == ["b", "c"]


def test_keys_are_found_by_ending_alias_owner_and_group_and_the_ownerless_are_counted(desk):
    store, redactor, _pepper = desk
    mine = a_request(1, owner="ada", group="search")
    store.append("ndjson", [mine, a_request(2, key_fingerprint="b" * 32, key_last4="0000", key_alias="bob_%")], [], NOW)
    refresh_keys(store, redactor, NOW)
    for words in ("9f3c", "sk-…9f3c", "laptop", "ADA", "search"):
        assert [key.last4 for key in keys.search(words).keys] == ["9f3c"]
    assert [key.last4 for key in keys.search("_%").keys] == ["0000"]
    assert (keys.search().total, keys.search().ownerless) == (2, 1)
    assert [key.last4 for key in keys.search(ownerless=True).keys] == ["0000"]


def test_a_key_without_fingerprint_has_its_own_requests_only(desk):
    store, redactor, _pepper = desk
    plain = {"key_fingerprint": None, "key_last4": None}
    store.append("new_api", [a_request(1, source="new_api", **plain), a_request(2, source="new_api", key_alias="bob", **plain)], [], NOW)
    refresh_keys(store, redactor, NOW)
    (row,) = [key for key in keys.search().keys if key.alias == "bob"]
    assert [record.request_id for record in recent_requests(row, store)] == ["call-2"]
