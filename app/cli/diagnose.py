"""`flask diagnose`: JSON lines of reports in, JSON lines of causes and questions out, in the same order."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.diagnosis import Diagnosis, diagnose
from app.core.evidence import Evidence
from app.core.rulebook import Rulebook


@click.command("diagnose")
@with_appcontext
def diagnose_command() -> None:
    """Read reports {id, client, model, status, error_text, gateway} from standard input and print their causes."""
    rulebook: Rulebook = current_app.extensions["rulebook"]
    for line in sys.stdin:
        if line.strip():
            report = json.loads(line)
            click.echo(
                json.dumps({"id": report.get("id"), **answer(diagnose(_evidence(report, rulebook), rulebook.causes))}, ensure_ascii=False)
            )


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
