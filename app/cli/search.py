"""`flask search`: the desk's search index."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.operations.desk_search import rebuild_search


@click.group("search")
def search_group() -> None:
    """The search over tickets, replies and notes."""


@search_group.command("rebuild")
@with_appcontext
def rebuild_command() -> None:
    """Index every ticket, reply and note anew; needed only after the database was changed by other means."""
    click.echo(f"{rebuild_search():,} texts")
