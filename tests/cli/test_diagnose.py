"""`flask diagnose`: the filter, the report and the case files."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core.roles import Role
from app.operations import tickets as operations
from app.store import tickets
from tests.conftest import NOW
from tests.world import World, inhabit


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def run(app: Flask, *arguments: str | Path, stdin: str = "") -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["diagnose", *map(str, arguments)], input=stdin)
    return result.exit_code, result.output


def confirm(world: World, number: int, cause: str) -> None:
    ticket = tickets.by_id(number)
    assert ticket is not None
    operations.confirm_cause(ticket, cause, world.users[Role.AGENT], world.app.extensions["rulebook"], NOW + timedelta(hours=1))


def test_reports_go_in_and_causes_come_out_in_order(app: Flask) -> None:
    lines = [{"id": "a", "status": 401, "error_text": "无效的令牌"}, {"id": "b", "status": "429", "error_text": "max RPM: 3"}]
    code, output = run(app, stdin="\n".join(json.dumps(line) for line in lines))
    answers = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [(answer["id"], answer["causes"][0]["cause"]) for answer in answers] == [("a", "key-invalid"), ("b", "rate-limit-rpm")]


def test_a_report_without_confirmed_tickets_says_what_to_do(app: Flask) -> None:
    code, output = run(app, "report")
    assert (code, "No ticket has a confirmed cause yet" in output) == (0, True)


def test_the_report_counts_what_the_desk_said_before_the_confirmation(app: Flask, world: World) -> None:
    confirm(world, world.own_ticket, "rate-limit-rpm")
    confirm(world, world.guest_ticket, "balance-insufficient")
    output = run(app, "report")[1]
    assert "2 tickets with a confirmed cause" in output
    assert "right first          50% (1 of 2)" in output
    assert "rate-limit-rpm → balance-insufficient" in output
    assert "Calibration" in output


def test_a_confirmed_ticket_becomes_a_case_once(app: Flask, world: World, tmp_path: Path) -> None:
    confirm(world, world.guest_ticket, "rate-limit-rpm")
    path = tmp_path / "cases.jsonl"
    assert "added to" in run(app, "case", str(world.guest_ticket), "--file", path)[1]
    assert "already in" in run(app, "case", str(world.guest_ticket), "--file", path)[1]
    (case,) = (json.loads(line) for line in path.read_text().splitlines())
    assert (case["cause"], case["client"], case["status"]) == ("rate-limit-rpm", "Cherry Studio", 429)
    assert "9f3c" not in path.read_text()
    assert world.request_id not in path.read_text()


def test_a_ticket_nobody_confirmed_makes_no_case(app: Flask, world: World, tmp_path: Path) -> None:
    code, output = run(app, "case", str(world.guest_ticket), "--file", tmp_path / "cases.jsonl")
    assert (code, "nobody has confirmed" in output) == (1, True)
    assert not (tmp_path / "cases.jsonl").exists()
    assert run(app, "case", "999")[0] == 1
