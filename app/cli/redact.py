"""`flask redact`: JSON lines in, redacted JSON lines with findings out."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO, TextIO

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.redaction import Redactor


@click.command("redact")
@with_appcontext
def redact_command() -> None:
    """Redact JSON lines {"id", "text"} from standard input, one answer per line, in order."""
    redactor: Redactor = current_app.extensions["rulebook"].redactor
    redact_lines(redactor, sys.stdin.buffer, sys.stdout)


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
