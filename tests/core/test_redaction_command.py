"""`flask redact` and `flask rules check`."""

import io
import json

import click
import pytest
from click.testing import CliRunner

from app.cli.redact import redact_lines
from app.cli.rules import CHECKS, rules_group
from tests.core.redaction_cases.redactor import redactor


def answers(*lines: str) -> list[dict[str, object]]:
    out = io.StringIO()
    redact_lines(redactor(), io.BytesIO("\n".join(lines).encode()), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_lines_are_answered_in_order_with_places_in_the_input():
    first, second = answers('{"id": 1, "text": "密码：Tiger-4711!"}', '{"id": "b", "text": "fine"}')
    assert first["id"] == 1
    assert first["text"] == "密码：[hidden]!"
    assert first["findings"] == [{"rule": "labelled-password", "start": 3, "end": 13}]
    assert second == {"id": "b", "text": "fine", "findings": []}


@pytest.mark.parametrize("line", ["secret-4711 is not JSON", '{"id": 1}', '{"id": 1, "text": 5}', "[]"])
def test_a_bad_line_is_named_by_its_number_and_not_repeated(line):
    with pytest.raises(click.ClickException) as caught:
        answers('{"id": 0, "text": ""}', line)
    assert "line 2" in caught.value.message
    assert "4711" not in caught.value.message


def test_rules_check_is_content_with_the_rules():
    result = CliRunner().invoke(rules_group, ["check", "redaction", "--verbose"])
    assert result.exit_code == 0
    assert "0 problems" in result.output
    assert "both claim" in result.output


def test_rules_check_fails_on_a_problem(monkeypatch):
    monkeypatch.setitem(CHECKS, "redaction", lambda *_: ["some-rule: hit 1 is still readable"])
    result = CliRunner().invoke(rules_group, ["check", "redaction"])
    assert result.exit_code == 1
    assert "some-rule" in result.output
