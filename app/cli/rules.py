"""`flask rules`: proves the rule files by the examples inside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import click
from flask import current_app

from app.core.adapters.declared.proof import check_mapping
from app.core.fields import FieldCleaner
from app.core.redaction.check import check_redaction_rules
from app.core.rule_checks import CHECKS as BOOK_CHECKS
from app.core.rule_checks import Rules
from app.settings import PROJECT_ROOT
from app.store.formats import read_mappings
from app.store.kb_files import article_files
from app.store.rulebook import RULES_DIR, load_rulebook, read_rules

Check = Callable[[Mapping[str, Any], bool], list[str]]


def check_redaction(rules: Mapping[str, Any], verbose: bool) -> list[str]:
    """Problems of the redaction rules; with `verbose`, overlaps are printed too."""
    report = check_redaction_rules(rules)
    click.echo(f"redaction: {report.rules} rules, {len(report.problems)} problems, {len(report.overlaps)} overlaps")
    for rule, other in report.overlaps if verbose else ():
        click.echo(f"  {rule} and {other} both claim an example of {rule}")
    return list(report.problems)


def _within_the_book(name: str) -> Check:
    """The check of a file whose rules are proved together with all others."""

    def check(_file: Mapping[str, Any], _verbose: bool) -> list[str]:
        problems = BOOK_CHECKS[name](_rules())
        click.echo(f"{name}: {len(problems)} problems")
        return problems

    return check


def check_formats(_file: Mapping[str, Any], _verbose: bool) -> list[str]:
    """Problems of the declared log formats, the project's own and those of GATEDESK_FORMATS_DIR."""
    here = current_app.extensions
    clean = FieldCleaner(here["rulebook"].redactor, here["settings"].pepper)
    mappings = list(read_mappings(here["settings"].formats_dir))
    problems = [f"{mapping.name}: {problem}" for mapping in mappings for problem in check_mapping(mapping, clean)]
    click.echo(f"formats: {len(mappings)} formats, {len(problems)} problems")
    return problems


# One entry per rule file: a function that takes the parsed file and returns its problems.
CHECKS: dict[str, Check] = {
    "redaction": check_redaction,
    **{name: _within_the_book(name) for name in BOOK_CHECKS},
    "formats": check_formats,  # a file per format, each read on its own
}


@click.group("rules")
def rules_group() -> None:
    """The rule files."""


@rules_group.command("check")
@click.argument("names", nargs=-1, type=click.Choice(list(CHECKS)))
@click.option("--verbose", is_flag=True, help="List overlapping redaction rules too.")
def check_command(names: tuple[str, ...], verbose: bool) -> None:
    """Prove every rule, or those of the files NAMES, by its hits and misses; fails when one does not hold."""
    wanted = names or tuple(CHECKS)
    problems = [f"{name}: {problem}" for name in wanted for problem in CHECKS[name](_file(name), verbose)]
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} problems")


def _file(name: str) -> Mapping[str, Any]:
    return {} if name == "formats" else read_rules(RULES_DIR, name)


@cache
def _rules() -> Rules:
    """The rules as the files have them, and the articles that come with them."""
    slugs = frozenset(file.slug for file in article_files(PROJECT_ROOT / "kb"))
    return Rules(load_rulebook(b"check"), {name: read_rules(RULES_DIR, name) for name in BOOK_CHECKS}, slugs)
