"""What records and a gateway's own lists say of keys."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from app.core.key_ref import fingerprint
from app.core.key_snapshot import SnapshotError, read_snapshot, with_team_names
from app.core.keys import KeyFacts, KeyState, Level, identity, key_state, level, observe
from app.core.record import Outcome
from tests.conftest import NOW
from tests.log_records import START, a_record

PEPPER = b"a pepper of the tests"
DAY_MS = 86_400_000
FULL_KEY = "sk-" + "Qm7Z" * 11 + "9f3c"
TOKEN = hashlib.sha256(FULL_KEY.encode()).hexdigest()
MOMENT = int(NOW.timestamp() * 1000)


def test_a_key_is_told_by_its_fingerprint_and_without_one_by_source_alias_and_ending():
    assert identity("litellm", "a" * 32, "ada", "9f3c") == "a" * 32
    assert identity("new_api", None, "ada", None) != identity("one_api", None, "ada", None)
    assert identity("new_api", None, None, None) is None


def test_records_tell_when_a_key_was_seen_when_it_worked_and_what_it_is_called_now():
    key = {"key_fingerprint": "a" * 32, "key_last4": "9f3c"}
    records = [
        a_record("late", started_at=START + 9000, outcome=Outcome.ERROR, status_code=429, key_alias="new name", **key),
        a_record("good", started_at=START + 5000, key_alias="old name", owner="ada", **key),
        a_record("first", started_at=START, **key),
        a_record("nobody", started_at=START),
    ]
    (facts,) = observe(records).values()
    assert (facts.alias, facts.owner, facts.last_status) == ("new name", "ada", 429)
    assert (facts.first_seen, facts.last_ok, facts.last_seen) == (START, START + 5000, START + 9000)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"blocked": True, "last_seen": MOMENT}, KeyState.BLOCKED),
        ({"expires_at": MOMENT - 1, "last_seen": MOMENT}, KeyState.EXPIRED),
        ({"quota_micros": 5, "spent_micros": 5, "last_seen": MOMENT}, KeyState.USED_UP),
        ({}, KeyState.UNUSED),
        ({"last_seen": MOMENT - 40 * DAY_MS}, KeyState.IDLE),
        ({"last_seen": MOMENT, "last_ok": MOMENT - 5}, KeyState.FAILING),
        ({"last_seen": MOMENT, "last_ok": MOMENT}, KeyState.ACTIVE),
    ],
)
def test_the_state_of_a_key(facts, state):
    assert key_state(KeyFacts("id", "litellm", **facts), NOW) is state


def test_what_is_left_is_said_in_words():
    amounts = [(100, 5), (100, 95), (100, 100), (None, 5)]
    assert [level(KeyFacts("id", "litellm", quota_micros=quota, spent_micros=spent)) for quota, spent in amounts] == [
        Level.ENOUGH,
        Level.LITTLE,
        Level.NOTHING,
        Level.UNKNOWN,
    ]
    assert level(KeyFacts("id", "litellm", unlimited=True)) is Level.UNLIMITED


def test_litellm_keys_are_read_by_allow_list_and_meet_their_records_by_fingerprint():
    entry = {
        "token": TOKEN, "key_name": "sk-...9f3c", "key_alias": "ada-laptop", "user_id": "ada", "team_id": "t1", "spend": 1.5,
        "max_budget": 2,
        "blocked": None, "expires": (NOW + timedelta(days=1)).isoformat(), "key": FULL_KEY, "metadata": {"secret": FULL_KEY},
    }  # fmt: skip
    body = json.dumps({"keys": [entry, "a-bare-hash"], "total_count": 2}).encode()
    (key,) = with_team_names(read_snapshot(body, "litellm", PEPPER).keys, [("t1", "search team")])
    assert key.identity == key.fingerprint == fingerprint(PEPPER, TOKEN)
    assert (key.last4, key.alias, key.owner, key.group) == ("9f3c", "ada-laptop", "ada", "search team")
    assert (key.quota_micros, key.spent_micros, key.blocked) == (2_000_000, 1_500_000, False)
    assert FULL_KEY not in repr(key)
    assert TOKEN not in repr(key)


def test_a_key_where_the_hash_should_be_is_not_kept():
    body = json.dumps({"keys": [{"token": FULL_KEY, "key_alias": "careless"}]}).encode()
    (key,) = read_snapshot(body, "litellm", PEPPER).keys
    assert (key.fingerprint, key.alias) == (None, "careless")
    assert FULL_KEY not in repr(key)


def test_new_api_tokens_are_read_without_their_key():
    token = {"id": 3, "key": FULL_KEY, "name": "ada", "status": 2, "remain_quota": 250_000, "used_quota": 250_000, "expired_time": -1}
    for body in ({"data": {"items": [token], "total": 1}, "success": True}, {"data": [token]}):
        (key,) = read_snapshot(json.dumps(body).encode(), "new_api", PEPPER).keys
        assert (key.alias, key.blocked, key.quota_micros, key.spent_micros) == ("ada", True, 1_000_000, 500_000)
        assert (key.expires_at, FULL_KEY in repr(key)) == (None, False)


def test_models_and_teams_are_names_only():
    info = {"data": [{"model_name": "gpt-4o", "litellm_params": {"api_key": FULL_KEY}, "model_info": {}}, {"model_name": "gpt-4o"}]}
    assert read_snapshot(json.dumps(info).encode(), "litellm", PEPPER).models == ("gpt-4o",)
    assert read_snapshot(b'{"object":"list","data":[{"id":"qwen-max"}]}', "new_api", PEPPER).models == ("qwen-max",)
    assert read_snapshot(b'[{"team_id":"t1","team_alias":"search"},{"team_id":"t2"}]', "litellm", PEPPER).teams == (
        ("t1", "search"),
        ("t2", "t2"),
    )


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b'{"detail":"sk-secret"}', b"[1]", b"\xff\xfe", b"[" * 5000])
def test_any_other_answer_is_refused_without_being_quoted(body):
    with pytest.raises(SnapshotError) as refused:
        read_snapshot(body, "litellm", PEPPER)
    assert "sk-" not in str(refused.value)
