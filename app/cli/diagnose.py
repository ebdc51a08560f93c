"""`flask diagnose`: reports in, causes and questions out; how often that was right; and cases from tickets."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.accuracy_text import accuracy_lines
from app.core.diagnosis import Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.rulebook import Rulebook
from app.operations.diagnosis import NotConfirmed, accuracy, keep_case
from app.settings import PROJECT_ROOT
from app.store import tickets

CASES = PROJECT_ROOT / "tests" / "cases" / "confirmed.jsonl"


@click.group("diagnose", invoke_without_command=True)
@click.pass_context
@with_appcontext
def diagnose_group(context: click.Context) -> None:
    """Read reports {id, client, model, status, error_text, gateway} from standard input and print their causes."""
    if context.invoked_subcommand is not None:
        return
    rulebook: Rulebook = current_app.extensions["rulebook"]
    for line in sys.stdin:
        if line.strip():
            report = json.loads(line)
            click.echo(
                json.dumps({"id": report.get("id"), **answer(diagnose(_evidence(report, rulebook), rulebook.causes))}, ensure_ascii=False)
            )


@diagnose_group.command("report")
@with_appcontext
def report_command() -> None:
    """Say how often the desk was right on tickets whose cause a person confirmed, and how sure it was."""
    for line in accuracy_lines(accuracy()):
        click.echo(line)


@diagnose_group.command("case")
@click.argument("ticket", type=int)
@click.option(
    "--file", "path", type=click.Path(dir_okay=False, path_type=Path), default=CASES, help="The case file; a line is added to it."
)
@with_appcontext
def case_command(ticket: int, path: Path) -> None:
    """Keep a confirmed ticket as a case that later rules must tell right. Texts are redacted and fit for the public."""
    found = tickets.by_id(ticket)
    if found is None:
        raise click.ClickException(f"there is no ticket {ticket}")
    try:
        added = keep_case(found, current_app.extensions["rulebook"], current_app.extensions["log_store"], path)
    except NotConfirmed:
        raise click.ClickException(f"nobody has confirmed the cause of ticket {ticket} yet") from None
    except OSError as fault:
        raise click.ClickException(f"{path} cannot be written: {fault.strerror}") from None
    click.echo(f"{'added to' if added else 'already in'} {path}: {found.cause}")


def answer(diagnosis: Diagnosis) -> dict[str, Any]:
    """Write a diagnosis as plain data."""
    return {
        "causes": [{"cause": score.cause, "confidence": round(score.confidence, 4)} for score in diagnosis.causes],
        "ask": list(diagnosis.ask),
    }


def _evidence(report: dict[str, Any], rulebook: Rulebook) -> Evidence:
    """Read a report as evidence; its text is redacted before anything else reads it."""
    status = report.get("status")
    return Evidence(
        client=report.get("client"),
        model=report.get("model"),
        status_code=int(status) if isinstance(status, int | str) and str(status).isdigit() else None,
        error_text=rulebook.redactor.clean(report.get("error_text") or ""),
        gateway=report.get("gateway"),
    )
