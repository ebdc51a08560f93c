"""Every redaction rule is proved by the examples beside it."""

from copy import deepcopy

from app.core.redaction.check import check_redaction_rules
from app.core.redaction.examples import expand
from app.store.rulebook import RULES_DIR, read_rules

RULES = read_rules(RULES_DIR, "redaction")


def problems(**changes: object) -> list[str]:
    """What the check says when the first rule is changed."""
    rules = deepcopy(RULES)
    rules["shape"][0] |= changes
    return list(check_redaction_rules(rules).problems)


def test_all_rules_hold():
    assert check_redaction_rules(RULES).problems == ()


def test_a_hit_that_is_not_found_is_a_problem():
    assert any("hit 1 is not found" in problem for problem in problems(hits=["nothing to see"]))


def test_a_hit_that_stays_readable_is_a_problem():
    assert any("still readable" in problem for problem in problems(hits=["sk-proj-{u:40} «and this»"]))


def test_a_miss_that_changes_is_a_problem():
    assert any("miss 1 is changed" in problem for problem in problems(misses=["password: hunter2!"]))


def test_a_rule_without_examples_or_first_pass_is_a_problem():
    assert any("needs hits and misses" in problem for problem in problems(misses=[]))
    assert any("first pass" in problem for problem in problems(heads=[]))
    assert any("severity" in problem for problem in problems(severity="awful"))


def test_overlapping_rules_are_reported_and_the_narrow_one_speaks():
    assert ("anthropic", "sk-family") in check_redaction_rules(RULES).overlaps


def test_examples_are_the_same_in_every_run_and_differ_by_seed():
    assert expand("k {an:20}") == expand("k {an:20}")
    assert expand("k {an:20}", 1) != expand("k {an:20}", 2)
    assert expand("a «b» {hex:4}").secrets == ("b",)
