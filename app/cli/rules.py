"""`flask rules`: proves the rule files by the examples inside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from app.core.redaction.check import check_redaction_rules
from app.store.rulebook import RULES_DIR, read_rules


def check_redaction(rules: Mapping[str, Any], verbose: bool) -> list[str]:
    """Problems of the redaction rules; with `verbose`, overlaps are printed too."""
    report = check_redaction_rules(rules)
    click.echo(f"redaction: {report.rules} rules, {len(report.problems)} problems, {len(report.overlaps)} overlaps")
    for rule, other in report.overlaps if verbose else ():
        click.echo(f"  {rule} and {other} both claim an example of {rule}")
    return list(report.problems)


# One entry per rule file: a function that takes the parsed file and returns its problems.
CHECKS: dict[str, Callable[[Mapping[str, Any], bool], list[str]]] = {"redaction": check_redaction}


@click.group("rules")
def rules_group() -> None:
    """The rule files."""


@rules_group.command("check")
@click.option("--verbose", is_flag=True, help="List overlapping rules too.")
def check_command(verbose: bool) -> None:
    """Prove every rule by its hits and misses; fails when one does not hold."""
    problems = [f"{name}: {problem}" for name, check in CHECKS.items() for problem in check(read_rules(RULES_DIR, name), verbose)]
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems")
