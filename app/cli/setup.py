"""Make the desk ready: schema, log store, knowledge base, demo data or the first owner."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from app.core.roles import Role
from app.operations import accounts
from app.operations.kb_files import import_kb
from app.operations.setup import desk_is_empty, fill_demo
from app.settings import Settings
from app.store import users


def make_ready() -> None:
    """Bring every schema up to date and load changed knowledge-base files; safe at every start."""
    settings: Settings = current_app.extensions["settings"]
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    current_app.extensions["log_store"].prepare()
    upgrade()
    import_kb(settings.kb_dir, current_app.extensions["rulebook"], datetime.now(UTC))


@click.command("setup")
@with_appcontext
def setup_command() -> None:
    """Migrate, load kb/, and fill an empty desk with demo data (or print the first owner's link)."""
    settings: Settings = current_app.extensions["settings"]
    make_ready()
    if settings.demo != "off" and desk_is_empty():
        _fill_with_demo(settings)
    elif not settings.is_demo and not users.any_owner():
        click.echo(f"First owner: open this link once, within three days, to set a password:\n  {first_owner_link(settings)}")


def first_owner_link(settings: Settings) -> str:
    """Make the account `owner` and its one-time link."""
    now = datetime.now(UTC)
    redactor = current_app.extensions["rulebook"].redactor
    owner = users.by_name("owner") or accounts.create_account("owner", "Owner", Role.OWNER, redactor, now)
    return f"{settings.public_url}/welcome/{accounts.invite(owner, now)}"


def _fill_with_demo(settings: Settings) -> None:
    """A generated week, its tickets, one account per role."""
    click.echo("The desk is empty: filling it with a generated week (GATEDESK_DEMO=off starts without).")
    fill_demo(settings, current_app.extensions["rulebook"], current_app.extensions["log_store"], datetime.now(UTC))
    settings.demo_marker.touch()
    click.echo("Demo mode: the sign-in page offers one account per role.")
