"""`flask rules check`: the rule files prove themselves."""

from __future__ import annotations

import pytest
from flask import Flask

from app.cli.rules import CHECKS

FILES = (
    "redaction",
    "causes",
    "playbooks",
    "questions",
    "clients",
    "models",
    "matching",
    "synonyms",
    "articles",
    "formats",
    "service",
    "hand_off",
    "macros",
    "mail",
    "warnings",
    "failures",
)


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["rules", "check", *arguments])
    return result.exit_code, result.output


def test_every_rule_file_is_proved(app: Flask) -> None:
    code, output = run(app)
    assert code == 0, output
    assert [line.partition(":")[0] for line in output.splitlines()] == ["redaction", *(name for name in CHECKS if name != "redaction")]
    assert set(CHECKS) == set(FILES)


def test_a_fault_is_named_with_its_file_and_fails_the_command(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHECKS, "playbooks", lambda _file, _verbose: ["key-invalid: no playbook is for this cause"])
    code, output = run(app, "playbooks")
    assert code == 1
    assert "playbooks: key-invalid: no playbook is for this cause" in output


def test_one_file_alone_can_be_asked_for(app: Flask) -> None:
    assert run(app, "models") == (0, "models: 0 problems\n")
