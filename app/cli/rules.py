"""`flask rules`: proves the rule files by the examples inside them."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.redaction.check import check_redaction_rules
from app.core.rule_checks import CHECKS, Rules
from app.core.rulebook import Rulebook
from app.settings import Settings
from app.store.kb_files import article_files
from app.store.rulebook import RULES_DIR, read_rules

REDACTION = "redaction"


@click.group("rules")
def rules_group() -> None:
    """The rule files."""


@rules_group.command("check")
@click.argument("names", nargs=-1, type=click.Choice([REDACTION, *CHECKS]))
@click.option("--verbose", is_flag=True, help="List overlapping redaction rules too.")
@with_appcontext
def check_command(names: tuple[str, ...], verbose: bool) -> None:
    """Prove every rule, or those of the NAMES, by its hits and misses; fails when one does not hold."""
    problems = list(_problems(names or (REDACTION, *CHECKS), verbose))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems")


def _problems(names: tuple[str, ...], verbose: bool) -> Iterator[str]:
    """Every problem, with the rule file it is in; says on the way how each file stands."""
    rules = _rules()
    for name in names:
        found = check_redaction(verbose) if name == REDACTION else CHECKS[name](rules)
        if name != REDACTION:
            click.echo(f"{name}: {len(found)} problems")
        yield from (f"{name}: {problem}" for problem in found)


def check_redaction(verbose: bool) -> list[str]:
    """Problems of the redaction rules; with `verbose`, overlaps are printed too."""
    report = check_redaction_rules(read_rules(RULES_DIR, REDACTION))
    click.echo(f"redaction: {report.rules} rules, {len(report.problems)} problems, {len(report.overlaps)} overlaps")
    for rule, other in report.overlaps if verbose else ():
        click.echo(f"  {rule} and {other} both claim an example of {rule}")
    return list(report.problems)


def _rules() -> Rules:
    """The rules in force, their files, and the articles of the knowledge base's folder."""
    rulebook: Rulebook = current_app.extensions["rulebook"]
    settings: Settings = current_app.extensions["settings"]
    slugs = frozenset(file.slug for file in article_files(settings.kb_dir))
    return Rules(rulebook, {name: read_rules(RULES_DIR, name) for name in CHECKS}, slugs)
