"""`flask redact` filters standard input; `flask redact scan` reads what is stored."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.core.redacted_text import seal
from app.store.database import db
from app.store.models import Note
from tests.canaries import canaries
from tests.conftest import NOW
from tests.world import World, inhabit

LEAK = canaries()[0]


@pytest.fixture
def world(app: Flask) -> World:
    return inhabit(app)


def leak(world: World) -> None:
    db.session.add(Note(ticket_id=world.guest_ticket, author_id=1, body=seal(f"it was {LEAK.planted}"), created_at=NOW))
    db.session.commit()


def test_lines_in_are_lines_out(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["redact"], input=json.dumps({"id": "a", "text": f"key {LEAK.planted}"}) + "\n")
    line = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert (line["id"], [finding["rule"] for finding in line["findings"]]) == ("a", ["openai-project"])
    assert LEAK.probe not in answer.output


def test_a_line_that_is_no_document_is_named_by_number_alone(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["redact"], input=f'{{"id": "{LEAK.planted}"}}\n')
    assert answer.exit_code == 1
    assert "line 1" in answer.output
    assert LEAK.probe not in answer.output


def test_a_clean_desk_scans_clean(world: World) -> None:
    answer = world.app.test_cli_runner().invoke(args=["redact", "scan"])
    assert answer.exit_code == 0
    assert answer.stdout == ""


def test_a_slip_is_told_by_place_and_fails_until_it_is_fixed(world: World) -> None:
    leak(world)
    run = world.app.test_cli_runner().invoke
    found, fixed, again = run(args=["redact", "scan"]), run(args=["redact", "scan", "--fix"]), run(args=["redact", "scan"])
    assert (found.exit_code, found.stdout) == (1, "note\tbody\t1\topenai-project\t1\tfound\n")
    assert (fixed.exit_code, fixed.stdout) == (0, "note\tbody\t1\topenai-project\t1\tfixed\n")
    assert (again.exit_code, again.stdout) == (0, "")
    assert LEAK.probe not in found.output + fixed.output
