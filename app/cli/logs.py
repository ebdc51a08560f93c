"""`flask logs …`: import log files, and the tokens gateways send logs with."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.log_files import opened, pieces_of
from app.cli.logs_copy import copy_command
from app.cli.logs_detect import detect_command, found_format
from app.cli.logs_pull import pull_command
from app.cli.logs_store import STORE_COMMANDS
from app.core.body import UnreadableBody
from app.core.record import BatchOutcome
from app.operations.ingest import accept_batch
from app.operations.tokens import make_token, revoke_token
from app.store import tokens
from app.store.logs import LogStoreBusy

REJECTS_SHOWN = 10
WORTH_TWO = 4 * 2**20  # bytes on disk; a smaller file is read and stored in one process

logs_group = AppGroup("logs", help="Log files and the tokens gateways send logs with.")
tokens_group = AppGroup("tokens", help="Ingest tokens.")
logs_group.add_command(tokens_group)
logs_group.add_command(detect_command)
logs_group.add_command(pull_command)
logs_group.add_command(copy_command)
for command in STORE_COMMANDS:
    logs_group.add_command(command)


@logs_group.command("import")
@click.option("--format", "format_name", help="Format of the files; found out when not given.")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_files(format_name: str | None, files: tuple[Path, ...]) -> None:
    """Import log FILES, plain or gzip; importing a file again changes nothing."""
    formats = current_app.extensions["formats"]
    if format_name is not None and format_name not in formats:
        raise click.BadParameter(f"choose one of {', '.join(formats)}", param_hint="--format")
    nothing_taken = 0
    for path in files:
        outcome = _import(path, format_name or found_format(path))
        _report(path, outcome)
        nothing_taken += bool(outcome.rejected) and not (outcome.accepted or outcome.duplicate)
    if nothing_taken:
        raise SystemExit(1)


@tokens_group.command("make")
@click.argument("label")
def make(label: str) -> None:
    """Make an ingest token called LABEL and show it, once."""
    token, secret = make_token(label, current_app.extensions["rulebook"].redactor, datetime.now(UTC))
    click.echo(f"Token {token.id} ({token.label}). It is shown only now:", err=True)
    click.echo(secret)


@tokens_group.command("list")
def list_tokens() -> None:
    """List every token, with its last four characters."""
    for token in tokens.everything():
        used = f"last used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used"
        ended = f", revoked {token.revoked_at:%Y-%m-%d %H:%M}" if token.revoked_at else ""
        click.echo(f"{token.id:>4}  …{token.tail}  {token.label}  made {token.created_at:%Y-%m-%d %H:%M}, {used}{ended} UTC")


@tokens_group.command("revoke")
@click.argument("token_id", type=int)
def revoke(token_id: int) -> None:
    """End the token of number TOKEN_ID at once."""
    if not revoke_token(token_id, datetime.now(UTC)):
        raise click.ClickException("there is no such token in force")
    click.echo(f"Token {token_id} is revoked.")


def _import(path: Path, format_name: str) -> BatchOutcome:
    """Import one file behind a progress bar that counts its bytes on disk, as they are read."""
    here = current_app.extensions
    redactor, pepper = here["rulebook"].redactor, here["settings"].pepper
    size = path.stat().st_size
    try:
        with opened(path) as file, click.progressbar(length=size, label=path.name, file=sys.stderr) as bar:
            pieces = pieces_of(file, size, bar.update)
            return accept_batch(
                pieces, format_name, redactor, pepper, here["log_store"], datetime.now(UTC), here["formats"], two_processes=size > WORTH_TWO
            )
    except (UnreadableBody, EOFError, OSError) as problem:
        raise click.ClickException(f"{path.name} cannot be read: {problem}") from None
    except LogStoreBusy:
        raise click.ClickException("the log store is busy; import the file again, what is stored already is kept") from None


def _report(path: Path, outcome: BatchOutcome) -> None:
    """Say what became of a file, and why lines were not taken."""
    click.echo(f"{path.name}: {outcome.accepted} accepted, {outcome.duplicate} duplicate, {outcome.rejected} rejected")
    for reject in outcome.rejects[:REJECTS_SHOWN]:
        click.echo(f"  line {reject.line}: {reject.reason}", err=True)
    if outcome.rejected > REJECTS_SHOWN:
        click.echo(f"  and {outcome.rejected - REJECTS_SHOWN} more", err=True)
