"""`flask mail`: take an e-mail from a pipe."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.mail_message import LARGEST
from app.core.sealed_text import Sealer
from app.operations.mail_in import Desk, receive

TRY_LATER = 75  # what mail servers understand as "keep it and try again"


@click.group("mail")
def mail_group() -> None:
    """E-mail that comes in."""


@mail_group.command("receive")
@with_appcontext
def receive_command() -> None:
    """Take one e-mail from standard input and say what became of it; for a mail server's pipe."""
    settings, extensions = current_app.extensions["settings"], current_app.extensions
    if not settings.mail_from:
        raise click.ClickException("GATEDESK_MAIL_FROM is not set: nothing can be known as an answer to this desk")
    desk = Desk(settings, extensions["rulebook"], extensions["log_store"], Sealer(settings.secret_key))
    try:
        click.echo(receive(sys.stdin.buffer.read(LARGEST + 1), desk, datetime.now(UTC)))
    except Exception as error:  # noqa: BLE001 - no word of the message may end in a mail server's log
        click.echo(f"failed: {type(error).__name__}", err=True)
        sys.exit(TRY_LATER)
