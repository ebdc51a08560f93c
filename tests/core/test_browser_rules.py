"""Which rules leave for the browser, and how Python's patterns are said in JavaScript."""

from __future__ import annotations

import json

import pytest

from app.core.browser_rules import CHECKS, NotInJavaScript, browser_rules, javascript
from app.store.rulebook import RULES_DIR, read_rules

RULES = read_rules(RULES_DIR, "redaction")


@pytest.mark.parametrize(
    ("python", "other"),
    [
        (r"(?P<secret>sk-[a-z]+)", r"(?<secret>sk-[a-z]+)"),
        (r"(?P<a>.)(?P=a){3}", r"(?<a>.)\k<a>{3}"),
        (r"(?i:(?<![a-z])bearer) x", r"(?:(?<![a-zA-Z])[bB][eE][aA][rR][eE][rR]) x"),
        (r"(?i:a(?:b)c)d", r"(?:[aA](?:[bB])[cC])d"),
        (r"(?i:\(?token\)?)x", r"(?:\(?[tT][oO][kK][eE][nN]\)?)x"),
        (r"[)(?i:+*]+a", r"[)(?i:+*]+a"),
        (r"\(\?P<x>", r"\(\?P<x>"),
    ],
)
def test_patterns_are_said_in_javascript(python: str, other: str) -> None:
    assert javascript(python) == other


@pytest.mark.parametrize("pattern", ["(?>a+)", "a++", "a?+", "a{2}+", r"\Aa", r"a\Z", "(?x: a)", "(?(1)a|b)", r"(?i:[\w])"])
def test_what_javascript_cannot_say_is_refused(pattern: str) -> None:
    with pytest.raises(NotInJavaScript):
        javascript(pattern)


def test_the_sure_rules_leave_and_the_others_stay() -> None:
    exported = {rule["id"] for rule in browser_rules(RULES)["rules"]}
    assert {"openai-project", "anthropic", "sk-family", "jwt", "bearer", "private-key", "url-password", "github"} <= exported
    assert not exported & {"email", "phone-cn", "ipv4", "card", "key-hash"}


def test_a_rule_file_that_says_which_is_followed() -> None:
    rules = {**RULES, "shape": [entry | {"browser": entry["id"] == "jwt"} for entry in RULES["shape"]]}
    assert [rule["id"] for rule in browser_rules(rules)["rules"]] == ["jwt"]


def test_every_exported_check_is_one_the_script_knows() -> None:
    assert {rule["check"] for rule in browser_rules(RULES)["rules"]} <= CHECKS
    json.dumps(browser_rules(RULES))
