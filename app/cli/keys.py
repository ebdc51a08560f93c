"""`flask keys`: what is known of the gateway's keys, from its log and from its own lists."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.gateway_page import GatewayError
from app.core.key_snapshot import SnapshotError
from app.operations.keys import rebuild_keys, refresh_keys, take_snapshot
from app.store.gateway_log import Gateway, GatewayConnection

FORMATS = {"litellm": "litellm", "newapi": "new_api"}


@click.group("keys")
def keys_group() -> None:
    """The gateway's keys: seen in the log, or told by the gateway's own lists."""


@keys_group.command("snapshot")
@click.argument("place")
@click.option("--format", "kind", type=click.Choice(sorted(FORMATS)), required=True, help="Whose list it is.")
@click.option("--teams", help="LiteLLM's list of teams, to name a key's group by: a file or an address.")
@with_appcontext
def snapshot_command(place: str, kind: str, teams: str | None) -> None:
    """Read a list of keys or models at PLACE, a file or an http(s) address, and keep what is allowed of it.

    LiteLLM: /key/list?return_full_object=true, /model/info; --teams /team/list. New API: /api/token/, /v1/models.
    An address is asked with GATEDESK_PULL_TOKEN (and GATEDESK_PULL_USER).
    """
    here = current_app.extensions
    try:
        bodies = [_body(where, FORMATS[kind]) if where else None for where in (place, teams)]
        learnt = take_snapshot(
            bodies[0] or b"", FORMATS[kind], here["rulebook"].redactor, here["settings"].pepper, datetime.now(UTC), bodies[1]
        )
    except (SnapshotError, GatewayError) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"{learnt.keys} keys, {learnt.new_keys} of them new; {learnt.models} models")


@keys_group.command("refresh")
@click.option("--all", "everything", is_flag=True, help="Read the whole log, not only what is new.")
@with_appcontext
def refresh_command(everything: bool) -> None:
    """Read the log for its keys, as the worker does every ten minutes."""
    store, redactor = current_app.extensions["log_store"], current_app.extensions["rulebook"].redactor
    new = rebuild_keys(store, redactor) if everything else refresh_keys(store, redactor, datetime.now(UTC))
    click.echo(f"{new} new keys")


def _body(place: str, kind: str) -> bytes:
    """What stands at a place. An error never quotes it."""
    parts = urlsplit(place)
    if parts.scheme in {"http", "https"}:
        return _asked(place, kind)
    try:
        return Path(place).read_bytes()
    except OSError as problem:
        raise click.ClickException(f"the file cannot be read: {type(problem).__name__}") from None


def _asked(address: str, kind: str) -> bytes:
    """The gateway's answer; credentials come from the settings, never from the address."""
    parts, settings = urlsplit(address), current_app.extensions["settings"]
    if parts.username or parts.password:
        raise click.ClickException("an address carries no credentials: set GATEDESK_PULL_TOKEN")
    port = f":{parts.port}" if parts.port else ""
    connection = GatewayConnection(Gateway(kind, f"{parts.scheme}://{parts.hostname}{port}", settings.pull_token, settings.pull_user))
    try:
        return connection.page(parts.path + (f"?{parts.query}" if parts.query else ""))
    finally:
        connection.close()
