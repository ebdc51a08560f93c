"""`flask rules check`: the rule files prove themselves."""

from __future__ import annotations

from dataclasses import replace

from flask import Flask

from app.core.playbook import PlaybookBook
from app.settings import PROJECT_ROOT


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    app.extensions["settings"] = replace(app.extensions["settings"], kb_dir=PROJECT_ROOT / "kb")
    result = app.test_cli_runner().invoke(args=["rules", "check", *arguments])
    return result.exit_code, result.output


def test_every_rule_file_is_proved(app: Flask) -> None:
    code, output = run(app)
    assert code == 0, output
    for name in ("redaction", "causes", "playbooks", "questions", "clients", "models", "matching", "synonyms", "articles"):
        assert f"{name}: " in output


def test_a_fault_is_named_and_fails_the_command(app: Flask) -> None:
    app.extensions["rulebook"] = replace(app.extensions["rulebook"], playbooks=PlaybookBook({}))
    code, output = run(app, "playbooks")
    assert code == 1
    assert "playbooks: key-invalid: no playbook is for this cause" in output


def test_one_file_alone_can_be_asked_for(app: Flask) -> None:
    code, output = run(app, "models")
    assert (code, output.strip()) == (0, "models: 0 problems")
