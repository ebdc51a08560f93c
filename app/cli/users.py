"""`flask users`: accounts from the command line."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.roles import Role
from app.operations import accounts
from app.store import users


@click.group("users")
def users_group() -> None:
    """Accounts."""


@users_group.command("create")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--display-name", default="")
@with_appcontext
def create(name: str, role: str, display_name: str) -> None:
    """Make an account and print its one-time link."""
    try:
        user = accounts.create_account(name, display_name, Role(role), current_app.extensions["rulebook"].redactor, datetime.now(UTC))
    except accounts.AccountError as error:
        raise click.ClickException(error.code) from error
    click.echo(_link(accounts.invite(user, datetime.now(UTC))))


@users_group.command("link")
@click.argument("name")
@with_appcontext
def link(name: str) -> None:
    """Print a new one-time link for an account."""
    user = users.by_name(name)
    if user is None:
        raise click.ClickException("no such account")
    click.echo(_link(accounts.invite(user, datetime.now(UTC))))


@users_group.command("list")
@with_appcontext
def list_users() -> None:
    """Name, role and state of every account."""
    for user in users.everyone():
        click.echo(f"{user.name}\t{user.role}\t{'active' if user.is_active else 'disabled'}")


def _link(token: str) -> str:
    """The address behind which a password is set."""
    return f"{current_app.extensions['settings'].public_url}/welcome/{token}"
