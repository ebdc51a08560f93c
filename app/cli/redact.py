"""`flask redact`: JSON lines in, redacted JSON lines with findings out; `flask redact scan`: read what is stored again."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import BinaryIO, TextIO

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.core.redaction import Redactor
from app.operations.rescan import Rescan, rescan


@click.group("redact", cls=AppGroup, invoke_without_command=True)
@click.pass_context
@with_appcontext
def redact_group(context: click.Context) -> None:
    """Redact JSON lines {"id", "text"} from standard input, one answer per line, in order."""
    if context.invoked_subcommand is None:
        redactor: Redactor = current_app.extensions["rulebook"].redactor
        redact_lines(redactor, sys.stdin.buffer, sys.stdout)


@redact_group.command("scan")
@click.option("--fix", is_flag=True, help="Hide what slipped by, with an audit entry for each row.")
def scan_command(fix: bool) -> None:
    """Read everything stored with today's rules; exit code 1 when something slipped by and is still there."""
    kept = current_app.extensions
    report = rescan(kept["rulebook"], kept["log_store"], kept["settings"].kb_dir, datetime.now(UTC), fix=fix)
    _say(report)
    sys.exit(1 if report.left else 0)


def _say(report: Rescan) -> None:
    """One line for each slip, tab-separated: table, column, row, rule, count, what was done. Then the sum."""
    for slip in report.slips:
        click.echo("\t".join((slip.place, slip.column, slip.row, slip.rule, str(slip.count), "fixed" if slip.fixed else "found")))
    click.echo(f"read {report.texts} texts: {len(report.slips)} found, {len(report.slips) - len(report.left)} fixed", err=True)


def redact_lines(redactor: Redactor, lines: BinaryIO, out: TextIO) -> None:
    """Answer every line as it comes. Raises click.ClickException with the line number, never with the line."""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            out.write(json.dumps(_answer(redactor, line, number), ensure_ascii=False) + "\n")
    out.flush()


def _answer(redactor: Redactor, line: bytes, number: int) -> dict[str, object]:
    """One line's clean text and findings; places count characters of the input text."""
    try:
        document = json.loads(line)
        identity, text = document["id"], document["text"]
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f'line {number} is not a JSON object with "id" and "text"') from None
    if not isinstance(text, str):
        raise click.ClickException(f'line {number}: "text" is not a string')
    redaction = redactor.redact(text)
    findings = [{"rule": f.rule, "start": f.start, "end": f.end} for f in redaction.findings]
    return {"id": identity, "text": redaction.text, "findings": findings}
