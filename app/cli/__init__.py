"""The command line: `flask …`."""

from __future__ import annotations

from flask import Flask

from app.cli.logs import logs_group


def register(app: Flask) -> None:
    """Attach every command."""
    app.cli.add_command(logs_group)
