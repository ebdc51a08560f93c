"""`flask match`: tickets in, log records out, in order."""

from __future__ import annotations

import hashlib
import json

import pytest
from flask import Flask

from app.core.key_ref import fingerprint
from tests.conftest import NOW
from tests.matching import LIMIT, a_failure, strangers

KEY_HASH = hashlib.sha256(b"sk-synthetic-key-for-tests-9f3c").hexdigest()


@pytest.fixture
def log(app: Flask) -> Flask:
    mine = a_failure(key_fingerprint=fingerprint(app.extensions["settings"].pepper, KEY_HASH))
    app.extensions["log_store"].append("ndjson", [mine, *strangers()], (), NOW)
    return app


def run(app: Flask, *tickets: dict[str, object], options: tuple[str, ...] = ()) -> list[dict]:
    lines = "\n".join(json.dumps(ticket) for ticket in tickets)
    result = app.test_cli_runner().invoke(args=["match", *options], input=lines)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_each_ticket_is_answered_in_order(log):
    full = {
        "id": "t1",
        "key_hash": KEY_HASH,
        "model": "GPT-4o",
        "status": 429,
        "request_time": NOW.isoformat(),
        "time_tolerance_minutes": 5,
    }
    nothing = {"id": "t2", "model": None, "status": None, "request_time": None}
    answers = run(log, full, nothing, full | {"id": "t3"})
    assert [answer["id"] for answer in answers] == ["t1", "t2", "t3"]
    best = answers[0]["matches"][0]
    assert best["request_id"] == "call-1"
    assert best["probability"] > 0.9
    assert best["reasons"] == ["same key fingerprint", "same model", "429", "0 s apart"]


def test_what_the_error_text_says_need_not_be_said_again(log):
    text = f"[Cherry Studio] Error code: 429 - {LIMIT}"
    answer = run(log, {"id": 1, "error_text": text, "request_time": NOW.isoformat()})[0]
    assert {"429", "same error text"} <= set(answer["matches"][0]["reasons"])


def test_a_time_without_a_zone_is_utc_and_a_broken_one_is_none(log):
    ticket = {"id": 1, "key_hash": KEY_HASH, "status": 429}
    plain, broken = run(log, ticket | {"request_time": NOW.replace(tzinfo=None).isoformat()}, ticket | {"request_time": "yesterday"})
    assert "0 s apart" in plain["matches"][0]["reasons"]
    assert broken["matches"][0]["request_id"] == "call-1"


def test_reasons_come_in_chinese_when_asked_for(log):
    ticket = {"id": 1, "key_hash": KEY_HASH, "status": 429, "request_time": NOW.isoformat()}
    assert "密钥指纹相同" in run(log, ticket, options=("--language", "zh"))[0]["matches"][0]["reasons"]


@pytest.mark.parametrize("line", ["{broken PLANTED", '["PLANTED"]', '{"text": "PLANTED"}'])
def test_a_line_that_is_no_ticket_is_named_and_never_shown(app, line):
    result = app.test_cli_runner().invoke(args=["match"], input=line)
    assert result.exit_code == 1
    assert "line 1" in result.output
    assert "PLANTED" not in result.output


def test_odd_values_are_taken_as_not_said(log):
    odd = {
        "id": 1,
        "status": "429",
        "stream": "yes",
        "key_mask": "no mask",
        "key_hash": "short",
        "time_tolerance_minutes": None,
        "client": 7,
    }
    assert run(log, odd)[0]["id"] == 1
