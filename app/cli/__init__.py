"""The command line: `flask …`."""

from __future__ import annotations

from flask import Flask

from app.cli.diagnose import diagnose_group
from app.cli.kb import kb_group
from app.cli.keys import keys_group
from app.cli.logs import logs_group
from app.cli.mail import mail_group
from app.cli.match import match_group
from app.cli.redact import redact_group
from app.cli.rules import rules_group
from app.cli.search import search_group
from app.cli.setup import setup_command
from app.cli.start import start_command
from app.cli.timed_work import jobs_group
from app.cli.users import users_group

COMMANDS = (
    setup_command,
    start_command,
    users_group,
    logs_group,
    keys_group,
    kb_group,
    redact_group,
    mail_group,
    match_group,
    diagnose_group,
    rules_group,
    search_group,
    jobs_group,
)


def register(app: Flask) -> None:
    """Attach every command."""
    for command in COMMANDS:
        app.cli.add_command(command)
