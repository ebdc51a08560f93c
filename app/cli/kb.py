"""`flask kb …`: search, import, export and check the knowledge base."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any, cast

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.setup import make_ready
from app.core.article_problem import Problem
from app.core.rulebook import Rulebook
from app.operations.article_checks import broken_links
from app.operations.kb_files import ImportReport, check_kb, export_kb, import_kb
from app.operations.link_checks import check_outside_links, links_elsewhere
from app.operations.suggestions import search_articles
from app.settings import Settings
from app.store.article_reviews import checked_links
from app.store.articles import all_published
from app.store.webhook_calls import status_of

kb_group = AppGroup("kb", help="Search, import, export and check the knowledge base.")


@kb_group.command("search")
def search_command() -> None:
    """Read JSON lines {"id","query","lang"}, write {"id","articles":[{"slug","lang","causes"}]}, best first, order kept."""
    make_ready()  # so that it works right after installing
    now = datetime.now(UTC)
    for line in sys.stdin:
        if line.strip():
            asked = json.loads(line)
            language = "zh" if str(asked.get("lang", "")).lower().startswith("zh") else "en"
            found = search_articles(str(asked["query"]), language, _rulebook(), now).found
            answer = {"id": asked["id"], "articles": [_row(suggestion.article) for suggestion in found]}
            click.echo(json.dumps(answer, ensure_ascii=False))


@kb_group.command("import")
@click.option("--overwrite", is_flag=True, help="Take changed files even where the article was changed in the desk.")
def import_command(overwrite: bool) -> None:
    """Take new and changed files of the kb folder in."""
    report = import_kb(_settings().kb_dir, _rulebook(), datetime.now(UTC), overwrite=overwrite)
    for word in ("created", "updated", "unchanged", "conflicts"):
        click.echo(f"{word}: {len(getattr(report, word))}")
    for name in report.conflicts:
        click.echo(f"  {name}: changed in the desk and in the file; the desk's text stays (--overwrite takes the file)")
    _say_problems(report)


@kb_group.command("export")
def export_command() -> None:
    """Write every published article to its file."""
    click.echo(f"wrote {export_kb(_settings().kb_dir)} articles to {_settings().kb_dir}")


@kb_group.command("check")
def check_command() -> None:
    """Check every file against the gate; exit code 1 when one does not pass."""
    report = check_kb(_settings().kb_dir, _rulebook())
    _say_problems(report)
    faulty = len(report.refused) + len(report.unreadable)
    click.echo(f"checked {len(report.unchanged) + faulty} files, {faulty} with problems")
    sys.exit(1 if faulty else 0)


@kb_group.command("links")
@click.option("--outside", is_flag=True, help="Ask the public addresses elsewhere as well; without it nothing leaves this machine.")
def links_command(outside: bool) -> None:
    """Check the links of published articles; exit code 1 when one leads nowhere."""
    published = all_published()
    broken = [f"{title}: {target}" for _number, title, target in broken_links(published)]
    if outside:
        check_outside_links(status_of, _rulebook().redactor, datetime.now(UTC))
        gone = {url: check.status for url, check in checked_links().items() if check.broken_since}
        broken += [f"{each.title}: {url} ({gone[url] or 'no answer'})" for each, url in links_elsewhere(published) if url in gone]
    for line in broken:
        click.echo(f"  {line}")
    click.echo(f"checked {len(published)} articles, {len(broken)} links lead nowhere")
    sys.exit(1 if broken else 0)


def _say_problems(report: ImportReport) -> None:
    for name, fault in report.unreadable.items():
        click.echo(f"  {name}: {fault}")
    for name, problems in {**report.faulty, **report.refused}.items():
        for problem in problems:
            click.echo(f"  {name}: {_place(problem)}{_rulebook().gate.sentence(problem, 'en')}")


def _place(problem: Problem) -> str:
    return f"{problem.where} line {problem.line}: " if problem.line else ""


def _row(article: Any) -> dict[str, Any]:
    return {"slug": article.slug, "lang": article.language, "causes": list(article.causes)}


def _rulebook() -> Rulebook:
    return cast("Rulebook", current_app.extensions["rulebook"])


def _settings() -> Settings:
    return cast("Settings", current_app.extensions["settings"])
