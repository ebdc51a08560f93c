"""`flask match`: tickets in, log records out, one answer a line, in order."""

from __future__ import annotations

import hashlib
import json

import pytest
from flask import Flask

from tests.conftest import NOW
from tests.world import KEY, World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def match(app: Flask, *lines: object, options: tuple[str, ...] = ()) -> list[dict[str, object]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    result = app.test_cli_runner().invoke(args=["match", *options], input=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


TICKET = {"id": "t-1", "model": "gpt-4o", "status": 429, "request_time": NOW.isoformat(), "time_tolerance_minutes": 10}


def test_a_ticket_finds_its_line_with_reasons(app: Flask, world: World) -> None:
    [answer] = match(app, TICKET | {"key_hash": hashlib.sha256(KEY.encode()).hexdigest(), "error_text": "Rate limit reached"})
    best = answer["matches"][0]  # type: ignore[index]
    assert (answer["id"], best["request_id"]) == ("t-1", world.request_id)
    assert best["probability"] > 0.5
    assert best["reasons"]


def test_reasons_are_given_in_chinese_on_request(app: Flask, world: World) -> None:
    [answer] = match(app, TICKET, options=("--language", "zh"))
    reasons = " ".join(answer["matches"][0]["reasons"])  # type: ignore[index]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in reasons)


def test_answers_keep_the_order_of_the_tickets(app: Flask, world: World) -> None:
    lines = [TICKET | {"id": number} for number in (3, 1, 2)]
    assert [answer["id"] for answer in match(app, *lines)] == [3, 1, 2]


def test_a_ticket_of_another_time_finds_nothing(app: Flask, world: World) -> None:
    [answer] = match(app, TICKET | {"request_time": "2026-01-01T00:00:00Z", "time_tolerance_minutes": 5})
    assert answer["matches"] == []


@pytest.mark.parametrize(
    "odd", [{"status": "429"}, {"request_time": "soon"}, {"model": None}, {"error_text": 7}, {"key_hash": "x"}, {"stream": "yes"}]
)
def test_odd_values_are_read_as_unknown(app: Flask, world: World, odd: dict[str, object]) -> None:
    assert len(match(app, TICKET | odd)) == 1


def test_a_line_that_is_no_ticket_is_named_by_number_and_not_quoted(app: Flask, world: World) -> None:
    result = app.test_cli_runner().invoke(args=["match"], input='{"id": 1}\n{"secret": "sk-abcdef"}\n')
    assert result.exit_code == 1
    assert "line 2" in result.output
    assert "sk-abcdef" not in result.output
